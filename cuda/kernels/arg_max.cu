// ArgMax along one axis: the first of equals; NaN counts as the largest, as NumPy's.
#include "cuda/device_code.cuh"
#include "cuda/reduce_block.cuh"

#include "ops/arg_max.h"

#include <type_traits>

#include "base/convert.h"
#include "cuda/kernels/kernels.h"

namespace keratin::cuda {
namespace {

template <class T> struct Candidate {
  T value;
  std::int32_t index;
};

template <class T> __device__ Candidate<T> from_lane(Candidate<T> own, int mask) {
  return {cuda::from_lane(own.value, mask), cuda::from_lane(own.index, mask)};
}

struct First {
  /// Whether x comes after `best` in NumPy's order. The first NaN stays.
  template <class T> __device__ static bool better(T x, T best) { return (x > best || x != x) && best == best; }

  template <class T> __device__ static Candidate<T> combine(Candidate<T> a, Candidate<T> b) {
    if (better(a.value, b.value)) return a;
    if (better(b.value, a.value)) return b;
    return a.index < b.index ? a : b;
  }
};

template <class T> __global__ void arg_max(Lines lines, const T* x, std::int32_t* index) {  // x by lines; index (count)
  __shared__ Candidate<T> shared[block_threads];
  const Tile& tile = lines.tile;
  const std::int64_t stride = static_cast<std::int64_t>(gridDim.x) * tile.results;
  for (std::int64_t from = static_cast<std::int64_t>(blockIdx.x) * tile.results; from < lines.count; from += stride) {
    const std::int64_t own = from + tile.result();
    const T* const line = x + lines.first(own < lines.count ? own : 0);  // some line for all, so that all have one
    Candidate<T> best{line[tile.slice() * lines.step], tile.slice()};
    for (std::int64_t i = tile.slice() + tile.slices; i < lines.length; i += tile.slices) {
      const T value = line[i * lines.step];
      if (First::better(value, best.value)) best = {value, static_cast<std::int32_t>(i)};
    }
    best = combine_slices<First>(best, tile, shared);
    if (own < lines.count && tile.slice() == 0) index[own] = best.index;
  }
}

template <class T> KernelPlan plan_of(const Lines& lines) {
  return make_kernel([lines](const KernelArguments& arguments, cudaStream_t stream) {
    launch(arg_max<T>, lines.grid(), block_threads, stream, lines, arguments.input<T>(0),
           arguments.output<std::int32_t>(0));
  });
}

}  // namespace

KernelPlan plan_arg_max(const KernelRequest& request, const Planning&) {
  if (request.outputs[0].shape.size() == 0) return make_kernel([](const KernelArguments&, cudaStream_t) {});
  const Lines lines = lines_along(request.inputs[0].shape, static_cast<const ArgMax&>(request.op).axis());
  const DType stored = request.inputs[0].dtype == boolean ? uint8 : request.inputs[0].dtype;
  return with_type(stored, [&](auto tag) -> KernelPlan {
    using T = decltype(tag);
    if constexpr (std::is_arithmetic_v<T>)
      return plan_of<T>(lines);
    else
      return {};
  });
}

}  // namespace keratin::cuda
