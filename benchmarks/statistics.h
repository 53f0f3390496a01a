// What the benchmarks make of many measurements.
#pragma once

#include <algorithm>
#include <cstddef>
#include <vector>

namespace statistics {

/// The middle one in order of size, of an even number the larger of two; 0 of none.
inline double median(std::vector<double> values) {
  if (values.empty()) return 0;
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

}  // namespace statistics
