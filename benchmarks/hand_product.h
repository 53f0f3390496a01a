// Products of matrices from tiles that stay in registers until an epilogue takes them. Nothing is packed.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <utility>

#include "hand_vector.h"

namespace hand {

/// Whole numbers from first to last - 1.
struct Range {
  std::int64_t first = 0, last = 0;
  std::int64_t size() const { return last - first; }
};

/// The index-th of `parts` parts of a range that differ in size by one at most.
inline Range part(Range whole, std::int64_t index, std::int64_t parts) {
  return {whole.first + whole.size() * index / parts, whole.first + whole.size() * (index + 1) / parts};
}

/// A matrix of which element (row, k) is data[row * row_stride + k * k_stride]: transposing it exchanges the strides.
struct Left {
  const float* data;
  std::int64_t row_stride, k_stride;
};
/// A matrix in rows of whole vectors.
struct Right {
  const float* data;
  std::int64_t pitch;
};

/// Of 32 registers three vectors, which leave room for nine rows; of 16 two, and six rows: of three the compiler would
/// spill some.
inline constexpr std::int64_t widest_tile = vector_registers == 32 ? 3 : 2;

/// As many rows as registers hold sums for, beside one row of b and a number of a; more than 16 gain nothing.
constexpr std::int64_t rows_of_tile(std::int64_t width) {
  const std::int64_t rows = (vector_registers - width - 1) / width;
  return rows < 16 ? rows : 16;
}

constexpr std::int64_t signed_of(std::size_t count) { return static_cast<std::int64_t>(count); }

/// epilogue(row + i, vector + j, sum over k of a(row + i, k) · b(k, vector + j)).
template <std::size_t height, std::size_t width, class Epilogue>
[[gnu::noinline]] void tile(Left a, Right b, std::int64_t depth, std::int64_t row, std::int64_t vector,
                            const Epilogue& given) {
  const Epilogue epilogue = given;  // what it stores could be the original, for all that the compiler knows
  const float* x = a.data + row * a.row_stride;
  const float* y = b.data + vector * lanes;
  Vector sums[height][width] = {};
  for (std::int64_t k = 0; k < depth; ++k, x += a.k_stride, y += b.pitch) {
    Vector columns[width];
#pragma GCC unroll 4
    for (std::size_t j = 0; j < width; ++j) columns[j] = load(y + signed_of(j) * lanes);
#pragma GCC unroll 16
    for (std::size_t i = 0; i < height; ++i) {
      const float scale = x[signed_of(i) * a.row_stride];
#pragma GCC unroll 4
      for (std::size_t j = 0; j < width; ++j) sums[i][j] += scale * columns[j];
    }
  }
#pragma GCC unroll 16
  for (std::size_t i = 0; i < height; ++i)
#pragma GCC unroll 4
    for (std::size_t j = 0; j < width; ++j) epilogue(row + signed_of(i), vector + signed_of(j), sums[i][j]);
}

template <std::size_t width, class Epilogue, std::size_t... i>
constexpr auto tiles_of_width(std::index_sequence<i...>) {
  return std::array{&tile<i + 1, width, Epilogue>...};
}

/// Rows are shared out evenly: where tiles have at most nine, 50 are tiles of 9 and 8 and no lone rest.
template <std::size_t width, class Epilogue>
void strip(Left a, Right b, std::int64_t depth, Range rows, std::int64_t vector, const Epilogue& epilogue) {
  constexpr std::int64_t tallest = rows_of_tile(signed_of(width));
  static constexpr auto tiles =
      tiles_of_width<width, Epilogue>(std::make_index_sequence<static_cast<std::size_t>(tallest)>{});
  const std::int64_t count = (rows.size() + tallest - 1) / tallest;
  for (std::int64_t i = 0; i < count; ++i) {
    const Range some = part(rows, i, count);
    tiles[static_cast<std::size_t>(some.size() - 1)](a, b, depth, some.first, vector, epilogue);
  }
}

/// Rows of a times some vectors of b. Four vectors are two strips of two: a strip of one would wait for memory.
template <class Epilogue>
void product(Left a, Right b, std::int64_t depth, Range rows, Range vectors, const Epilogue& epilogue) {
  for (std::int64_t vector = vectors.first; vector < vectors.last;) {
    const std::int64_t left = vectors.last - vector;
    const std::int64_t width = left == 4 ? 2 : left < widest_tile ? left : widest_tile;
    if (width == 3)
      strip<3>(a, b, depth, rows, vector, epilogue);
    else if (width == 2)
      strip<2>(a, b, depth, rows, vector, epilogue);
    else
      strip<1>(a, b, depth, rows, vector, epilogue);
    vector += width;
  }
}

}  // namespace hand
