// Comparing arrays with tolerances: max|a − b| <= tolerance · max|b| over a whole tensor, exact where max|b| is 0.
#pragma once

#include <gtest/gtest.h>

#include "keratin/array.h"

namespace keratin::testing {

/// The tolerances there are, each with its reason. A test that needs a looser one says why.
namespace tolerance {
inline constexpr double float64 = 1e-12;         // some thousand roundings of 1e-16
inline constexpr double float32 = 2e-6;          // some dozen roundings of 6e-8, as of a short sum
inline constexpr double golden_float64 = 1e-11;  // another library's exp, log and order of operations, over ten steps
}  // namespace tolerance

/// Success if dtype does not matter, the shapes agree and the numbers do within the tolerance; NaN equals NaN alone.
::testing::AssertionResult close(const Array& actual, const Array& expected, double tolerance);

}  // namespace keratin::testing

/// EXPECT_CLOSE(actual, expected, tolerance::float64)
#define EXPECT_CLOSE(actual, expected, ...) EXPECT_TRUE(::keratin::testing::close(actual, expected, __VA_ARGS__))
