// What every file with device code begins with: the kernels' words, and launch(). Compiled by nvcc; by another compiler
// (tests/cuda/stand_in) the same kernels become functions of the host, thread by thread, so that what they compute is
// tested where there is no GPU. So they keep to a subset: shared memory is static, no inline assembly, no tensor cores.
#pragma once

#include <cuda_runtime_api.h>

#include <cstddef>
#include <cstdint>
#include <tuple>

#include "cuda/check.h"

#ifndef __CUDACC__
#include "stand_in/device_code.h"
#endif

namespace keratin::cuda {

/// Threads of a block where nothing else decides.
inline constexpr int block_threads = 256;
/// Threads that run in step.
inline constexpr int warp_threads = 32;
inline constexpr unsigned whole_warp = 0xffffffffu;

/// Blocks that cover n elements, one a thread; kernels stride over the rest, so more than fill any device are of no
/// use.
inline unsigned blocks_for(std::int64_t n, int threads = block_threads) {
  constexpr std::int64_t most = 4096;
  const std::int64_t blocks = (n + threads - 1) / threads;
  return static_cast<unsigned>(blocks < 1 ? 1 : blocks > most ? most : blocks);
}

#ifdef __CUDACC__
/// Enqueues kernel(arguments…) for a grid of blocks.
template <class... Parameters, class... Arguments>
void launch(void (*kernel)(Parameters...), dim3 grid, dim3 block, cudaStream_t stream, Arguments&&... arguments) {
  std::tuple<Parameters...> values(static_cast<Parameters>(arguments)...);
  std::apply(
      [&](auto&... value) {
        void* addresses[] = {static_cast<void*>(&value)..., nullptr};
        KERATIN_CUDA_CHECK(cudaLaunchKernel(reinterpret_cast<const void*>(kernel), grid, block, addresses, 0, stream));
      },
      values);
}
#endif

}  // namespace keratin::cuda
