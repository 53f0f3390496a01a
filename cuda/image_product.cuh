// What the kernels of convolutions share: where what a window sees lies, and tiles of products in shared memory.
#pragma once

#include "cuda/device_code.cuh"

#include "cuda/image_product.h"

namespace keratin::cuda {

/// a / b of numbers that are not negative. A division of 64 bits takes many times that of 32.
__device__ inline std::int64_t quotient(std::int64_t a, std::int64_t b) {
  if ((a | b) >> 32 != 0) return a / b;
  return static_cast<std::int64_t>(static_cast<std::uint32_t>(a) / static_cast<std::uint32_t>(b));
}

// ---- what is seen ---------------------------------------------------------------------------------------------------

/// What one class of an axis sees: its pixel q, through its element t, the source's first + q · step + t · apart.
struct Sight {
  int pixels, elements;
  int first, step, apart;
  int element, element_step;  // t is the window's element + t · element_step
  int made, made_step;        // q is what is made's made + q · made_step
};

__device__ inline Sight sight_of(const ImageAxis& axis, bool turned, int of_class) {
  if (!turned) return {axis.made, axis.size, -axis.before, axis.stride, axis.dilation, 0, 1, 0, 1};
  const int end = axis.size < axis.element_step ? axis.size : axis.element_step;
  int element = 0, from = of_class + axis.before;  // the first through which a position, not half of one, is seen
  while (element < end && from % axis.stride != 0) ++element, from -= axis.dilation;
  const int elements = element < end ? (axis.size - 1 - element) / axis.element_step + 1 : 0;
  const int pixels = (axis.made - of_class + axis.stride - 1) / axis.stride;
  const int apart = axis.dilation / (axis.stride / axis.element_step);
  return {pixels, elements, from / axis.stride, 1, -apart, element, axis.element_step, of_class, axis.stride};
}

/// Of a class of rows and one of columns.
struct View {
  Sight rows, columns;
  std::int64_t pixels;  // of all images
  int k;                // what is summed over: (elements of rows, of columns, depth)
};

__device__ inline View view_of(const ImageProduct& product, int of_class) {
  View view;
  view.rows = sight_of(product.rows, product.turned, of_class / product.columns.classes);
  view.columns = sight_of(product.columns, product.turned, of_class % product.columns.classes);
  view.pixels = product.images * view.rows.pixels * view.columns.pixels;
  view.k = view.rows.elements * view.columns.elements * product.depth;
  return view;
}

/// A coordinate that, whatever is added, lies on no image.
inline constexpr int nowhere = 1 << 30;

/// Where the window stands.
struct Place {
  std::int64_t base;  // numbers before the source's (top, left), which need not be there: perhaps less than none
  int top, left;
};

/// What one step along k adds to a place.
struct Element {
  int shift, kernel;  // numbers, in the source and in the kernel
  int down, right;
};

/// Index (image, q of rows, q of columns) among a view's pixels.
struct Pixel {
  std::int64_t image;
  int row, column;
};
__device__ inline Pixel pixel_of(const View& view, std::int64_t pixel) {
  const std::int64_t line = quotient(pixel, view.columns.pixels), image = quotient(line, view.rows.pixels);
  return {image, static_cast<int>(line - image * view.rows.pixels),
          static_cast<int>(pixel - line * view.columns.pixels)};
}

__device__ inline Place place_of(const ImageProduct& product, const View& view, const Pixel& pixel) {
  const int top = view.rows.first + pixel.row * view.rows.step;
  const int left = view.columns.first + pixel.column * view.columns.step;
  const std::int64_t line = pixel.image * product.rows.source + top;
  return {(line * product.columns.source + left) * product.source_channels(), top, left};
}
__device__ inline Place place_of(const ImageProduct& product, const View& view, std::int64_t pixel) {
  if (pixel >= view.pixels) return {0, -nowhere, 0};
  return place_of(product, view, pixel_of(view, pixel));
}

/// Numbers before the pixel's first in what is made.
__device__ inline std::int64_t made_before(const ImageProduct& product, const View& view, std::int64_t pixel) {
  const Pixel at = pixel_of(view, pixel);
  const std::int64_t line = at.image * product.rows.made + view.rows.made + at.row * view.rows.made_step;
  return (line * product.columns.made + view.columns.made + at.column * view.columns.made_step) *
         product.made_channels();
}

__device__ inline Element element_of(const ImageProduct& product, const View& view, int t_row, int t_column) {
  const int down = t_row * view.rows.apart, right = t_column * view.columns.apart;
  const int row = view.rows.element + t_row * view.rows.element_step;
  const int column = view.columns.element + t_column * view.columns.element_step;
  return {(down * product.columns.source + right) * product.source_channels(),
          (row * product.columns.size + column) * product.kernel_element, down, right};
}
__device__ inline Element element_of(const ImageProduct& product, const View& view, int k) {
  if (k >= view.k) return {0, 0, nowhere, 0};
  const auto depth = static_cast<unsigned>(product.depth), columns = static_cast<unsigned>(view.columns.elements);
  const unsigned both = static_cast<unsigned>(k) / depth, row = both / columns;
  const auto channel = static_cast<int>(static_cast<unsigned>(k) - both * depth);
  Element element = element_of(product, view, static_cast<int>(row), static_cast<int>(both - row * columns));
  element.shift += channel;
  element.kernel += channel * product.kernel_depth;
  return element;
}

/// The source's number there; 0 beside the images.
template <class T>
__device__ T seen(const ImageProduct& product, const T* source, const Place& place, const Element& element) {
  const auto row = static_cast<unsigned>(place.top + element.down);
  const auto column = static_cast<unsigned>(place.left + element.right);
  const bool inside =
      row < static_cast<unsigned>(product.rows.source) && column < static_cast<unsigned>(product.columns.source);
  return inside ? source[place.base + element.shift] : T(0);
}

// ---- tiles ----------------------------------------------------------------------------------------------------------

/// A tile of rows × columns of a product, in steps of depth along k: how its factors lie in shared memory, and how a
/// block's threads are dealt out, `across` of them beside each other.
template <int rows_, int columns_, int depth_, int across_> struct ProductTiling {
  static constexpr int rows = rows_, columns = columns_, depth = depth_, across = across_;
  static constexpr int down = block_threads / across;
  static constexpr int each_row = rows / down, each_column = columns / across;  // of a thread
  static constexpr int a_pitch = rows + 1, b_pitch = columns + 1;  // odd: neighbours along k do not share a bank
  static constexpr unsigned a_numbers = depth * a_pitch, b_numbers = depth * b_pitch;
  static_assert(each_row * down == rows && each_column * across == columns && across * down == block_threads);
};

/// tile[kk · (side + 1) + i] = value(i, kk). Neighbouring threads take neighbours along k, or else along the side.
template <int side, int depth, class T, class Value>
__device__ void fill_tile(T* tile, bool along_k, const Value& value) {
  for (int at = static_cast<int>(threadIdx.x); at < side * depth; at += block_threads) {
    const int i = along_k ? at / depth : at % side, kk = along_k ? at % depth : at / side;
    tile[kk * (side + 1) + i] = value(i, kk);
  }
}

/// A thread's sums: value[i][j] is that of the tile's row(i), column(j).
template <class T, class Tiles> struct ProductSums {
  T value[unsigned{Tiles::each_row}][unsigned{Tiles::each_column}] = {};

  __device__ static int row(int i) { return static_cast<int>(threadIdx.x) / Tiles::across + i * Tiles::down; }
  __device__ static int column(int j) { return static_cast<int>(threadIdx.x) % Tiles::across + j * Tiles::across; }
  __device__ void add(const T* a_tile, const T* b_tile, int steps) {  // (depth, rows + 1), (depth, columns + 1)
    const T *a = a_tile + row(0), *b = b_tile + column(0);
    for (int kk = 0; kk < steps; ++kk, a += Tiles::a_pitch, b += Tiles::b_pitch)
      for (int i = 0; i < Tiles::each_row; ++i)
        for (int j = 0; j < Tiles::each_column; ++j) value[i][j] += a[i * Tiles::down] * b[j * Tiles::across];
  }
};

/// Tiles, of so many elements a side, that cover n.
__host__ __device__ inline std::int64_t tiles_along(std::int64_t n, int side) { return (n + side - 1) / side; }

}  // namespace keratin::cuda
