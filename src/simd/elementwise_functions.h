// The value of every elementwise function, chosen at compile time: what loops and compiled programs are made of.
// Included by what is compiled once for each instruction set.
#pragma once

#include <cstdint>
#include <type_traits>

#include "ops/elementwise.h"
#include "simd/lanes.h"

namespace keratin::cpu {
namespace KERATIN_INSTRUCTION_SET {

/// Integers wrap around as NumPy's: arithmetic is done without a sign, where that is defined.
namespace wrapping {
template <class T, class F> T by(F f, T a, T b) {
  if constexpr (std::is_floating_point_v<T>) {
    return f(a, b);
  } else {
    using U = std::make_unsigned_t<T>;
    return static_cast<T>(f(static_cast<U>(a), static_cast<U>(b)));
  }
}
template <class T> inline T add(T a, T b) {
  return by([](auto x, auto y) { return x + y; }, a, b);
}
template <class T> inline T sub(T a, T b) {
  return by([](auto x, auto y) { return x - y; }, a, b);
}
template <class T> inline T mul(T a, T b) {
  return by([](auto x, auto y) { return x * y; }, a, b);
}
template <class T> inline T neg(T a) {
  if constexpr (std::is_floating_point_v<T>)
    return scalar::neg(a);
  else
    return sub(T(0), a);
}
template <class T> inline T abs(T a) {
  if constexpr (std::is_floating_point_v<T>)
    return scalar::abs_(a);
  else
    return a < T(0) ? neg(a) : a;
}
/// A division by zero is 0, as NumPy's of integers.
template <class T> inline T div(T a, T b) {
  if constexpr (std::is_floating_point_v<T>)
    return scalar::div(a, b);
  else
    return b == T(0) ? T(0) : (b == T(-1) ? neg(a) : static_cast<T>(a / b));
}
}  // namespace wrapping

/// Operands of a function, after the order of the enumeration.
template <Function f> inline constexpr int arity = f == Function::where ? 3 : (f >= Function::add ? 2 : 1);

/// True for what is defined for integers, too.
template <Function f>
inline constexpr bool of_integers = f == Function::identity || f == Function::neg || f == Function::abs ||
                                    f == Function::sign || f == Function::square ||
                                    (f >= Function::relu && f != Function::pow);

/// f(a, b, c); operands beyond the arity are not looked at.
template <Function f, class T> inline T evaluate(T a, [[maybe_unused]] T b, [[maybe_unused]] T c) {
  // clang-format off
  if constexpr (f == Function::identity) return scalar::identity(a);
  else if constexpr (f == Function::neg) return wrapping::neg(a);
  else if constexpr (f == Function::abs) return wrapping::abs(a);
  else if constexpr (f == Function::sign) return scalar::sign(a);
  else if constexpr (f == Function::square) return wrapping::mul(a, a);
  else if constexpr (f == Function::sqrt) return scalar::sqrt_(a);
  else if constexpr (f == Function::exp) return scalar::exp_(a);
  else if constexpr (f == Function::log) return scalar::log_(a);
  else if constexpr (f == Function::log1p) return scalar::log1p_(a);
  else if constexpr (f == Function::expm1) return scalar::expm1_(a);
  else if constexpr (f == Function::sin) return scalar::sin_(a);
  else if constexpr (f == Function::cos) return scalar::cos_(a);
  else if constexpr (f == Function::tanh) return scalar::tanh_(a);
  else if constexpr (f == Function::erf) return scalar::erf_(a);
  else if constexpr (f == Function::floor) return scalar::floor_(a);
  else if constexpr (f == Function::ceil) return scalar::ceil_(a);
  else if constexpr (f == Function::round) return scalar::round_(a);
  else if constexpr (f == Function::sigmoid) return scalar::sigmoid(a);
  else if constexpr (f == Function::relu) return scalar::relu(a);
  else if constexpr (f == Function::is_finite) return scalar::is_finite(a);
  else if constexpr (f == Function::logical_not) return scalar::logical_not(a);
  else if constexpr (f == Function::add) return wrapping::add(a, b);
  else if constexpr (f == Function::sub) return wrapping::sub(a, b);
  else if constexpr (f == Function::mul) return wrapping::mul(a, b);
  else if constexpr (f == Function::div) return wrapping::div(a, b);
  else if constexpr (f == Function::max) return scalar::max(a, b);
  else if constexpr (f == Function::min) return scalar::min(a, b);
  else if constexpr (f == Function::pow) return scalar::pow_(a, b);
  else if constexpr (f == Function::equal) return scalar::equal(a, b);
  else if constexpr (f == Function::less) return scalar::less(a, b);
  else if constexpr (f == Function::less_equal) return scalar::less_equal(a, b);
  else if constexpr (f == Function::logical_and) return scalar::logical_and(a, b);
  else if constexpr (f == Function::logical_or) return scalar::logical_or(a, b);
  else { static_assert(f == Function::where); return scalar::where(a, b, c); }
  // clang-format on
}

}  // namespace KERATIN_INSTRUCTION_SET
}  // namespace keratin::cpu
