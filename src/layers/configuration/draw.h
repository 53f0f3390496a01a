// Arrays of numbers drawn from Philox streams: what the random initializers are made with.
#pragma once

#include <cmath>
#include <cstdint>
#include <vector>

#include "base/philox.h"
#include "keratin/array.h"

namespace KERATIN_INTERNAL_EXPORT keratin {

/// number(0), number(1), … in double, rounded to the dtype: so float32 and float64 hold the same draw.
template <class Number> Array filled(const Shape& shape, DType dtype, const Number& number) {
  const auto fill = [&]<class T>(std::vector<T> values) {
    for (std::size_t i = 0; i < values.size(); ++i) values[i] = static_cast<T>(number(i));
    return Array(std::move(values), shape);
  };
  const auto size = static_cast<std::size_t>(shape.size());
  if (dtype == float32) return fill(std::vector<float>(size));
  return fill(std::vector<double>(size)).astype(dtype);
}

/// A standard normal number within ±2: draws again, in the next stream, until it is.
inline double truncated_normal_double(std::uint64_t seed, std::uint64_t element) {
  for (std::uint64_t attempt = 0;; ++attempt)
    if (const double number = normal_double(seed, attempt, element); std::abs(number) <= 2.0) return number;
}

}  // namespace keratin
