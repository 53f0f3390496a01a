// What the kernels of elementwise programs are made of, interpreted or compiled at run time: a function for every row
// of the table of functions, by the row's name, and numbers of one dtype as another's. Also text for NVRTC, which has
// no standard library: hence includes nothing but ops/scalar_functions.h.
#pragma once

#ifndef __CUDACC__
#include <math.h>  // for the host's stand-in: exp, log, … of float in the global namespace, where device code finds them
#endif

#define KERATIN_HOST_DEVICE __device__
#define KERATIN_INSTRUCTION_SET device  // or a linker would merge the stand-in's functions with the CPU's
#include "ops/scalar_functions.h"

namespace keratin::cuda {

// Numbers as they are stored. long long is int64, signed char int8.
struct Half {
  unsigned short bits;  // IEEE 754's binary16
};
struct BFloat16 {
  unsigned short bits;  // the upper half of a float
};
/// A byte that a file or its caller may have given any value.
struct StoredBool {
  unsigned char byte;
};

template <class A, class B> inline constexpr bool same = false;
template <class A> inline constexpr bool same<A, A> = true;
template <class T> inline constexpr bool floating = same<T, float> || same<T, double>;

// The functions. Integers wrap around as NumPy's: arithmetic is done without a sign, where that is defined.

// clang-format off
template <class T> __device__ inline T Identity(T a) { return a; }
template <class T> __device__ inline T Neg(T a) {
  if constexpr (floating<T>) return scalar::neg(a);
  else return static_cast<T>(0ull - static_cast<unsigned long long>(a));
}
template <class T> __device__ inline T Abs(T a) {
  if constexpr (floating<T>) return scalar::abs_(a);
  else return a < T(0) ? Neg(a) : a;
}
template <class T> __device__ inline T Add(T a, T b) {
  if constexpr (floating<T>) return scalar::add(a, b);
  else return static_cast<T>(static_cast<unsigned long long>(a) + static_cast<unsigned long long>(b));
}
template <class T> __device__ inline T Sub(T a, T b) {
  if constexpr (floating<T>) return scalar::sub(a, b);
  else return static_cast<T>(static_cast<unsigned long long>(a) - static_cast<unsigned long long>(b));
}
template <class T> __device__ inline T Mul(T a, T b) {
  if constexpr (floating<T>) return scalar::mul(a, b);
  else return static_cast<T>(static_cast<unsigned long long>(a) * static_cast<unsigned long long>(b));
}
/// A division of integers by zero is 0, as NumPy's.
template <class T> __device__ inline T Div(T a, T b) {
  if constexpr (floating<T>) return scalar::div(a, b);
  else return b == T(0) ? T(0) : (b == T(-1) ? Neg(a) : static_cast<T>(a / b));
}
template <class T> __device__ inline T Square(T a) { return Mul(a, a); }
template <class T> __device__ inline T Sign(T a) { return scalar::sign(a); }
template <class T> __device__ inline T Relu(T a) { return scalar::relu(a); }
template <class T> __device__ inline T IsFinite(T a) { return scalar::is_finite(a); }
template <class T> __device__ inline T Not(T a) { return scalar::logical_not(a); }
template <class T> __device__ inline T Max(T a, T b) { return scalar::max(a, b); }
template <class T> __device__ inline T Min(T a, T b) { return scalar::min(a, b); }
template <class T> __device__ inline T Equal(T a, T b) { return scalar::equal(a, b); }
template <class T> __device__ inline T Less(T a, T b) { return scalar::less(a, b); }
template <class T> __device__ inline T LessOrEqual(T a, T b) { return scalar::less_equal(a, b); }
template <class T> __device__ inline T And(T a, T b) { return scalar::logical_and(a, b); }
template <class T> __device__ inline T Or(T a, T b) { return scalar::logical_or(a, b); }
template <class T> __device__ inline T Where(T condition, T a, T b) { return scalar::where(condition, a, b); }
// Of float and double only:
template <class T> __device__ inline T Sqrt(T a) { return scalar::sqrt_(a); }
template <class T> __device__ inline T Exp(T a) { return scalar::exp_(a); }
template <class T> __device__ inline T Log(T a) { return scalar::log_(a); }
template <class T> __device__ inline T Log1p(T a) { return scalar::log1p_(a); }
template <class T> __device__ inline T Expm1(T a) { return scalar::expm1_(a); }
template <class T> __device__ inline T Sin(T a) { return scalar::sin_(a); }
template <class T> __device__ inline T Cos(T a) { return scalar::cos_(a); }
template <class T> __device__ inline T Tanh(T a) { return scalar::tanh_(a); }
template <class T> __device__ inline T Erf(T a) { return scalar::erf_(a); }
template <class T> __device__ inline T Floor(T a) { return scalar::floor_(a); }
template <class T> __device__ inline T Ceil(T a) { return scalar::ceil_(a); }
template <class T> __device__ inline T Round(T a) { return scalar::round_(a); }
template <class T> __device__ inline T Sigmoid(T a) { return scalar::sigmoid(a); }
template <class T> __device__ inline T Pow(T a, T b) { return scalar::pow_(a, b); }
// clang-format on

// Conversions, by the rules of base/convert.h and base/half.h.

template <class T> inline constexpr T lowest = T(0);
template <> inline constexpr signed char lowest<signed char> = -128;
template <> inline constexpr int lowest<int> = -2147483647 - 1;
template <> inline constexpr long long lowest<long long> = -9223372036854775807ll - 1;
template <class T> inline constexpr T highest = T(0);
template <> inline constexpr signed char highest<signed char> = 127;
template <> inline constexpr unsigned char highest<unsigned char> = 255;
template <> inline constexpr int highest<int> = 2147483647;
template <> inline constexpr long long highest<long long> = 9223372036854775807ll;

/// Truncates and saturates, NaN becomes 0.
template <class To, class From> __device__ inline To saturated(From value) {
  constexpr From low = static_cast<From>(lowest<To>);
  constexpr From high = static_cast<From>(highest<To>);  // rounded up to 2^31, 2^63 where it has no room
  if (value >= high) return highest<To>;
  if (value <= low) return lowest<To>;
  return value == value ? static_cast<To>(value) : To(0);
}

/// The bits of the nearest number with so many bits of exponent and stored mantissa, ties to even.
template <int exponent_bits, int mantissa_bits> __device__ inline unsigned short narrowed_bits(double value) {
  using Bits = unsigned long long;
  constexpr int lowest_exponent = 2 - (1 << (exponent_bits - 1));  // of a normal number
  constexpr Bits infinity = ((Bits{1} << exponent_bits) - 1) << mantissa_bits;
  const Bits bits = __builtin_bit_cast(Bits, value);
  const Bits magnitude = bits & ~(Bits{1} << 63);
  const Bits sign = (bits >> 63) << (exponent_bits + mantissa_bits);
  if (magnitude > Bits{0x7ff} << 52)  // NaN
    return static_cast<unsigned short>(sign | infinity | (Bits{1} << (mantissa_bits - 1)));
  const int exponent = static_cast<int>(magnitude >> 52) - 1023;
  const Bits significand = (magnitude & ((Bits{1} << 52) - 1)) | (Bits{1} << 52);
  const int shift = 52 - mantissa_bits + (exponent < lowest_exponent ? lowest_exponent - exponent : 0);
  if (shift > 53) return static_cast<unsigned short>(sign);  // less than half of the smallest subnormal
  const Bits rest = significand & ((Bits{1} << shift) - 1), tie = Bits{1} << (shift - 1);
  Bits result = significand >> shift;
  if (rest > tie || (rest == tie && (result & 1) != 0)) ++result;  // a carry moves on to the exponent, as it should
  if (exponent > lowest_exponent) result += static_cast<Bits>(exponent - lowest_exponent) << mantissa_bits;
  return static_cast<unsigned short>(sign | (result < infinity ? result : infinity));
}

/// The number with these bits; exact. Every one is a float, too.
template <int exponent_bits, int mantissa_bits> __device__ inline float widened(unsigned short bits) {
  constexpr int lowest_exponent = 2 - (1 << (exponent_bits - 1));
  constexpr unsigned highest_field = (1u << exponent_bits) - 1;
  const unsigned sign = static_cast<unsigned>(bits >> (exponent_bits + mantissa_bits)) << 31;
  const unsigned field = (static_cast<unsigned>(bits) >> mantissa_bits) & highest_field;
  const unsigned mantissa = bits & ((1u << mantissa_bits) - 1), aligned = mantissa << (23 - mantissa_bits);
  if (field == highest_field) return __builtin_bit_cast(float, sign | (0xffu << 23) | aligned);
  if (field > 0) {
    const auto biased = static_cast<unsigned>(static_cast<int>(field) - 1 + lowest_exponent + 127);
    return __builtin_bit_cast(float, sign | (biased << 23) | aligned);
  }
  if constexpr (exponent_bits == 8) return __builtin_bit_cast(float, sign | aligned);  // a float's subnormal
  constexpr float unit = __builtin_bit_cast(float, static_cast<unsigned>(lowest_exponent - mantissa_bits + 127) << 23);
  const float magnitude = static_cast<float>(mantissa) * unit;
  return sign != 0 ? -magnitude : magnitude;
}

/// A stored number, or one of a register, as the other.
template <class To, class From> __device__ inline To converted(From value) {
  if constexpr (same<To, From> && !same<From, StoredBool>) {
    return value;
  } else if constexpr (same<From, StoredBool>) {
    return converted<To>(value.byte != 0 ? 1 : 0);
  } else if constexpr (same<From, Half>) {
    return converted<To>(widened<5, 10>(value.bits));
  } else if constexpr (same<From, BFloat16>) {
    return converted<To>(widened<8, 7>(value.bits));
  } else if constexpr (same<To, StoredBool>) {
    return {static_cast<unsigned char>(value != From(0) ? 1 : 0)};
  } else if constexpr (same<To, Half>) {
    return {narrowed_bits<5, 10>(static_cast<double>(value))};
  } else if constexpr (same<To, BFloat16>) {
    return {narrowed_bits<8, 7>(static_cast<double>(value))};
  } else if constexpr (floating<From> && !floating<To>) {
    return saturated<To>(value);
  } else {
    return static_cast<To>(value);
  }
}

}  // namespace keratin::cuda
