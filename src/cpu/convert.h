// Loops between the numbers as stored and the numbers that are computed with: Array::astype's rules.
#pragma once

#include <cstdint>
#include <cstring>
#include <limits>
#include <type_traits>

#include "base/half.h"
#include "cpu/lanes.h"
#include "keratin/types.h"

namespace keratin::cpu {

template <class T> inline constexpr bool is_narrow = std::is_same_v<T, Float16> || std::is_same_v<T, BFloat16>;

/// Truncates and saturates, NaN becomes 0; without branches, so that it can be vectorised.
template <class To, class From> To saturated(From value) {
  constexpr From low = static_cast<From>(std::numeric_limits<To>::min());
  constexpr From high =
      static_cast<From>(std::numeric_limits<To>::max());  // rounded up to 2^31, 2^63 where it has no room
  const bool fits = value > low && value < high;
  const To inside = static_cast<To>(fits ? value : From(0));
  return value >= high ? std::numeric_limits<To>::max() : (value <= low ? std::numeric_limits<To>::min() : inside);
}

template <class To, class From> To converted(From value) {
  if constexpr (std::is_same_v<To, From>) {
    return value;
  } else if constexpr (is_narrow<From>) {
    return converted<To>(static_cast<double>(value));
  } else if constexpr (is_narrow<To>) {
    return To(static_cast<double>(value));
  } else if constexpr (std::is_same_v<To, bool>) {
    return value != From(0);
  } else if constexpr (std::is_floating_point_v<From> && std::is_integral_v<To>) {
    return saturated<To>(value);
  } else {
    return static_cast<To>(value);
  }
}

/// n numbers read as T's; may be in place only if the two types are one.
template <class T> using Load = void (*)(std::int64_t n, T* to, const void* from);
template <class T> using Store = void (*)(std::int64_t n, void* to, const T* from);

template <class To, class From> void convert(std::int64_t n, To* to, const From* from) {
  if constexpr (std::is_same_v<To, From>) {
    std::memcpy(to, from, static_cast<std::size_t>(n) * sizeof(To));
  } else if constexpr (std::is_same_v<From, bool>) {  // the bytes may be any: who fed them need not have written bools
    const auto* const bytes = reinterpret_cast<const std::uint8_t*>(from);
    KERATIN_INDEPENDENT
    for (std::int64_t i = 0; i < n; ++i) to[i] = converted<To>(bytes[i] != 0);
  } else {
    KERATIN_INDEPENDENT
    for (std::int64_t i = 0; i < n; ++i) to[i] = converted<To>(from[i]);
  }
}

/// make(tag) for the C++ type of any dtype.
template <class Make> auto with_any(DType dtype, const Make& make) {
  switch (dtype) {
    case DType::float32: return make(float{});
    case DType::float64: return make(double{});
    case DType::float16: return make(Float16{});
    case DType::bfloat16: return make(BFloat16{});
    case DType::int8: return make(std::int8_t{});
    case DType::uint8: return make(std::uint8_t{});
    case DType::int32: return make(std::int32_t{});
    case DType::int64: return make(std::int64_t{});
    case DType::boolean: break;
  }
  return make(bool{});
}

template <class T> Load<T> load_of(DType dtype) {
  return with_any(dtype, [](auto tag) -> Load<T> {
    using From = decltype(tag);
    return [](std::int64_t n, T* to, const void* from) { convert<T, From>(n, to, static_cast<const From*>(from)); };
  });
}

template <class T> Store<T> store_of(DType dtype) {
  return with_any(dtype, [](auto tag) -> Store<T> {
    using To = decltype(tag);
    return [](std::int64_t n, void* to, const T* from) { convert<To, T>(n, static_cast<To*>(to), from); };
  });
}

}  // namespace keratin::cpu
