// What references of ops are written with: loops over indices of float64 arrays, as plain as they can be.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "keratin/array.h"

namespace keratin::testing {

using Index = std::vector<std::int64_t>;

/// f for every index of the shape, in order.
inline void for_each_index(const Shape& shape, const std::function<void(const Index&)>& f) {
  if (shape.size() == 0) return;
  Index index(static_cast<std::size_t>(shape.rank()), 0);
  while (true) {
    f(index);
    int axis = shape.rank() - 1;
    for (; axis >= 0; --axis) {
      if (++index[static_cast<std::size_t>(axis)] < shape[axis]) break;
      index[static_cast<std::size_t>(axis)] = 0;
    }
    if (axis < 0) return;
  }
}

/// The element at an index, as float64; missing leading axes and extents of 1 are broadcast.
inline double element(const Array& x, const Index& index) {
  const std::size_t skipped = index.size() - static_cast<std::size_t>(x.shape().rank());
  std::int64_t offset = 0;
  for (int axis = 0; axis < x.shape().rank(); ++axis)
    offset = offset * x.shape()[axis] + (x.shape()[axis] == 1 ? 0 : index[skipped + static_cast<std::size_t>(axis)]);
  return x.values<double>()[static_cast<std::size_t>(offset)];
}

/// The float64 array whose element at an index is f(index).
inline Array filled(const Shape& shape, const std::function<double(const Index&)>& f) {
  std::vector<double> values;
  for_each_index(shape, [&](const Index& index) { values.push_back(f(index)); });
  return Array(std::move(values), shape);
}

}  // namespace keratin::testing
