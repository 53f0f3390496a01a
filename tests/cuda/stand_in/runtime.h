// What a test may ask of the stand-in for CUDA's runtime beyond CUDA's own functions.
#pragma once

#include <cuda_runtime_api.h>

#include <cstddef>

namespace keratin::cuda::stand_in {

/// The next call of this name fails so.
void fail_next(const char* call, cudaError_t error);
/// What cudaMemGetInfo tells and cudaMalloc has, a call.
void set_free_memory(std::size_t bytes);

}  // namespace keratin::cuda::stand_in
