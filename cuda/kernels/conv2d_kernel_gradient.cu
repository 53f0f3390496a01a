// Conv2DKernelGradient: a product of what the window sees, turned over, with the gradient. Its sums are over all
// positions of all images: blocks share them in parts that the shapes alone fix, and a second launch puts the parts
// together, always in one order.
#include "cuda/image_product.cuh"
#include "cuda/reduce_block.cuh"

#include <algorithm>

#include "cuda/kernels/kernels.h"

namespace keratin::cuda {
namespace {

/// The positions of all images, shared out.
struct Parts {
  std::int64_t count, length;
};

/// A block: of a group a tile, and of the positions a part. to (parts, window, depth, filters).
template <class T, class Tiles>
__global__ void __launch_bounds__(block_threads)
    correlate(ImageProduct product, std::int64_t part_length, const T* x, const T* g, T* to) {
  __shared__ T a_tile[Tiles::a_numbers];               // (positions, window and depth)
  __shared__ T b_tile[Tiles::b_numbers];               // (positions, filters)
  __shared__ Element elements[unsigned{Tiles::rows}];  // of the window and depth
  __shared__ Place places[unsigned{Tiles::depth}];
  const View view = view_of(product, 0);
  const int thread = static_cast<int>(threadIdx.x), tile = static_cast<int>(blockIdx.x);
  const auto down = static_cast<int>(tiles_along(view.k, Tiles::rows));
  const auto across = static_cast<int>(tiles_along(product.width, Tiles::columns));
  const int group = tile / across / down, first_column = tile % across * Tiles::columns;
  const int first_row = tile / across % down * Tiles::rows;
  const std::int64_t begin = static_cast<std::int64_t>(blockIdx.y) * part_length;
  const std::int64_t end = begin + part_length < view.pixels ? begin + part_length : view.pixels;
  const T* const group_x = x + group * product.depth;
  const T* const group_g = g + group * product.width + first_column;  // (positions, filters)
  for (int i = thread; i < Tiles::rows; i += block_threads) elements[i] = element_of(product, view, first_row + i);
  if (thread < Tiles::depth) places[thread] = place_of(product, view, begin + thread);
  __syncthreads();
  ProductSums<T, Tiles> sums;
  for (std::int64_t first = begin; first < end; first += Tiles::depth) {
    const int steps = end - first < Tiles::depth ? static_cast<int>(end - first) : Tiles::depth;
    fill_tile<Tiles::rows, Tiles::depth>(
        a_tile, product.depth < 8, [&](int i, int kk) { return seen(product, group_x, places[kk], elements[i]); });
    fill_tile<Tiles::columns, Tiles::depth>(b_tile, false, [&](int j, int kk) {
      const bool inside = first_column + j < product.width && kk < steps;
      return inside ? group_g[(first + kk) * product.made_channels() + j] : T(0);
    });
    __syncthreads();
    if (thread < Tiles::depth) places[thread] = place_of(product, view, first + Tiles::depth + thread);
    sums.add(a_tile, b_tile, steps);
    __syncthreads();
  }
  T* const part = to + blockIdx.y * (static_cast<std::int64_t>(view.k) * product.made_channels());
  for (int i = 0; i < Tiles::each_row && first_row + sums.row(i) < view.k; ++i)
    for (int j = 0; j < Tiles::each_column; ++j)
      if (const int column = first_column + sums.column(j); column < product.width)
        part[elements[sums.row(i)].kernel + group * product.kernel_group + column] = sums.value[i][j];
}

/// Of groups so narrow that tiles would be nearly empty: results side by side, and positions shared among threads.
template <class T>
__global__ void __launch_bounds__(block_threads)
    correlate_narrow(ImageProduct product, Tile tile, std::int64_t part_length, const T* x, const T* g, T* to) {
  __shared__ T shared[block_threads];
  const View view = view_of(product, 0);
  const std::int64_t filters = product.made_channels(), results = view.k * filters;
  const std::int64_t begin = static_cast<std::int64_t>(blockIdx.y) * part_length;
  const std::int64_t end = begin + part_length < view.pixels ? begin + part_length : view.pixels;
  const std::int64_t own = static_cast<std::int64_t>(blockIdx.x) * tile.results + tile.result();
  T sum = T(0);
  if (own < results) {
    const std::int64_t k = quotient(own, filters);
    const auto filter = static_cast<int>(own - k * filters);
    const Element element = element_of(product, view, static_cast<int>(k));
    const T* const group_x = x + filter / product.width * product.depth;
    for (std::int64_t position = begin + tile.slice(); position < end; position += tile.slices)
      sum += seen(product, group_x, place_of(product, view, position), element) * g[position * filters + filter];
  }
  sum = combine_slices<Sum<T>>(sum, tile, shared);
  if (own < results && tile.slice() == 0) to[static_cast<std::int64_t>(blockIdx.y) * results + own] = sum;
}

/// partial (parts, results) → to (results).
template <class T>
__global__ void __launch_bounds__(block_threads)
    put_together(Tile tile, std::int64_t parts, std::int64_t results, const T* partial, T* to) {
  __shared__ T shared[block_threads];
  const std::int64_t own = static_cast<std::int64_t>(blockIdx.x) * tile.results + tile.result();
  Accumulator<Sum<T>, T> sum;
  if (own < results)
    for (std::int64_t part = tile.slice(); part < parts; part += tile.slices) sum.add(partial[part * results + own]);
  const T all = combine_slices<Sum<T>>(sum.result(), tile, shared);
  if (own < results && tile.slice() == 0) to[own] = all;
}

using SquareTiles = ProductTiling<64, 64, 16, 16>;
using NarrowTiles = ProductTiling<64, 16, 32, 8>;
using SmallTiles = ProductTiling<16, 16, 64, 16>;

std::int64_t rows_of(const ImageProduct& product) {
  return std::int64_t{product.rows.size} * product.columns.size * product.depth;
}
std::int64_t results_of(const ImageProduct& product) { return rows_of(product) * product.made_channels(); }

/// Parts for so many blocks each. Multiples of a tile's depth.
Parts parts_for(const ImageProduct& product, std::int64_t blocks) {
  constexpr std::int64_t enough_blocks = 1 << 9, worth_a_block = 256;  // they fill any device; positions
  constexpr int step = 64;
  const std::int64_t positions = product.made_pixels();
  const std::int64_t wanted =
      std::clamp<std::int64_t>(positions / worth_a_block, 1, std::max(enough_blocks / blocks, std::int64_t{1}));
  const std::int64_t steps = tiles_along(tiles_along(positions, static_cast<int>(wanted)), step);
  const std::int64_t length = std::max<std::int64_t>(steps, 1) * step;
  return {std::max<std::int64_t>((positions + length - 1) / length, 1), length};
}

/// The kernel of start(to, x, g, stream), which makes (parts, results), and of what puts them together.
template <class T, class Start>
KernelPlan plan_of(const ImageProduct& product, const Parts& parts, const Start& start) {
  const std::int64_t results = results_of(product);
  if (parts.count == 1)
    return make_kernel([start](const KernelArguments& arguments, cudaStream_t stream) {
      start(arguments.output<T>(0), arguments.input<T>(0), arguments.input<T>(1), stream);
    });
  const Tile tile = tile_of(results, parts.count, false);
  const dim3 grid(static_cast<unsigned>(tiles_along(results, tile.results)));
  return make_kernel(
      [start, tile, grid, results, count = parts.count](const KernelArguments& arguments, cudaStream_t stream) {
        T* const partial = static_cast<T*>(arguments.workspace);
        start(partial, arguments.input<T>(0), arguments.input<T>(1), stream);
        launch(put_together<T>, grid, block_threads, stream, tile, count, results, partial, arguments.output<T>(0));
      },
      static_cast<std::size_t>(parts.count * results) * sizeof(T));
}

template <class T, class Tiles> KernelPlan plan_tiles(const ImageProduct& product) {
  const std::int64_t tiles =
      tiles_along(rows_of(product), Tiles::rows) * tiles_along(product.width, Tiles::columns) * product.groups;
  const Parts parts = parts_for(product, tiles);
  const dim3 grid(static_cast<unsigned>(tiles), static_cast<unsigned>(parts.count));
  return plan_of<T>(product, parts, [product, grid, length = parts.length](T* to, const T* x, const T* g, auto stream) {
    launch(correlate<T, Tiles>, grid, block_threads, stream, product, length, x, g, to);
  });
}

template <class T> KernelPlan plan_narrow(const ImageProduct& product) {
  const Tile tile = tile_of(results_of(product), product.made_pixels(), false);
  const std::int64_t blocks = tiles_along(results_of(product), tile.results);
  const Parts parts = parts_for(product, blocks);
  const dim3 grid(static_cast<unsigned>(blocks), static_cast<unsigned>(parts.count));
  return plan_of<T>(product, parts,
                    [product, tile, grid, length = parts.length](T* to, const T* x, const T* g, auto stream) {
                      launch(correlate_narrow<T>, grid, block_threads, stream, product, tile, length, x, g, to);
                    });
}

template <class T> KernelPlan plan(const ImageProduct& product) {
  if (product.narrow()) return plan_narrow<T>(product);
  if (rows_of(product) <= 2 * SmallTiles::rows) return plan_tiles<T, SmallTiles>(product);
  if (product.width <= 2 * NarrowTiles::columns) return plan_tiles<T, NarrowTiles>(product);
  return plan_tiles<T, SquareTiles>(product);
}

}  // namespace

KernelPlan plan_conv2d_kernel_gradient(const KernelRequest& request, const Planning&) {
  const auto& op = static_cast<const Conv2DKernelGradient&>(request.op);
  const Shape &x = request.inputs[0].shape, &y = request.inputs[1].shape, &kernel = request.outputs[0].shape;
  if (kernel.size() == 0) return make_kernel([](const KernelArguments&, cudaStream_t) {});
  if (!is_countable(op, x, kernel)) return {};
  const ImageProduct product = image_product(op, x, kernel, y);
  if (request.inputs[0].dtype == float32) return plan<float>(product);
  if (request.inputs[0].dtype == float64) return plan<double>(product);
  return {};
}

}  // namespace keratin::cuda
