// The sums of a tile of a matrix product, in registers. Included by what is compiled once for each instruction set.
#pragma once

#include "simd/product_tiles.h"
#include "simd/vector.h"

namespace keratin::cpu {
namespace KERATIN_INSTRUCTION_SET {

/// Rows of a tile: all sums, one row of b and one number of a are in registers at a time.
constexpr int rows_of_tile(int width) {
  const int rows = (vector_registers - width - 1) / width;
  return rows < tallest_tile ? rows : tallest_tile;
}

/// The last rows of b of which a whole vector could reach beyond its memory. Without a division: runs may be short.
inline std::int64_t guarded_rows(int columns, std::int64_t b_pitch) {
  std::int64_t rows = 0;
  for (std::int64_t beyond = lanes - columns; beyond > 0; beyond -= b_pitch) ++rows;
  return rows;
}

/// Adds a · b to sums (height, width · lanes). Element (i, k) of a lies at a[i · a_row + k · a_depth], that of the
/// lower half of split rows `jump` elements further on; row k of b at b + k · b_pitch. Of its last `guarded` rows a
/// tile of width 1 reads only the first `columns`.
template <bool split = false, std::size_t height, std::size_t width>
[[gnu::always_inline]] inline void sum_products(Floats (&sums)[height][width], const float* a, std::int64_t a_row,
                                                std::int64_t a_depth, const float* b, std::int64_t b_pitch,
                                                std::int64_t depth, [[maybe_unused]] int columns,
                                                [[maybe_unused]] std::int64_t guarded,
                                                [[maybe_unused]] std::int64_t jump = 0) {
  [[maybe_unused]] const float* lower = a + jump;
  const auto step = [&](auto row_of_b) __attribute__((always_inline)) {
    Floats x[width];
#pragma GCC unroll 8
    for (std::size_t j = 0; j < width; ++j) x[j] = row_of_b(j);
#pragma GCC unroll 32
    for (std::size_t i = 0; i < height; ++i) {
      const float y = (split && i >= height / 2 ? lower : a)[static_cast<std::int64_t>(i) * a_row];
#pragma GCC unroll 8
      for (std::size_t j = 0; j < width; ++j) sums[i][j] = multiply_add(y, x[j], sums[i][j]);
    }
    a += a_depth;
    if constexpr (split) lower += a_depth;
    b += b_pitch;
  };
  const std::int64_t whole = width != 1 || guarded <= 0 ? depth : guarded < depth ? depth - guarded : 0;
  for (std::int64_t k = 0; k < whole; ++k)
    step([&](std::size_t j) __attribute__((always_inline)) { return load(b + j * lanes); });
  if constexpr (width == 1)
    for (std::int64_t k = whole; k < depth; ++k)
      step([&](std::size_t) __attribute__((always_inline)) { return load_first(b, columns); });
}

}  // namespace KERATIN_INSTRUCTION_SET
}  // namespace keratin::cpu
