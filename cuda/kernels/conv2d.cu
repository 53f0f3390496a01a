// Conv2D, and what its gradient by the input shares with it: products of what a window sees of images with the kernel.
// Each sum is taken in the order of the kernel, whatever the tiles' size.
#include "cuda/image_product.cuh"

#include <algorithm>

#include "cuda/kernels/kernels.h"
#include "cuda/kernels/movement.h"

namespace keratin::cuda {
namespace {

/// A tile among those of all classes and groups.
struct TileIndex {
  std::int64_t pixel;  // its first
  int column, group, of_class;
};

template <class Tiles>
__device__ TileIndex tile_at(const ImageProduct& product, std::int64_t index, std::int64_t down) {
  const std::int64_t across = tiles_along(product.width, Tiles::columns);
  const std::int64_t line = quotient(index, across), both = quotient(line, down);
  const std::int64_t of_class = quotient(both, product.groups);
  return {(line - both * down) * Tiles::rows, static_cast<int>(index - line * across) * Tiles::columns,
          static_cast<int>(both - of_class * product.groups), static_cast<int>(of_class)};
}

/// Sums of the pixels and channels that there are.
template <class T, class Tiles>
__device__ void store_sums(const ImageProduct& product, const View& view, const TileIndex& tile,
                           const ProductSums<T, Tiles>& sums, T* made) {
  for (int i = 0; i < Tiles::each_row; ++i) {
    const std::int64_t pixel = tile.pixel + sums.row(i);
    if (pixel >= view.pixels) return;
    T* const to = made + made_before(product, view, pixel) + tile.group * product.width;  // (width)
    for (int j = 0; j < Tiles::each_column; ++j)
      if (const int column = tile.column + sums.column(j); column < product.width) to[column] = sums.value[i][j];
  }
}

/// Blocks stride over the tiles: of each class and group `down` one below the other.
template <class T, class Tiles>
__global__ void __launch_bounds__(block_threads)
    multiply(ImageProduct product, std::int64_t tiles, std::int64_t down, const T* source, const T* kernel, T* made) {
  __shared__ T a_tile[Tiles::a_numbers];  // (k, pixels)
  __shared__ T b_tile[Tiles::b_numbers];  // (k, width)
  __shared__ Place places[unsigned{Tiles::rows}];
  __shared__ Element elements[unsigned{Tiles::depth}];
  const int thread = static_cast<int>(threadIdx.x);
  for (std::int64_t index = blockIdx.x; index < tiles; index += gridDim.x) {
    const TileIndex tile = tile_at<Tiles>(product, index, down);
    const View view = view_of(product, tile.of_class);
    if (tile.pixel >= view.pixels) continue;  // the first class is the largest
    const T* const group_source = source + tile.group * product.depth;
    const T* const group_kernel = kernel + tile.group * product.kernel_group;
    for (int i = thread; i < Tiles::rows; i += block_threads) places[i] = place_of(product, view, tile.pixel + i);
    if (thread < Tiles::depth) elements[thread] = element_of(product, view, thread);
    __syncthreads();
    ProductSums<T, Tiles> sums;
    for (int first_k = 0; first_k < view.k; first_k += Tiles::depth) {
      const int left = view.k - first_k, steps = left < Tiles::depth ? left : Tiles::depth;
      fill_tile<Tiles::rows, Tiles::depth>(a_tile, product.depth >= 8, [&](int i, int kk) {
        return seen(product, group_source, places[i], elements[kk]);
      });
      fill_tile<Tiles::columns, Tiles::depth>(b_tile, product.turned, [&](int j, int kk) {
        const int column = tile.column + j;
        const bool inside = column < product.width && kk < steps;
        return inside ? group_kernel[elements[kk].kernel + column * product.kernel_width] : T(0);
      });
      __syncthreads();
      if (thread < Tiles::depth) elements[thread] = element_of(product, view, first_k + Tiles::depth + thread);
      sums.add(a_tile, b_tile, steps);
      __syncthreads();
    }
    store_sums(product, view, tile, sums, made);
  }
}

/// One number a thread, neighbours along channels. For groups so narrow that tiles would be nearly empty.
template <class T, class Offset>
__global__ void multiply_narrow(ImageProduct product, Offset count, const T* source, const T* kernel, T* made) {
  const auto step = static_cast<Offset>(gridDim.x * blockDim.x);
  for (auto index = static_cast<Offset>(blockIdx.x * blockDim.x + threadIdx.x); index < count; index += step) {
    const auto channels = static_cast<Offset>(product.made_channels()), width = static_cast<Offset>(product.width);
    const auto columns = static_cast<Offset>(product.columns.made), rows = static_cast<Offset>(product.rows.made);
    const Offset pixel = index / channels, line = pixel / columns, image = line / rows;
    const auto channel = static_cast<int>(index - pixel * channels);
    const auto row = static_cast<int>(line - image * rows), column = static_cast<int>(pixel - line * columns);
    const int group = channel / static_cast<int>(width);
    View view;
    view.rows = sight_of(product.rows, product.turned, row % product.rows.classes);
    view.columns = sight_of(product.columns, product.turned, column % product.columns.classes);
    const Place place =
        place_of(product, view,
                 Pixel{static_cast<std::int64_t>(image), row / product.rows.classes, column / product.columns.classes});
    const T* const from = source + group * product.depth;  // (…, depth)
    const T* const own_kernel =                            // (window, depth)
        kernel + group * product.kernel_group + (channel - group * product.width) * product.kernel_width;
    T sum = T(0);
    for (int i = 0; i < view.rows.elements; ++i)
      for (int j = 0; j < view.columns.elements; ++j) {
        Element element = element_of(product, view, i, j);
        for (int c = 0; c < product.depth; ++c, ++element.shift, element.kernel += product.kernel_depth)
          sum += seen(product, from, place, element) * own_kernel[element.kernel];
      }
    made[index] = sum;
  }
}

// Many channels, and fewer.
using SquareTiles = ProductTiling<64, 64, 16, 16>;
using Tiles32 = ProductTiling<128, 32, 16, 8>;
using Tiles16 = ProductTiling<128, 16, 16, 4>;
using Tiles8 = ProductTiling<256, 8, 16, 2>;
/// So many of them that a small product, too, keeps a device busy.
using SmallTiles = ProductTiling<16, 16, 64, 16>;

/// Of the pixels of a class, the first, which is the largest.
template <class Tiles> std::int64_t tiles_down(const ImageProduct& product) {
  const auto pixels = [](const ImageAxis& axis) { return (axis.made + axis.classes - 1) / axis.classes; };
  return tiles_along(product.images * pixels(product.rows) * pixels(product.columns), Tiles::rows);
}
template <class Tiles> std::int64_t tiles_of(const ImageProduct& product) {
  return tiles_down<Tiles>(product) * tiles_along(product.width, Tiles::columns) * product.groups * product.classes();
}

template <class T, class Tiles> KernelPlan plan_tiles(const ImageProduct& product) {
  constexpr std::int64_t most_blocks = 1 << 20;
  const std::int64_t tiles = tiles_of<Tiles>(product), down = tiles_down<Tiles>(product);
  const auto blocks = static_cast<unsigned>(std::min(tiles, most_blocks));
  return make_kernel([product, tiles, down, blocks](const KernelArguments& arguments, cudaStream_t stream) {
    launch(multiply<T, Tiles>, dim3(blocks), dim3(block_threads), stream, product, tiles, down, arguments.input<T>(0),
           arguments.input<T>(1), arguments.output<T>(0));
  });
}

template <class T> KernelPlan plan_narrow(const ImageProduct& product) {
  const std::int64_t count = product.made_pixels() * product.made_channels();
  return make_kernel([product, count](const KernelArguments& arguments, cudaStream_t stream) {
    with_offset(count, [&](auto offset) {
      launch(multiply_narrow<T, decltype(offset)>, blocks_for(count), block_threads, stream, product, count,
             arguments.input<T>(0), arguments.input<T>(1), arguments.output<T>(0));
    });
  });
}

template <class T> KernelPlan plan(const ImageProduct& product, int multiprocessors) {
  if (product.narrow()) return plan_narrow<T>(product);
  if (product.width <= Tiles8::columns && tiles_of<Tiles8>(product) >= multiprocessors)
    return plan_tiles<T, Tiles8>(product);
  if (product.width <= Tiles16::columns && tiles_of<Tiles16>(product) >= multiprocessors)
    return plan_tiles<T, Tiles16>(product);
  if (product.width <= Tiles32::columns && tiles_of<Tiles32>(product) >= multiprocessors)
    return plan_tiles<T, Tiles32>(product);
  if (product.width > SmallTiles::columns && tiles_of<SquareTiles>(product) >= multiprocessors)
    return plan_tiles<T, SquareTiles>(product);
  return plan_tiles<T, SmallTiles>(product);
}

}  // namespace

KernelPlan plan_image_product(const ImageProduct& product, DType dtype, const Planning& planning) {
  if (product.made_pixels() * product.made_channels() == 0)
    return make_kernel([](const KernelArguments&, cudaStream_t) {});
  if (dtype == float32) return plan<float>(product, planning.device.multiprocessors);
  if (dtype == float64) return plan<double>(product, planning.device.multiprocessors);
  return {};
}

KernelPlan plan_conv2d(const KernelRequest& request, const Planning& planning) {
  const auto& op = static_cast<const Conv2D&>(request.op);
  const Shape &x = request.inputs[0].shape, &kernel = request.inputs[1].shape, &y = request.outputs[0].shape;
  if (!is_countable(op, x, kernel)) return {};
  return plan_image_product(image_product(op, x, kernel, y), request.inputs[0].dtype, planning);
}

}  // namespace keratin::cuda
