// Copying numbers between two layouts of one shape, converting between dtypes on the way.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "keratin/types.h"

namespace KERATIN_INTERNAL_EXPORT keratin {

/// Strides in numbers of a row-major array.
std::vector<std::int64_t> row_major_strides(const Shape& shape);

/// Where numbers are: the first one, and how far apart they lie along each axis (in numbers; 0 repeats, as broadcasting
/// does).
struct ConstLayout {
  const std::byte* data = nullptr;
  DType dtype = DType::float32;
  std::span<const std::int64_t> strides;  // one per axis
};
struct Layout {
  std::byte* data = nullptr;
  DType dtype = DType::float32;
  std::span<const std::int64_t> strides;
};

/// to[i, j, …] = from[i, j, …] for every index of the shape, converted as Array::astype says. The two must not overlap.
void strided_copy(const Shape& shape, const Layout& to, const ConstLayout& from);

}  // namespace keratin
