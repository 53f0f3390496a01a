// float16 and bfloat16 as bits, and the rounding between them and double. No arithmetic: widen first.
#pragma once

#include <bit>
#include <cstdint>

#include "keratin/export.h"

namespace KERATIN_INTERNAL_EXPORT keratin {

/// The bits of the nearest number with this many bits of exponent and stored mantissa: ties to even, IEEE 754's
/// subnormals, infinity beyond the largest, a quiet NaN for NaN.
template <int exponent_bits, int mantissa_bits> constexpr std::uint16_t narrowed_bits(double value) {
  constexpr int lowest_exponent = 2 - (1 << (exponent_bits - 1));  // of a normal number
  constexpr std::uint64_t infinity = ((std::uint64_t{1} << exponent_bits) - 1) << mantissa_bits;
  constexpr std::uint64_t infinity_64 = std::uint64_t{0x7ff} << 52;
  const auto bits = std::bit_cast<std::uint64_t>(value);
  const std::uint64_t magnitude = bits & ~(std::uint64_t{1} << 63);
  const std::uint64_t sign = (bits >> 63) << (exponent_bits + mantissa_bits);
  if (magnitude > infinity_64)
    return static_cast<std::uint16_t>(sign | infinity | (std::uint64_t{1} << (mantissa_bits - 1)));
  const int exponent = static_cast<int>(magnitude >> 52) - 1023;
  const std::uint64_t significand = (magnitude & ((std::uint64_t{1} << 52) - 1)) | (std::uint64_t{1} << 52);
  const int shift = 52 - mantissa_bits + (exponent < lowest_exponent ? lowest_exponent - exponent : 0);
  if (shift > 53) return static_cast<std::uint16_t>(sign);  // less than half of the smallest subnormal
  const std::uint64_t rest = significand & ((std::uint64_t{1} << shift) - 1);
  const std::uint64_t tie = std::uint64_t{1} << (shift - 1);
  std::uint64_t result = significand >> shift;
  if (rest > tie || (rest == tie && (result & 1) != 0)) ++result;
  // The significand's leading one counts as one exponent, and a carry from rounding moves on to the next: both as they
  // should.
  if (exponent > lowest_exponent) result += static_cast<std::uint64_t>(exponent - lowest_exponent) << mantissa_bits;
  return static_cast<std::uint16_t>(sign | (result < infinity ? result : infinity));
}

/// The number with these bits; exact.
template <int exponent_bits, int mantissa_bits> constexpr double widened(std::uint16_t bits) {
  constexpr int lowest_exponent = 2 - (1 << (exponent_bits - 1));
  constexpr int highest_field = (1 << exponent_bits) - 1;
  const std::uint64_t sign = static_cast<std::uint64_t>(bits >> (exponent_bits + mantissa_bits)) << 63;
  const int field = (bits >> mantissa_bits) & highest_field;
  const std::uint64_t mantissa = bits & ((std::uint64_t{1} << mantissa_bits) - 1);
  const std::uint64_t aligned = mantissa << (52 - mantissa_bits);
  if (field == highest_field) return std::bit_cast<double>(sign | (std::uint64_t{0x7ff} << 52) | aligned);
  if (field > 0) {
    const auto biased = static_cast<std::uint64_t>(field - 1 + lowest_exponent + 1023);
    return std::bit_cast<double>(sign | (biased << 52) | aligned);
  }
  const double unit = std::bit_cast<double>(static_cast<std::uint64_t>(lowest_exponent - mantissa_bits + 1023) << 52);
  const double magnitude = static_cast<double>(mantissa) * unit;
  return sign != 0 ? -magnitude : magnitude;
}

/// One number of dtype float16: IEEE 754's binary16.
struct Float16 {
  std::uint16_t bits = 0;
  Float16() = default;
  constexpr explicit Float16(double value) : bits(narrowed_bits<5, 10>(value)) {}
  constexpr explicit operator double() const { return widened<5, 10>(bits); }
};
/// One number of dtype bfloat16: the upper half of a float.
struct BFloat16 {
  std::uint16_t bits = 0;
  BFloat16() = default;
  constexpr explicit BFloat16(double value) : bits(narrowed_bits<8, 7>(value)) {}
  constexpr explicit operator double() const { return widened<8, 7>(bits); }
};

}  // namespace keratin
