// cuBLASLt, NVIDIA's matrix products: opened when it is first of use, for it is large and may be missing.
#pragma once

#include <cublasLt.h>

#include "cuda/libraries.h"

namespace keratin::cuda {

/// The functions of cuBLASLt that we call.
struct CublasLt {
  decltype(&cublasLtGetStatusName) status_name;
  decltype(&cublasLtGetStatusString) status_string;
  decltype(&cublasLtCreate) create;
  decltype(&cublasLtDestroy) destroy;
  decltype(&cublasLtMatmulDescCreate) operation_create;
  decltype(&cublasLtMatmulDescDestroy) operation_destroy;
  decltype(&cublasLtMatmulDescSetAttribute) operation_set;
  decltype(&cublasLtMatrixLayoutCreate) layout_create;
  decltype(&cublasLtMatrixLayoutDestroy) layout_destroy;
  decltype(&cublasLtMatrixLayoutSetAttribute) layout_set;
  decltype(&cublasLtMatmulPreferenceCreate) preference_create;
  decltype(&cublasLtMatmulPreferenceDestroy) preference_destroy;
  decltype(&cublasLtMatmulPreferenceSetAttribute) preference_set;
  decltype(&cublasLtMatmulAlgoGetHeuristic) algorithms;
  decltype(&cublasLtMatmul) matmul;
};

/// The library. Throws UnsupportedError if it is not there.
OpenLibrary open_cublaslt();
/// Its functions. Throws UnsupportedError if it is not there, or lacks one.
CublasLt load_cublaslt();

/// Those that this process multiplies with. Throws UnsupportedError if there are none. The tests' stand-in for CUDA
/// brings a definition of its own.
const CublasLt& cublaslt();

/// Throws DeviceError unless the call, of this name, succeeded.
void check(const CublasLt& cublaslt, cublasStatus_t status, const char* call);

}  // namespace keratin::cuda
