// KERATIN_CUDA_CHECK(call): what CUDA's runtime refuses becomes a DeviceError with the call and the code.
#pragma once

#include <cuda_runtime_api.h>

namespace keratin::cuda {

/// Throws DeviceError unless the call, of this text, gave cudaSuccess.
void check(cudaError_t status, const char* call);

}  // namespace keratin::cuda

#define KERATIN_CUDA_CHECK(call) ::keratin::cuda::check((call), #call)
