// The tiles of product_tiles.h. Compiled once for each instruction set, with KERATIN_INSTRUCTION_SET its namespace:
// nothing in here may have another namespace and external linkage, or the linker would mix the sets.
#include "cpu/product_tiles.h"

#include <utility>

#include "cpu/vector.h"

namespace keratin::cpu {
inline namespace KERATIN_INSTRUCTION_SET {
namespace {

/// Rows of a tile: all sums, one row of b and one number of a are in registers at a time.
constexpr int rows_of(int width) {
  const int rows = (vector_registers - width - 1) / width;
  return rows < tallest_tile ? rows : tallest_tile;
}

template <std::size_t height, std::size_t width>
[[gnu::noinline]] void tile(const float* a, std::int64_t a_row, std::int64_t a_depth, const float* b,
                            std::int64_t b_pitch, std::int64_t depth, float* c, std::int64_t c_pitch, int columns) {
  Floats sums[height][width] = {};
  const auto step = [&](auto row_of_b) __attribute__((always_inline)) {
    Floats x[width];
#pragma GCC unroll 8
    for (std::size_t j = 0; j < width; ++j) x[j] = row_of_b(j);
#pragma GCC unroll 32
    for (std::size_t i = 0; i < height; ++i) {
      const float y = a[static_cast<std::int64_t>(i) * a_row];
#pragma GCC unroll 8
      for (std::size_t j = 0; j < width; ++j) sums[i][j] += y * x[j];
    }
    a += a_depth;
    b += b_pitch;
  };
  // A whole vector of one of the last rows of b may reach beyond its memory.
  const std::int64_t reaching = width == 1 ? (lanes - columns + b_pitch - 1) / b_pitch : 0;
  const std::int64_t whole = reaching < depth ? depth - reaching : 0;
  for (std::int64_t k = 0; k < whole; ++k)
    step([&](std::size_t j) __attribute__((always_inline)) { return load(b + j * lanes); });
  if constexpr (width == 1)
    for (std::int64_t k = whole; k < depth; ++k)
      step([&](std::size_t) __attribute__((always_inline)) { return load_first(b, columns); });
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

template <int width, int... I> constexpr void fill(ProductTiles& out, std::integer_sequence<int, I...>) {
  out.tallest[width] = sizeof...(I);
  ((out.tile[width][I + 1] = tile<I + 1, width>), ...);
}

template <int... W> constexpr ProductTiles all_tiles(std::integer_sequence<int, W...>) {
  ProductTiles out{lanes, {}, {}};
  (fill<W + 1>(out, std::make_integer_sequence<int, rows_of(W + 1)>{}), ...);
  return out;
}

}  // namespace

extern const ProductTiles tiles;
constinit const ProductTiles tiles = all_tiles(std::make_integer_sequence<int, widest_tile>{});

}  // namespace KERATIN_INSTRUCTION_SET
}  // namespace keratin::cpu
