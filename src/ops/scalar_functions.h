// One definition per elementwise function, for every number type and every compiler. Includes nothing, so that it can
// also be compiled at run time for a device; whoever includes it brings exp, log, … into scope by `using std::exp;` and
// so on.
#pragma once

#ifndef KERATIN_HOST_DEVICE
#define KERATIN_HOST_DEVICE
#endif
// A namespace for each instruction set that this is compiled for, or the linker would merge their functions.
#ifndef KERATIN_INSTRUCTION_SET
#define KERATIN_INSTRUCTION_SET baseline
#endif

namespace keratin::scalar {
inline namespace KERATIN_INSTRUCTION_SET {

template <class T> KERATIN_HOST_DEVICE inline T add(T a, T b) { return a + b; }
template <class T> KERATIN_HOST_DEVICE inline T sub(T a, T b) { return a - b; }
template <class T> KERATIN_HOST_DEVICE inline T mul(T a, T b) { return a * b; }
template <class T> KERATIN_HOST_DEVICE inline T div(T a, T b) { return a / b; }
/// NaN if either is, as Keras's maximum and minimum.
template <class T> KERATIN_HOST_DEVICE inline T max(T a, T b) { return a > b ? a : (a != a ? a : b); }
template <class T> KERATIN_HOST_DEVICE inline T min(T a, T b) { return a < b ? a : (a != a ? a : b); }
template <class T> KERATIN_HOST_DEVICE inline T pow_(T a, T b) { return static_cast<T>(pow(a, b)); }
template <class T> KERATIN_HOST_DEVICE inline T equal(T a, T b) { return a == b ? T(1) : T(0); }
template <class T> KERATIN_HOST_DEVICE inline T less(T a, T b) { return a < b ? T(1) : T(0); }
template <class T> KERATIN_HOST_DEVICE inline T less_equal(T a, T b) { return a <= b ? T(1) : T(0); }
template <class T> KERATIN_HOST_DEVICE inline T logical_and(T a, T b) { return a != T(0) && b != T(0) ? T(1) : T(0); }
template <class T> KERATIN_HOST_DEVICE inline T logical_or(T a, T b) { return a != T(0) || b != T(0) ? T(1) : T(0); }
template <class T> KERATIN_HOST_DEVICE inline T logical_not(T a) { return a == T(0) ? T(1) : T(0); }
template <class T> KERATIN_HOST_DEVICE inline T where(T condition, T a, T b) { return condition != T(0) ? a : b; }
template <class T> KERATIN_HOST_DEVICE inline T identity(T a) { return a; }
template <class T> KERATIN_HOST_DEVICE inline T neg(T a) { return -a; }
/// The sum takes the sign off a negative zero.
template <class T> KERATIN_HOST_DEVICE inline T abs_(T a) { return a < T(0) ? -a : T(0) + a; }
template <class T> KERATIN_HOST_DEVICE inline T sign(T a) { return a > T(0) ? T(1) : (a < T(0) ? T(-1) : a); }
template <class T> KERATIN_HOST_DEVICE inline T square(T a) { return a * a; }
template <class T> KERATIN_HOST_DEVICE inline T sqrt_(T a) { return static_cast<T>(sqrt(a)); }
template <class T> KERATIN_HOST_DEVICE inline T exp_(T a) { return static_cast<T>(exp(a)); }
template <class T> KERATIN_HOST_DEVICE inline T log_(T a) { return static_cast<T>(log(a)); }
template <class T> KERATIN_HOST_DEVICE inline T log1p_(T a) { return static_cast<T>(log1p(a)); }
template <class T> KERATIN_HOST_DEVICE inline T expm1_(T a) { return static_cast<T>(expm1(a)); }
template <class T> KERATIN_HOST_DEVICE inline T sin_(T a) { return static_cast<T>(sin(a)); }
template <class T> KERATIN_HOST_DEVICE inline T cos_(T a) { return static_cast<T>(cos(a)); }
template <class T> KERATIN_HOST_DEVICE inline T tanh_(T a) { return static_cast<T>(tanh(a)); }
template <class T> KERATIN_HOST_DEVICE inline T erf_(T a) { return static_cast<T>(erf(a)); }
template <class T> KERATIN_HOST_DEVICE inline T floor_(T a) { return static_cast<T>(floor(a)); }
template <class T> KERATIN_HOST_DEVICE inline T ceil_(T a) { return static_cast<T>(ceil(a)); }
/// Halves to the even neighbour, as NumPy's.
template <class T> KERATIN_HOST_DEVICE inline T round_(T a) { return static_cast<T>(nearbyint(a)); }
template <class T> KERATIN_HOST_DEVICE inline T sigmoid(T a) { return T(1) / (T(1) + static_cast<T>(exp(-a))); }
/// Keeps NaN.
template <class T> KERATIN_HOST_DEVICE inline T relu(T a) { return a < T(0) ? T(0) : a; }
/// Finite: neither NaN nor infinite.
template <class T> KERATIN_HOST_DEVICE inline T is_finite(T a) { return a - a == T(0) ? T(1) : T(0); }

}  // namespace KERATIN_INSTRUCTION_SET
}  // namespace keratin::scalar
