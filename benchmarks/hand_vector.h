// Vectors as wide as the registers of the machine that compiles this, and what the step written by hand needs of them.
#pragma once

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <utility>

#include "register_bytes.h"

namespace hand {

using Vector __attribute__((vector_size(register_bytes))) = float;
using Integers __attribute__((vector_size(register_bytes))) = std::int32_t;
inline constexpr std::int64_t lanes = sizeof(Vector) / sizeof(float);
inline constexpr std::int64_t vector_registers = lanes == 16 ? 32 : 16;

inline Vector load(const float* from) {
  Vector out;
  __builtin_memcpy(&out, from, sizeof(out));
  return out;
}
inline void store(float* to, Vector value) { __builtin_memcpy(to, &value, sizeof(value)); }

inline Vector larger(Vector a, Vector b) { return a > b ? a : b; }
/// The compiler makes one instruction of it.
inline Vector square_root(Vector x) {
  for (std::size_t i = 0; i < lanes; ++i) x[i] = std::sqrt(x[i]);
  return x;
}

/// e^x for x <= 0, within 2 units in the last place; 0 below -87 (Cephes 2.8, expf.c).
inline Vector exponential(Vector x) {
  constexpr float integer_maker = 12582912.0f;  // 1.5 · 2^23: added, it leaves the nearest integer in the lowest bits
  const Vector shifted = larger(x, Vector{} - 87.5f) * 1.44269504f + integer_maker;
  const Vector n = shifted - integer_maker;
  const Vector r = x - n * 0.693359375f + n * 2.12194440e-4f;
  Vector p = Vector{} + 1.9875691500e-4f;
  for (const float c : {1.3981999507e-3f, 8.3334519073e-3f, 4.1665795894e-2f, 1.6666665459e-1f, 5.0000001201e-1f})
    p = p * r + c;
  p = p * r * r + r + 1.0f;
  Integers bits;
  __builtin_memcpy(&bits, &shifted, sizeof(bits));
  const Integers exponent = (bits << 23) + 0x3f800000;
  Vector power;
  __builtin_memcpy(&power, &exponent, sizeof(power));
  return x > -87.0f ? p * power : Vector{};
}

/// Lane i of a where bit `distance` of i is clear, else lane i - distance of b; with `high` lane i + distance of a and
/// lane i of b.
template <std::size_t distance, bool high, std::size_t... i>
inline Vector exchange(Vector a, Vector b, std::index_sequence<i...>) {
  return __builtin_shufflevector(
      a, b, static_cast<int>((i & distance) != 0 ? lanes + i - (high ? 0 : distance) : i + (high ? distance : 0))...);
}

template <std::size_t distance> inline void exchange_halves(Vector* rows) {
  constexpr auto all = std::make_index_sequence<lanes>{};
#pragma GCC unroll 16
  for (std::size_t i = 0; i < lanes; ++i) {
    if ((i & distance) != 0) continue;
    const Vector a = rows[i], b = rows[i + distance];
    rows[i] = exchange<distance, false>(a, b, all);
    rows[i + distance] = exchange<distance, true>(a, b, all);
  }
  if constexpr (2 * distance < lanes) exchange_halves<2 * distance>(rows);
}

/// to (columns, rows) = from (rows, columns) transposed; both counts are multiples of `lanes`.
inline void transpose(const float* from, std::int64_t from_pitch, std::int64_t rows, std::int64_t columns, float* to,
                      std::int64_t to_pitch) {
  for (std::int64_t row = 0; row < rows; row += lanes)
    for (std::int64_t column = 0; column < columns; column += lanes) {
      Vector block[lanes];
#pragma GCC unroll 16
      for (std::int64_t i = 0; i < lanes; ++i) block[i] = load(from + (row + i) * from_pitch + column);
      exchange_halves<1>(block);
#pragma GCC unroll 16
      for (std::int64_t i = 0; i < lanes; ++i) store(to + (column + i) * to_pitch + row, block[i]);
    }
}

}  // namespace hand
