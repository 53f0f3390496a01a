#include "cuda/check.h"

#include "base/check.h"

namespace keratin::cuda {

void check(cudaError_t status, const char* call) {
  if (status == cudaSuccess) return;
  cudaGetLastError();  // or somebody's next call would report it once more
  throw DeviceError(concat("cuda: expected ", call, " to succeed, got ", cudaGetErrorName(status), " (",
                           static_cast<int>(status), "): ", cudaGetErrorString(status)));
}

}  // namespace keratin::cuda
