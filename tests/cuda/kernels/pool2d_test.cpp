// Poolings of windows whose elements lie apart, which no layer makes: as they are defined.
#include "ops/pool2d.h"

#include <gtest/gtest.h>

#include "support/approx.h"
#include "support/interpret.h"
#include "support/op_case.h"

namespace keratin {
namespace {

TEST(CudaPool2D, TakesDilatedWindows) {
  const Shape shape{2, 9, 8, 3};
  for (const Window& window : {Window{{2, 3}, {1, 2}, {3, 2}, {2, 3}, {1, 2}}, Window{{3, 2}, {2, 3}, {2, 5}}}) {
    const Array x = testing::draw({shape}, float32, 0), largest = testing::run_op(MaxPool2D(window), {x})[0];
    const Array g = testing::draw({largest.shape()}, float32, 1);
    const double tolerance = testing::tolerance_of(float32, window.elements());
    const auto expect_defined = [&](const Op& op, const std::vector<Array>& inputs) {
      SCOPED_TRACE(to_string(op));
      EXPECT_CLOSE(testing::run_op(op, inputs)[0], testing::run_expansion(op, inputs)[0], tolerance);
    };
    expect_defined(MaxPool2D(window), {x});
    expect_defined(MaxPool2DGradient(window), {x, largest, g});
    expect_defined(AveragePool2D(window), {x});
    expect_defined(AveragePool2DGradient(window, shape), {g});
  }
}

}  // namespace
}  // namespace keratin
