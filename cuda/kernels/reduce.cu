// ReduceSum, ReduceMax, ReduceMin, ReduceProd over any set of axes. One launch; a second puts together what several
// blocks have of a result where there are few results of many terms.
#include "cuda/device_code.cuh"
#include "cuda/reduce_block.cuh"

#include "ops/reduce.h"

#include <algorithm>
#include <array>
#include <optional>
#include <vector>

#include "base/convert.h"
#include "base/strided_axes.h"
#include "cuda/kernels/kernels.h"

namespace keratin::cuda {
namespace {

constexpr int most_axes = 8;

/// An axis list to walk over, outermost first, in what is read and in what is made.
struct Walk {
  std::int64_t size = 1;
  int count = 0;
  std::int64_t extents[most_axes] = {}, from[most_axes] = {}, to[most_axes] = {};

  bool full() const { return count == most_axes; }
  void add(std::int64_t extent, std::int64_t from_stride, std::int64_t to_stride) {
    size *= extent;
    extents[count] = extent, from[count] = from_stride, to[count] = to_stride;
    ++count;
  }
  /// Elements before the index-th.
  __device__ std::int64_t offset_from(std::int64_t index) const { return offset<false>(index); }
  __device__ std::int64_t offset_to(std::int64_t index) const { return offset<true>(index); }

