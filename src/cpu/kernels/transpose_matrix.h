// A matrix turned over, in tiles whose cache lines are read and written whole.
#pragma once

#include <algorithm>
#include <cstdint>

namespace keratin::cpu {

/// to[i · to_stride + j] = from[j · from_stride + i] for i < rows, j < columns of the result.
template <class T>
void transpose_matrix(T* to, std::int64_t to_stride, const T* from, std::int64_t from_stride, std::int64_t rows,
                      std::int64_t columns) {
  constexpr std::int64_t tile = 64 / sizeof(T) < 16 ? 16 : 64 / sizeof(T);
  for (std::int64_t r = 0; r < rows; r += tile)
    for (std::int64_t c = 0; c < columns; c += tile) {
      const std::int64_t r_end = std::min(r + tile, rows), c_end = std::min(c + tile, columns);
      for (std::int64_t i = r; i < r_end; ++i)
        for (std::int64_t j = c; j < c_end; ++j) to[i * to_stride + j] = from[j * from_stride + i];
    }
}

}  // namespace keratin::cpu
