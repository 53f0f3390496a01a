// The words of device code for a compiler of the host: a kernel becomes a function that is run once for each thread of
// each block, the threads of a block as fibers of one host thread, so that __syncthreads() and shuffles mean what they
// mean on a GPU and every run is the same. Blocks run one after another. Included by cuda/device_code.cuh.
#pragma once

#include <cuda_runtime_api.h>
#include <vector_functions.h>

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <functional>
#include <utility>

#undef __global__
#undef __device__
#undef __host__
#undef __shared__
#undef __constant__
#undef __forceinline__
#undef __launch_bounds__
#define __global__
#define __device__
#define __host__
#define __shared__ static  // one block at a time
#define __constant__
#define __forceinline__ inline
#define __launch_bounds__(...)

namespace keratin::cuda::stand_in {

/// Where the running thread is in its grid; set by the scheduler before it is resumed.
struct Place {
  uint3 thread, block;
  dim3 block_size, grid_size;
};
extern Place place;

/// Every thread of the block waits for all others (that have not returned).
void wait_for_block();
/// Every thread of a warp hands in `own` and gets what `of`'s lane handed in.
std::uint64_t exchange(std::uint64_t own, int of_lane);
/// The running thread's number in its block.
int thread_number();

/// Runs the body for every thread of every block; at once, or when the graph is launched if the stream is captured.
void launch(std::function<void()> body, dim3 grid, dim3 block, cudaStream_t stream);

template <class T> T shuffled(T value, int lane) {
  static_assert(sizeof(T) <= sizeof(std::uint64_t));
  std::uint64_t bits = 0;
  std::memcpy(&bits, &value, sizeof value);
  bits = exchange(bits, lane);
  std::memcpy(&value, &bits, sizeof value);
  return value;
}

}  // namespace keratin::cuda::stand_in

#define threadIdx (::keratin::cuda::stand_in::place.thread)
#define blockIdx (::keratin::cuda::stand_in::place.block)
#define blockDim (::keratin::cuda::stand_in::place.block_size)
#define gridDim (::keratin::cuda::stand_in::place.grid_size)

inline void __syncthreads() { keratin::cuda::stand_in::wait_for_block(); }
template <class T> T __shfl_sync(unsigned, T value, int lane) { return keratin::cuda::stand_in::shuffled(value, lane); }
template <class T> T __shfl_xor_sync(unsigned, T value, int mask) {
  return keratin::cuda::stand_in::shuffled(value, (keratin::cuda::stand_in::thread_number() % 32) ^ mask);
}
template <class T> T __shfl_down_sync(unsigned, T value, unsigned delta) {
  const int lane = keratin::cuda::stand_in::thread_number() % 32 + static_cast<int>(delta);
  return keratin::cuda::stand_in::shuffled(value, lane < 32 ? lane : lane - static_cast<int>(delta));
}
template <class T> T atomicAdd(T* to, T value) { return std::exchange(*to, static_cast<T>(*to + value)); }
template <class T> T __ldg(const T* from) { return *from; }

namespace keratin::cuda {

template <class... Parameters, class... Arguments>
void launch(void (*kernel)(Parameters...), dim3 grid, dim3 block, cudaStream_t stream, Arguments&&... arguments) {
  stand_in::launch([kernel, values = std::tuple<Parameters...>(
                                static_cast<Parameters>(arguments)...)] { std::apply(kernel, values); },
                   grid, block, stream);
}

}  // namespace keratin::cuda