 private:
  template <bool made> __device__ std::int64_t offset(std::int64_t index) const {
    std::int64_t sum = 0;
    for (int i = count - 1; i > 0; --i) {
      const std::int64_t outer = quotient(index, extents[i]);
      sum += (index - outer * extents[i]) * (made ? to[i] : from[i]);
      index = outer;
    }
    return count == 0 ? 0 : sum + index * (made ? to[0] : from[0]);
  }
  /// Of numbers that are not negative. A division of 64 bits takes many times that of 32.
  __device__ static std::int64_t quotient(std::int64_t a, std::int64_t b) {
    if ((a | b) >> 32 != 0) return a / b;
    return static_cast<std::int64_t>(static_cast<std::uint32_t>(a) / static_cast<std::uint32_t>(b));
  }
};

struct Layout {
  Walk kept, reduced;
  Tile tile = {};
  std::int64_t parts = 1;  // of the terms, each for another block
  std::int64_t part = 0;   // terms
};

/// A thread's share of a result's terms.
template <class R, class T>
__device__ T own_terms(const Walk& reduced, const T* x, std::int64_t begin, std::int64_t end, int step) {
  Accumulator<R, T> all;
  if (reduced.count == 1) {
    const std::int64_t stride = reduced.from[0];
    for (std::int64_t r = begin; r < end; r += step) all.add(x[r * stride]);
  } else {
    for (std::int64_t r = begin; r < end; r += step) all.add(x[reduced.offset_from(r)]);
  }
  return all.result();
}

/// Of each kept index all terms of the block's part. y (parts, kept) where there are several.
template <class R, class T> __global__ void reduce(Layout layout, const T* x, T* y) {
  __shared__ T shared[block_threads];
  const Tile& tile = layout.tile;
  const std::int64_t results = layout.kept.size, part = static_cast<std::int64_t>(blockIdx.y);
  const std::int64_t begin = part * layout.part + tile.slice();
  const std::int64_t end = part + 1 < layout.parts ? (part + 1) * layout.part : layout.reduced.size;
  const std::int64_t stride = static_cast<std::int64_t>(gridDim.x) * tile.results;
  for (std::int64_t first = static_cast<std::int64_t>(blockIdx.x) * tile.results; first < results; first += stride) {
    const std::int64_t own = first + tile.result();
    T value = R::start;
    if (own < results) value = own_terms<R>(layout.reduced, x + layout.kept.offset_from(own), begin, end, tile.slices);
    value = combine_slices<R>(value, tile, shared);
    if (own < results && tile.slice() == 0) y[part * results + layout.kept.offset_to(own)] = value;
  }
}

template <class R, class T> void launch_reduce(const Layout& layout, const T* x, T* y, cudaStream_t stream) {
  const dim3 grid(blocks_for(layout.kept.size, layout.tile.results), static_cast<unsigned>(layout.parts));
  launch(reduce<R, T>, grid, block_threads, stream, layout, x, y);
}

/// How many blocks share a result's terms: by the shape alone, as is the order.
std::int64_t parts_of(const Layout& layout) {
  constexpr std::int64_t work = 1 << 14;          // elements that are worth a block
  constexpr std::int64_t enough_blocks = 1 << 9;  // fill any device
  const std::int64_t blocks = (layout.kept.size + layout.tile.results - 1) / layout.tile.results;
  const std::int64_t elements = std::min<std::int64_t>(layout.kept.size, layout.tile.results) * layout.reduced.size;
  if (elements <= 2 * work || blocks >= enough_blocks / 2) return 1;
  return std::min((elements + work - 1) / work, (enough_blocks + blocks - 1) / blocks);
}

/// Strides of what is read, and of what is made: 0 along what is reduced. Rows lie their pitches apart.
std::array<Strides, 2> strides_of(const KernelRequest& request) {
  const auto& op = static_cast<const Reduce&>(request.op);
  const Shape& shape = request.inputs[0].shape;
  const auto rank = static_cast<std::size_t>(shape.rank());
  std::array<Strides, 2> strides{Strides(rank), Strides(rank)};
  std::int64_t read = 1, made = 1;
  bool last = true;  // of the axes of what is made
  for (int axis = shape.rank() - 1; axis >= 0; --axis) {
    const auto at = static_cast<std::size_t>(axis);
    const bool reduced = std::find(op.axes().begin(), op.axes().end(), axis) != op.axes().end();
    strides[0][at] = read;
    read = axis + 1 == shape.rank() ? request.input_pitch(0) : read * shape[axis];
    if (reduced && !op.keepdims()) continue;
    strides[1][at] = reduced ? 0 : made;
    made = last ? request.output_pitch(0) : made * (reduced ? 1 : shape[axis]);
    last = false;
  }
  return strides;
}

/// None for more axes than a kernel walks over.
std::optional<Layout> layout_of(const KernelRequest& request) {
  Layout layout;
  bool terms_adjacent = false;
  for (const StridedAxis& axis : merged_axes(request.inputs[0].shape, strides_of(request))) {
    const bool reduced = axis.strides[1] == 0;
    Walk& walk = reduced ? layout.reduced : layout.kept;
    if (walk.full()) return std::nullopt;
    walk.add(axis.extent, axis.strides[0], axis.strides[1]);
    if (axis.strides[0] == 1) terms_adjacent = reduced;
  }
  layout.tile = tile_of(layout.kept.size, layout.reduced.size, terms_adjacent);
  const std::int64_t parts = parts_of(layout);
  layout.part = (layout.reduced.size + parts - 1) / parts;
  layout.parts = parts == 1 ? 1 : (layout.reduced.size + layout.part - 1) / layout.part;
  return layout;
}

/// What puts the parts together, (parts, kept) of the first launch, whose results become dense.
Layout split(Layout& first) {
  Layout second;
  second.kept = first.kept;
  std::int64_t dense = 1;
  for (int i = first.kept.count - 1; i >= 0; --i) {
    second.kept.from[i] = first.kept.to[i] = dense;
    dense *= first.kept.extents[i];
  }
  second.reduced.add(first.parts, first.kept.size, 0);
  second.tile = tile_of(second.kept.size, first.parts, false);
  second.part = first.parts;
  return second;
}

template <class R, class T> KernelPlan plan_of(Layout layout) {
  if (layout.parts == 1)
    return make_kernel([layout](const KernelArguments& arguments, cudaStream_t stream) {
      launch_reduce<R>(layout, arguments.input<T>(0), arguments.output<T>(0), stream);
    });
  const Layout second = split(layout);
  return make_kernel(
      [layout, second](const KernelArguments& arguments, cudaStream_t stream) {
        T* const partial = static_cast<T*>(arguments.workspace);  // (parts, kept)
        launch_reduce<R>(layout, arguments.input<T>(0), partial, stream);
        launch_reduce<R>(second, static_cast<const T*>(partial), arguments.output<T>(0), stream);
      },
      static_cast<std::size_t>(layout.parts * layout.kept.size) * sizeof(T));
}

template <class T> KernelPlan plan_for(Reduction reduction, const Layout& layout) {
  switch (reduction) {
    case Reduction::sum: return plan_of<Sum<T>, T>(layout);
    case Reduction::max: return plan_of<Largest<T>, T>(layout);
    case Reduction::min: return plan_of<Smallest<T>, T>(layout);
    case Reduction::prod: return plan_of<Product<T>, T>(layout);
  }
  return {};
}

}  // namespace

KernelPlan plan_reduce(const KernelRequest& request, const Planning&) {
  const auto& op = static_cast<const Reduce&>(request.op);
  if (request.outputs[0].shape.size() == 0) return make_kernel([](const KernelArguments&, cudaStream_t) {});
  const std::optional<Layout> layout = layout_of(request);
  if (!layout) return {};
  return with_type(request.inputs[0].dtype, [&](auto tag) -> KernelPlan {
    using T = decltype(tag);
    if constexpr (std::is_arithmetic_v<T>)
      return plan_for<T>(op.reduction(), *layout);
    else
      return {};
  });
}

}  // namespace keratin::cuda
