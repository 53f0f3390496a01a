#include "support/approx.h"

#include <algorithm>
#include <cmath>

namespace keratin::testing {

::testing::AssertionResult close(const Array& actual, const Array& expected, double tolerance) {
  if (actual.shape() != expected.shape())
    return ::testing::AssertionFailure() << "expected shape " << expected.shape() << ", got " << actual.shape();
  const Array a = actual.astype(float64).copy(), b = expected.astype(float64).copy();
  const auto x = a.values<double>(), y = b.values<double>();
  double largest = 0.0;
  for (const double value : y)
    if (std::isfinite(value)) largest = std::max(largest, std::abs(value));
  for (std::size_t i = 0; i < x.size(); ++i) {
    const bool same = x[i] == y[i] || (std::isnan(x[i]) && std::isnan(y[i]));
    if (same || std::abs(x[i] - y[i]) <= tolerance * largest) continue;
    return ::testing::AssertionFailure() << "element " << i << " of " << expected.shape() << ": expected " << y[i]
                                         << ", got " << x[i] << ": a difference of " << std::abs(x[i] - y[i]) / largest
                                         << " times the largest number, allowed are " << tolerance;
  }
  return ::testing::AssertionSuccess();
}

}  // namespace keratin::testing
