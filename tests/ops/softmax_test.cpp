#include "ops/softmax.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "support/approx.h"
#include "support/interpret.h"
#include "support/op_case.h"
#include "support/reference.h"

namespace keratin {
namespace {

using testing::OpCases;

OpCases softmax_cases() {
  OpCases table;
  for (const Shape& shape : std::vector<Shape>{{1},
                                               {10},
                                               {50, 10},
                                               {3, 131},
                                               {131, 3},
                                               {2, 3, 4},
                                               {2, 5, 67},
                                               {2, 3, 4, 5},
                                               {0, 3},
                                               {15, 17},
                                               {17, 15},
                                               {33, 31},
                                               {31, 33},
                                               {16, 32},
                                               {1, 1000},
                                               {67, 1}})
    for (int axis = 0; axis < shape.rank(); ++axis)
      if (shape[axis] != 0)
        table.cases.push_back({concat(shape), std::make_shared<Softmax>(axis), {{shape, -9, 9}}, shape[axis]});
  table.reference = [](const Op& op, const std::vector<Array>& inputs) {
    const auto axis = static_cast<std::size_t>(static_cast<const Softmax&>(op).axis());
    return testing::filled(inputs[0].shape(), [&](testing::Index index) {
      const double own = std::exp(testing::element(inputs[0], index));
      double sum = 0.0;
      for (index[axis] = 0; index[axis] < inputs[0].shape()[static_cast<int>(axis)]; ++index[axis])
        sum += std::exp(testing::element(inputs[0], index));
      return own / sum;
    });
  };
  table.errors = {{"integers", std::make_shared<Softmax>(0), {{int32, {3}}}, "expected floating-point numbers"},
                  {"axis", std::make_shared<Softmax>(1), {{float32, {3}}}, "with an axis 1"}};
  return table;
}

TEST(Softmax, IsItsDefinitionAlongAnyAxis) { testing::check_forward(softmax_cases()); }
TEST(Softmax, HasAGradient) { testing::check_gradients(softmax_cases()); }
TEST(Softmax, RefusesWhatDoesNotFit) { testing::check_errors(softmax_cases()); }

TEST(Softmax, DoesNotOverflow) {
  for (const DType dtype : {float32, float64}) {
    const Array y = testing::run_op(Softmax(0), {Array::of<double>({1e4, 1e4, -1e4}).astype(dtype)})[0];
    EXPECT_CLOSE(y, Array::of<double>({0.5, 0.5, 0.0}), 0.0);
  }
}

TEST(Softmax, KeepsNaNInItsRow) {
  const Array x(std::vector<float>{1.0f, std::numeric_limits<float>::quiet_NaN(), 2.0f, 3.0f}, {2, 2});
  const Array y = testing::run_op(Softmax(1), {x})[0];
  EXPECT_TRUE(std::isnan(y.at(0, 0)) && std::isnan(y.at(0, 1)));
  EXPECT_FALSE(std::isnan(y.at(1, 0)) || std::isnan(y.at(1, 1)));
}

}  // namespace
}  // namespace keratin
