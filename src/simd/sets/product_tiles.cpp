// The tiles of product_tiles.h. Compiled once for each instruction set, with KERATIN_INSTRUCTION_SET its namespace:
// nothing in here may have another namespace and external linkage, or the linker would mix the sets.
#include "simd/product_tiles.h"

#include <utility>

#include "simd/product_sums.h"

namespace keratin::cpu {
namespace KERATIN_INSTRUCTION_SET {
namespace {

template <std::size_t height, std::size_t width>
[[gnu::noinline]] void tile(const TileFactor& a, const float* b, std::int64_t b_pitch, float* c, std::int64_t c_pitch,
                            int columns, bool add) {
  Floats sums[height][width] = {};
  if (add)
#pragma GCC unroll 32
    for (std::size_t i = 0; i < height; ++i)
#pragma GCC unroll 8
      for (std::size_t j = 0; j < width; ++j) {
        const float* const from = c + static_cast<std::int64_t>(i) * c_pitch + static_cast<std::int64_t>(j) * lanes;
        sums[i][j] = width == 1 ? load_first(from, columns) : load(from);
      }
  const TileFactor factor = a;  // what is stored could be the original, for all that the compiler knows
  for (std::int64_t run = 0; run < factor.runs; ++run, b += factor.depth * b_pitch)
    sum_products(sums, factor.data + factor.offsets[run], factor.row, factor.step, b, b_pitch, factor.depth, columns,
                 (factor.runs - 1 - run) * factor.depth);
#pragma GCC unroll 32
  for (std::size_t i = 0; i < height; ++i, c += c_pitch) {
#pragma GCC unroll 8
    for (std::size_t j = 0; j < width; ++j)
      if constexpr (width == 1)
        store_first(c, sums[i][j], columns);
      else
        store(c + j * lanes, sums[i][j]);
  }
}

/// Pixel by pixel, its sum in a register: pixels that neighbouring positions see are not read again just after they
/// were written.
void fold(const FoldedRow& row, const float* from, float* to) {
  const std::int64_t pixels = (row.columns - 1) * row.stride + (row.size - 1) * row.dilation + 1;
  for (std::int64_t c = 0; c < row.channels; c += lanes) {
    const int count = static_cast<int>(row.channels - c < lanes ? row.channels - c : lanes);
    for (std::int64_t p = 0; p < pixels; ++p) {
      float* const at = to + p * row.pixel + c;
      Floats sum = load_first(at, count);
      for (std::int64_t i = 0, column = p; i < row.size && column >= 0; ++i, column -= row.dilation) {
        const std::int64_t position = column / row.stride;
        if (position < row.columns && position * row.stride == column)
          sum += load_first(from + (position * row.size + i) * row.channels + c, count);
      }
      store_first(at, sum, count);
    }
  }
}

template <int width, int... I> constexpr void fill(ProductTiles& out, std::integer_sequence<int, I...>) {
  out.tallest[width] = sizeof...(I);
  ((out.tile[width][I + 1] = tile<I + 1, width>), ...);
}

template <int... W> constexpr ProductTiles all_tiles(std::integer_sequence<int, W...>) {
  ProductTiles out{lanes, {}, {}, fold};
  (fill<W + 1>(out, std::make_integer_sequence<int, rows_of_tile(W + 1)>{}), ...);
  return out;
}

}  // namespace

extern const ProductTiles tiles;
constinit const ProductTiles tiles = all_tiles(std::make_integer_sequence<int, widest_tile>{});

}  // namespace KERATIN_INSTRUCTION_SET
}  // namespace keratin::cpu
