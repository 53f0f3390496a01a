// A loop over neighbouring elements for every elementwise function: what kernels/elementwise_loops.cpp is compiled
// from, once for each instruction set. Elsewhere loop_of() of elementwise_loop_table.h gives the best that this machine
// has.
#pragma once

#include <cstdint>
#include <limits>
#include <type_traits>

#include "cpu/elementwise_loop_table.h"
#include "cpu/lanes.h"

namespace keratin::cpu {
inline namespace KERATIN_INSTRUCTION_SET {

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
template <class T> inline T square(T a) { return mul(a, a); }
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

template <class T, T (*f)(T)> void unary_loop(std::int64_t n, T* out, const T* a, const T*, const T*) {
  KERATIN_INDEPENDENT
  for (std::int64_t i = 0; i < n; ++i) out[i] = f(a[i]);
}

/// A fixed operand has one element for all.
template <class T, T (*f)(T, T), bool a_fixed, bool b_fixed>
void binary_loop(std::int64_t n, T* out, const T* a, const T* b, const T*) {
  const T only_a = *a, only_b = *b;
  KERATIN_INDEPENDENT
  for (std::int64_t i = 0; i < n; ++i) out[i] = f(a_fixed ? only_a : a[i], b_fixed ? only_b : b[i]);
}

template <class T, bool a_fixed, bool b_fixed, bool c_fixed>
void where_loop(std::int64_t n, T* out, const T* a, const T* b, const T* c) {
  const T only_a = *a, only_b = *b, only_c = *c;
  KERATIN_INDEPENDENT
  for (std::int64_t i = 0; i < n; ++i) {
    const T yes = b_fixed ? only_b : b[i], no = c_fixed ? only_c : c[i];  // read both, so that there is no branch
    out[i] = (a_fixed ? only_a : a[i]) != T(0) ? yes : no;
  }
}

/// Which operands are fixed: bit k for operand k.
template <class T, T (*f)(T, T)> Loop<T> binary(unsigned fixed) {
  constexpr Loop<T> loops[4] = {binary_loop<T, f, false, false>, binary_loop<T, f, true, false>,
                                binary_loop<T, f, false, true>, nullptr};
  return loops[fixed & 3u];
}

template <class T> Loop<T> where(unsigned fixed) {
  constexpr Loop<T> loops[8] = {where_loop<T, false, false, false>, where_loop<T, true, false, false>,
                                where_loop<T, false, true, false>,  where_loop<T, true, true, false>,
                                where_loop<T, false, false, true>,  where_loop<T, true, false, true>,
                                where_loop<T, false, true, true>,   nullptr};
  return loops[fixed & 7u];
}

/// The functions that integers have too.
template <class T> Loop<T> common_loop(Function function, unsigned fixed) {
  switch (function) {
    case Function::identity: return unary_loop<T, scalar::identity<T>>;
    case Function::neg: return unary_loop<T, wrapping::neg<T>>;
    case Function::abs: return unary_loop<T, wrapping::abs<T>>;
    case Function::sign: return unary_loop<T, scalar::sign<T>>;
    case Function::square: return unary_loop<T, wrapping::square<T>>;
    case Function::relu: return unary_loop<T, scalar::relu<T>>;
    case Function::is_finite: return unary_loop<T, scalar::is_finite<T>>;
    case Function::logical_not: return unary_loop<T, scalar::logical_not<T>>;
    case Function::add: return binary<T, wrapping::add<T>>(fixed);
    case Function::sub: return binary<T, wrapping::sub<T>>(fixed);
    case Function::mul: return binary<T, wrapping::mul<T>>(fixed);
    case Function::div: return binary<T, wrapping::div<T>>(fixed);
    case Function::max: return binary<T, scalar::max<T>>(fixed);
    case Function::min: return binary<T, scalar::min<T>>(fixed);
    case Function::equal: return binary<T, scalar::equal<T>>(fixed);
    case Function::less: return binary<T, scalar::less<T>>(fixed);
    case Function::less_equal: return binary<T, scalar::less_equal<T>>(fixed);
    case Function::logical_and: return binary<T, scalar::logical_and<T>>(fixed);
    case Function::logical_or: return binary<T, scalar::logical_or<T>>(fixed);
    case Function::where: return where<T>(fixed);
    default: return nullptr;
  }
}

template <class T> Loop<T> floating_loop(Function function, unsigned fixed) {
  switch (function) {
    case Function::sqrt: return unary_loop<T, scalar::sqrt_<T>>;
    case Function::exp: return unary_loop<T, scalar::exp_<T>>;
    case Function::log: return unary_loop<T, scalar::log_<T>>;
    case Function::log1p: return unary_loop<T, scalar::log1p_<T>>;
    case Function::expm1: return unary_loop<T, scalar::expm1_<T>>;
    case Function::sin: return unary_loop<T, scalar::sin_<T>>;
    case Function::cos: return unary_loop<T, scalar::cos_<T>>;
    case Function::tanh: return unary_loop<T, scalar::tanh_<T>>;
    case Function::erf: return unary_loop<T, scalar::erf_<T>>;
    case Function::floor: return unary_loop<T, scalar::floor_<T>>;
    case Function::ceil: return unary_loop<T, scalar::ceil_<T>>;
    case Function::round: return unary_loop<T, scalar::round_<T>>;
    case Function::sigmoid: return unary_loop<T, scalar::sigmoid<T>>;
    case Function::pow: return binary<T, scalar::pow_<T>>(fixed);
    default: return nullptr;
  }
}

}  // namespace KERATIN_INSTRUCTION_SET
}  // namespace keratin::cpu
