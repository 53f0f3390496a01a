// The vendor's functions that this process uses. The tests' stand-in for CUDA brings definitions of its own.
#include "cuda/cublaslt/library.h"
#include "cuda/elementwise/nvrtc.h"

namespace keratin::cuda {

const CublasLt& cublaslt() {
  static const CublasLt functions = load_cublaslt();
  return functions;
}

const Nvrtc& nvrtc() {
  static const Nvrtc functions = load_nvrtc();
  return functions;
}

}  // namespace keratin::cuda
