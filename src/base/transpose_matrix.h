// A matrix turned over, in tiles whose cache lines are read and written whole.
#pragma once

#include <algorithm>
#include <cstdint>
#include <cstring>

#include "keratin/export.h"

namespace KERATIN_INTERNAL_EXPORT keratin {

/// Four by four elements of 4 bytes, in vectors: rows are zipped in pairs, then the pairs.
template <class T> inline void transpose_four(T* to, std::int64_t to_stride, const T* from, std::int64_t from_stride) {
  using Row [[gnu::vector_size(16)]] = std::uint32_t;
  Row a[4];
  for (int i = 0; i < 4; ++i) std::memcpy(&a[i], from + i * from_stride, sizeof(Row));
  const Row low_01 = __builtin_shufflevector(a[0], a[1], 0, 4, 1, 5),
            high_01 = __builtin_shufflevector(a[0], a[1], 2, 6, 3, 7);
  const Row low_23 = __builtin_shufflevector(a[2], a[3], 0, 4, 1, 5),
            high_23 = __builtin_shufflevector(a[2], a[3], 2, 6, 3, 7);
  const Row b[4] = {
      __builtin_shufflevector(low_01, low_23, 0, 1, 4, 5), __builtin_shufflevector(low_01, low_23, 2, 3, 6, 7),
      __builtin_shufflevector(high_01, high_23, 0, 1, 4, 5), __builtin_shufflevector(high_01, high_23, 2, 3, 6, 7)};
  for (int i = 0; i < 4; ++i) std::memcpy(to + i * to_stride, &b[i], sizeof(Row));
}

/// to[i · to_stride + j] = from[j · from_stride + i] for i < rows, j < columns of the result.
/// A function of its own: inlined, its loops share registers with the caller and lose a third of their speed.
template <class T>
[[gnu::noinline]] void transpose_matrix(T* to, std::int64_t to_stride, const T* from, std::int64_t from_stride,
                                        std::int64_t rows, std::int64_t columns) {
  constexpr std::int64_t tile = 64 / sizeof(T) < 16 ? 16 : 64 / sizeof(T);
  constexpr std::int64_t step = sizeof(T) == 4 ? 4 : 1;
  for (std::int64_t r = 0; r < rows; r += tile)
    for (std::int64_t c = 0; c < columns; c += tile) {
      const std::int64_t r_end = std::min(r + tile, rows), c_end = std::min(c + tile, columns);
      const std::int64_t r_whole = r_end - (r_end - r) % step, c_whole = c_end - (c_end - c) % step;
      const auto copy = [&](std::int64_t i, std::int64_t j) { to[i * to_stride + j] = from[j * from_stride + i]; };
      for (std::int64_t i = r; i < r_whole; i += step) {
        for (std::int64_t j = c; j < c_whole; j += step)
          if constexpr (step == 4)
            transpose_four(to + i * to_stride + j, to_stride, from + j * from_stride + i, from_stride);
          else
            copy(i, j);
        for (std::int64_t k = i; k < i + step; ++k)
          for (std::int64_t j = c_whole; j < c_end; ++j) copy(k, j);
      }
      for (std::int64_t i = r_whole; i < r_end; ++i)
        for (std::int64_t j = c; j < c_end; ++j) copy(i, j);
    }
}

}  // namespace keratin
