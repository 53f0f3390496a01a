// The functions of ops/scalar_functions.h for loops over neighbouring elements: without branches and calls, so that the
// compiler turns a loop into vector instructions. An element's bits depend on its value alone, neither on its
// neighbours nor on the instruction set. Errors are below 2 units in the last place (expm1 and tanh: 5, erf: 7); NaN,
// infinities, signed zeros and subnormals as the standard library's. What is rare (sin, cos, pow; erf of a double)
// calls the standard library.
#pragma once

#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>
#include <type_traits>

/// Element i of what is written depends on elements i alone of what is read, so that the two may be the same memory.
#if defined(__clang__)
#define KERATIN_INDEPENDENT _Pragma("clang loop vectorize(assume_safety)")
#else
#define KERATIN_INDEPENDENT _Pragma("GCC ivdep")
#endif

#ifndef KERATIN_INSTRUCTION_SET
#define KERATIN_INSTRUCTION_SET baseline
#endif

namespace keratin::scalar {
inline namespace KERATIN_INSTRUCTION_SET {
namespace lanes {

/// IEEE 754's layout of T, and the numbers that its functions need.
template <class T> struct Format;

template <> struct Format<float> {
  using Bits = std::uint32_t;
  static constexpr int mantissa_bits = 23;
  static constexpr float highest_exponential = 89.0f, lowest_exponential = -104.0f;   // beyond: infinity and 0
  static constexpr float exp_ln2_high = 0.693359375f, exp_ln2_low = -2.12194440e-4f;  // high · n is exact
  static constexpr float log_ln2_high = 6.9313812256e-01f, log_ln2_low = 9.0580006145e-06f;
  static constexpr float one_in_tanh = 10.0f;
};

template <> struct Format<double> {
  using Bits = std::uint64_t;
  static constexpr int mantissa_bits = 52;
  static constexpr double highest_exponential = 710.0, lowest_exponential = -746.0;
  static constexpr double exp_ln2_high = 6.93145751953125e-1, exp_ln2_low = 1.42860682030941723212e-6;
  static constexpr double log_ln2_high = 6.93147180369123816490e-01, log_ln2_low = 1.90821492927058770002e-10;
  static constexpr double one_in_tanh = 22.0;
};

template <class T> using Bits = typename Format<T>::Bits;
template <class T> inline constexpr T infinity = std::numeric_limits<T>::infinity();

template <class T> inline Bits<T> bits(T x) { return std::bit_cast<Bits<T>>(x); }
template <class T> inline T from_bits(Bits<T> x) { return std::bit_cast<T>(x); }

/// magnitude, which is not negative, with x's sign.
template <class T> inline T with_sign_of(T magnitude, T x) {
  constexpr Bits<T> sign = Bits<T>{1} << (sizeof(T) * 8 - 1);
  return from_bits<T>(bits(magnitude) | (bits(x) & sign));
}
template <class T> inline T magnitude(T x) {
  constexpr Bits<T> sign = Bits<T>{1} << (sizeof(T) * 8 - 1);
  return from_bits<T>(bits(x) & ~sign);
}

/// Added to a number below 2^(mantissa_bits - 2) it leaves the nearest integer, halves to even, in the lowest bits.
template <class T>
inline constexpr T integer_maker = static_cast<T>(3) *
                                   static_cast<T>(std::uint64_t{1} << (Format<T>::mantissa_bits - 1));

template <class T> inline T nearest_integer(T x) { return (x + integer_maker<T>)-integer_maker<T>; }

/// 2^n of an integer within the exponents of normal numbers.
template <class T> inline T power_of_two(T n) {
  return from_bits<T>((bits(n + integer_maker<T>) << Format<T>::mantissa_bits) + bits(T(1)));
}

/// e^r − 1 for |r| <= ln 2 / 2, relatively exact (Cephes 2.8, expf.c and exp.c).
inline float small_expm1(float r) {
  float p = 1.9875691500e-4f;
  p = p * r + 1.3981999507e-3f;
  p = p * r + 8.3334519073e-3f;
  p = p * r + 4.1665795894e-2f;
  p = p * r + 1.6666665459e-1f;
  p = p * r + 5.0000001201e-1f;
  return p * (r * r) + r;
}
inline double small_expm1(double r) {
  const double s = r * r;
  const double p = ((1.26177193074810590878e-4 * s + 3.02994407707441961300e-2) * s + 9.99999999999999999910e-1) * r;
  const double q =
      ((3.00198505138664455042e-6 * s + 2.52448340349684104192e-3) * s + 2.27265548208155028766e-1) * s + 2.0;
  return 2.0 * (p / (q - p));
}

/// e^x = 2^n · (1 + rest).
template <class T> struct Exponential {
  T n, rest;
  explicit Exponential(T x) {
    using F = Format<T>;
    x = x > F::highest_exponential ? F::highest_exponential : x;  // so ordered that NaN stays
    x = x < F::lowest_exponential ? F::lowest_exponential : x;
    n = nearest_integer(x * static_cast<T>(1.44269504088896340736));
    rest = small_expm1((x - n * F::exp_ln2_high) - n * F::exp_ln2_low);
  }
  /// x · 2^n, in two steps, for 2^n itself may be too large or subnormal.
  T scaled(T x) const {
    const T half = nearest_integer(n * T(0.5));
    return x * power_of_two(half) * power_of_two(n - half);
  }
};

/// (log m) − f for m = 1 + f in [√½, √2], as fdlibm's e_logf.c and e_log.c have it: −f²/2 + s·(f²/2 + R).
inline float log_rest(float f) {
  const float s = f / (2.0f + f), z = s * s, w = z * z, half = 0.5f * f * f;
  const float r = z * (0.66666662693f + w * 0.28498786688f) + w * (0.40000972152f + w * 0.24279078841f);
  return s * (half + r) - half;
}
inline double log_rest(double f) {
  const double s = f / (2.0 + f), z = s * s, w = z * z, half = 0.5 * f * f;
  const double odd = w * (3.999999999940941908e-01 + w * (2.222219843214978396e-01 + w * 1.531383769920937332e-01));
  const double even =
      z * (6.666666666666735130e-01 +
           w * (2.857142874366239149e-01 + w * (1.818357216161805012e-01 + w * 1.479819860511658591e-01)));
  return s * (half + (even + odd)) - half;
}

/// log x for x > 0; other x are the caller's affair.
template <class T> inline T positive_log(T x) {
  using F = Format<T>;
  constexpr int mantissa_bits = F::mantissa_bits;
  constexpr Bits<T> mantissa = (Bits<T>{1} << mantissa_bits) - 1;
  constexpr T two_to_mantissa = static_cast<T>(std::uint64_t{1} << mantissa_bits);
  constexpr Bits<T> offset = Bits<T>{1} << (sizeof(T) * 8 - 2);  // so that the exponent is shifted without a sign
  const bool subnormal = x < std::numeric_limits<T>::min();
  const Bits<T> root = std::bit_cast<Bits<T>>(static_cast<T>(0.70710678118654752440));
  const Bits<T> shifted = bits(subnormal ? x * two_to_mantissa : x) - root;
  const T m = from_bits<T>((shifted & mantissa) + root);
  const Bits<T> exponent = (shifted + offset) >> mantissa_bits;
  const T biased = from_bits<T>(exponent | bits(two_to_mantissa)) - two_to_mantissa;
  const T e = biased - static_cast<T>(offset >> mantissa_bits) - (subnormal ? T(mantissa_bits) : T(0));
  const T f = m - T(1);
  return e * F::log_ln2_high + (f + (log_rest(f) + e * F::log_ln2_low));
}

}  // namespace lanes

template <class T> inline T exp(T x) {
  const lanes::Exponential<T> e(x);
  return e.scaled(T(1) + e.rest);
}

template <class T> inline T expm1(T x) {
  const lanes::Exponential<T> e(x);
  const T power = e.scaled(T(1));
  const T result = e.n > T(64) ? e.scaled(T(1) + e.rest) : e.rest * power + (power - T(1));
  return lanes::magnitude(x) < std::numeric_limits<T>::epsilon() / T(4) ? x : result;
}

template <class T> inline T log(T x) {
  const T result = x < lanes::infinity<T> ? lanes::positive_log(x) : x;  // infinity and NaN are their own
  return x > T(0) ? result : (x == T(0) ? -lanes::infinity<T> : (x != x ? x : std::numeric_limits<T>::quiet_NaN()));
}

template <class T> inline T log1p(T x) {
  const T u = T(1) + x;
  const T lost = x < T(1) ? x - (u - T(1)) : T(1) - (u - x);  // by rounding 1 + x
  const T result = log(u) + lost / u;
  return lanes::magnitude(x) < std::numeric_limits<T>::epsilon() / T(4)
             ? x
             : (u > T(0) && u < lanes::infinity<T> ? result : log(u));
}

template <class T> inline T tanh(T x) {
  const T a = lanes::magnitude(x);
  const T t = expm1(T(2) * (a > lanes::Format<T>::one_in_tanh ? lanes::Format<T>::one_in_tanh : a));
  return lanes::with_sign_of(t / (t + T(2)), x);
}

/// To an integer; numbers too large for a fraction are their own.
template <class T> inline T nearbyint(T x) {
  constexpr T large = static_cast<T>(std::uint64_t{1} << lanes::Format<T>::mantissa_bits);
  const T a = lanes::magnitude(x);
  return a < large ? lanes::with_sign_of((a + large) - large, x) : x;
}
template <class T> inline T floor(T x) {
  const T near = nearbyint(x);
  return near > x ? near - T(1) : near;
}
template <class T> inline T ceil(T x) {
  const T near = nearbyint(x);
  return near < x ? lanes::with_sign_of(lanes::magnitude(near + T(1)), x) : near;
}

inline float erf(float x) {  // x · P(x²) / Q(x²) on [-4, 4], beyond which erf is ±1
  const float c = x > 4.0f ? 4.0f : (x < -4.0f ? -4.0f : x), s = c * c;
  float p = -2.72614225801306e-10f;
  p = p * s + 2.77068142495902e-08f;
  p = p * s - 2.10102402082508e-06f;
  p = p * s - 5.69250639462346e-05f;
  p = p * s - 7.34990630326855e-04f;
  p = p * s - 2.95459980854025e-03f;
  p = p * s - 1.60960333262415e-02f;
  float q = -1.45660718464996e-05f;
  q = q * s - 2.13374055278905e-04f;
  q = q * s - 1.68282697438203e-03f;
  q = q * s - 7.37332916720468e-03f;
  q = q * s - 1.42647390514189e-02f;
  return c * (p / q);
}
inline double erf(double x) { return std::erf(x); }

using std::cos;
using std::pow;
using std::sin;
using std::sqrt;

}  // namespace KERATIN_INSTRUCTION_SET
}  // namespace keratin::scalar

#include "ops/scalar_functions.h"
