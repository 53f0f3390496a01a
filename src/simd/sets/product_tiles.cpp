// The tiles of product_tiles.h. Compiled once for each instruction set, with KERATIN_INSTRUCTION_SET its namespace:
// nothing in here may have another namespace and external linkage, or the linker would mix the sets.
#include "simd/product_tiles.h"

#include <utility>

#include "simd/product_sums.h"

namespace keratin::cpu {
namespace KERATIN_INSTRUCTION_SET {
namespace {

template <std::size_t height, std::size_t width, bool split>
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
  const std::int64_t guarded = width == 1 ? guarded_rows(columns, b_pitch) : 0;
  for (std::int64_t run = 0; run < factor.runs; ++run, b += factor.depth * b_pitch)
    sum_products<split>(sums, factor.data + factor.offsets[run], factor.row, factor.step, b, b_pitch, factor.depth,
                        columns, guarded - (factor.runs - 1 - run) * factor.depth, factor.jump);
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

template <int height, int width> constexpr void add_tile(ProductTiles& out) {
  out.tile[width][height] = tile<height, width, false>;
  if constexpr (height % 2 == 0) out.split[width][height] = tile<height, width, true>;
}

template <int width, int... I> constexpr void fill(ProductTiles& out, std::integer_sequence<int, I...>) {
  out.tallest[width] = sizeof...(I);
  (add_tile<I + 1, width>(out), ...);
}

template <int... W> constexpr ProductTiles all_tiles(std::integer_sequence<int, W...>) {
  ProductTiles out{lanes, {}, {}, {}};
  (fill<W + 1>(out, std::make_integer_sequence<int, rows_of_tile(W + 1)>{}), ...);
  return out;
}

}  // namespace

extern const ProductTiles tiles;
constinit const ProductTiles tiles = all_tiles(std::make_integer_sequence<int, widest_tile>{});

}  // namespace KERATIN_INSTRUCTION_SET
}  // namespace keratin::cpu
