// A number of one dtype as one of another: the rules of Array::astype and of kernels that read and write what they do
// not compute in.
#pragma once

#include <concepts>
#include <cstdint>
#include <limits>

#include "base/half.h"
#include "keratin/types.h"

namespace KERATIN_INTERNAL_EXPORT keratin {

template <class T>
concept Narrow = std::same_as<T, Float16> || std::same_as<T, BFloat16>;

/// A boolean where it lies: a byte, which a file or its caller may have given any value. A bool would have to be 0
/// or 1.
struct StoredBool {
  std::uint8_t byte;
};

/// Truncates and saturates, NaN becomes 0. (A plain cast is undefined outside the integer's range.) Without branches,
/// so that it can be vectorised.
template <std::integral To, std::floating_point From> To saturated(From value) {
  constexpr From low = static_cast<From>(std::numeric_limits<To>::min());
  constexpr From high =
      static_cast<From>(std::numeric_limits<To>::max());  // rounded up to 2^31, 2^63 where it has no room
  const bool fits = value > low && value < high;
  const To inside = static_cast<To>(fits ? value : From(0));
  return value >= high ? std::numeric_limits<To>::max() : (value <= low ? std::numeric_limits<To>::min() : inside);
}

template <class To, class From> To converted(From value) {
  if constexpr (std::same_as<From, StoredBool>) {
    return converted<To>(value.byte != 0);
  } else if constexpr (std::same_as<To, StoredBool>) {
    return {static_cast<std::uint8_t>(converted<bool>(value) ? 1 : 0)};
  } else if constexpr (std::same_as<To, From>) {
    return value;
  } else if constexpr (Narrow<From>) {
    return converted<To>(static_cast<double>(value));
  } else if constexpr (Narrow<To>) {
    return To(static_cast<double>(value));
  } else if constexpr (std::same_as<To, bool>) {
    return value != From(0);
  } else if constexpr (std::floating_point<From> && std::integral<To>) {
    return saturated<To>(value);
  } else {
    return static_cast<To>(value);
  }
}

/// f(tag) for a number of the dtype's C++ type.
template <class F> auto with_type(DType dtype, const F& f) {
  switch (dtype) {
    case DType::float32: return f(float{});
    case DType::float64: return f(double{});
    case DType::float16: return f(Float16{});
    case DType::bfloat16: return f(BFloat16{});
    case DType::int8: return f(std::int8_t{});
    case DType::uint8: return f(std::uint8_t{});
    case DType::int32: return f(std::int32_t{});
    case DType::int64: return f(std::int64_t{});
    case DType::boolean: break;
  }
  return f(StoredBool{});
}

}  // namespace keratin
