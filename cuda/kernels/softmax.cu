// Softmax along one axis.
#include "cuda/device_code.cuh"
#include "cuda/softmax_rows.cuh"

#include "ops/softmax.h"

#include <type_traits>

#include "base/convert.h"
#include "cuda/kernels/kernels.h"

namespace keratin::cuda {
namespace {

template <class T> __global__ void softmax(Lines lines, const T* z, T* p) {  // both (count, length), by lines
  __shared__ T shared[block_threads];
  const Tile& tile = lines.tile;
  const std::int64_t stride = static_cast<std::int64_t>(gridDim.x) * tile.results;
  for (std::int64_t from = static_cast<std::int64_t>(blockIdx.x) * tile.results; from < lines.count; from += stride) {
    const std::int64_t line = from + tile.result(), n = line < lines.count ? lines.length : 0;
    const std::int64_t first = lines.first(line);
    const Exponentials<T> all = exponentials_of(z + first, n, lines.step, tile, shared);
    const T scale = T(1) / all.sum;
    for (std::int64_t c = tile.slice(); c < n; c += tile.slices) {
      const std::int64_t at = first + c * lines.step;
      p[at] = Exp(z[at] - all.top) * scale;
    }
  }
}

}  // namespace

KernelPlan plan_softmax(const KernelRequest& request, const Planning&) {
  const Shape& shape = request.inputs[0].shape;
  if (shape.size() == 0) return make_kernel([](const KernelArguments&, cudaStream_t) {});
  const Lines lines = lines_along(shape, static_cast<const Softmax&>(request.op).axis());
  return with_type(request.inputs[0].dtype, [&](auto tag) -> KernelPlan {
    using T = decltype(tag);
    if constexpr (std::is_floating_point_v<T>)
      return make_kernel([lines](const KernelArguments& arguments, cudaStream_t stream) {
        launch(softmax<T>, lines.grid(), block_threads, stream, lines, arguments.input<T>(0), arguments.output<T>(0));
      });
    else
      return {};
  });
}

}  // namespace keratin::cuda
