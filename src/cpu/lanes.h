// The scalar functions as loops over neighbouring elements that the compiler turns into vector instructions.
#pragma once

#include <cmath>
#include <cstdint>
#include <type_traits>

namespace keratin::scalar {
using std::ceil;
using std::cos;
using std::erf;
using std::exp;
using std::expm1;
using std::floor;
using std::log;
using std::log1p;
using std::nearbyint;
using std::pow;
using std::sin;
using std::sqrt;
using std::tanh;
}  // namespace keratin::scalar

#include "ops/scalar_functions.h"

/// Element i of what is written depends on elements i alone of what is read, so that the two may be the same memory.
#if defined(__clang__)
#define KERATIN_INDEPENDENT _Pragma("clang loop vectorize(assume_safety)")
#else
#define KERATIN_INDEPENDENT _Pragma("GCC ivdep")
#endif
