#include "ops/arg_max.h"

#include <gtest/gtest.h>

#include <limits>

#include "support/approx.h"
#include "support/interpret.h"
#include "support/op_case.h"
#include "support/reference.h"

namespace keratin {
namespace {

using testing::OpCases;

TEST(ArgMax, FindsTheFirstOfTheLargest) {
  OpCases table;
  for (const Shape& shape :
       std::vector<Shape>{{1}, {17}, {50, 10}, {3, 131}, {131, 3}, {2, 3, 4}, {2, 3, 4, 5}, {0, 3}})
    for (int axis = 0; axis < shape.rank(); ++axis)
      if (shape[axis] != 0) table.cases.push_back({concat(shape), std::make_shared<ArgMax>(axis), {{shape, 0, 9}}});
  table.dtypes = {float32, float64, int8, uint8, int32, int64, boolean};  // of integers many are equal
  table.reference = [](const Op& op, const std::vector<Array>& inputs) {
    const int axis = static_cast<const ArgMax&>(op).axis();
    return testing::filled(op.infer(Specs{{float64, inputs[0].shape()}})[0].shape, [&](testing::Index index) {
      index.insert(index.begin() + axis, 0);
      std::int64_t best = 0;
      double largest = testing::element(inputs[0], index);
      for (std::int64_t i = 0; i < inputs[0].shape()[axis]; ++i) {
        index[static_cast<std::size_t>(axis)] = i;
        if (testing::element(inputs[0], index) > largest) largest = testing::element(inputs[0], index), best = i;
      }
      return static_cast<double>(best);
    });
  };
  testing::check_forward(table);
}

TEST(ArgMax, CountsNaNAsTheLargestAsNumPy) {
  constexpr float nan = std::numeric_limits<float>::quiet_NaN(), infinity = std::numeric_limits<float>::infinity();
  const Array x =
      Array::of<float>({{1, nan, infinity, nan}, {-infinity, -infinity, -infinity, -infinity}, {0, 1, 1, 0}});
  EXPECT_CLOSE(testing::run_op(ArgMax(1), {x})[0], Array::of<std::int32_t>({1, 0, 1}), 0.0);
  EXPECT_CLOSE(testing::run_op(ArgMax(0), {x})[0], Array::of<std::int32_t>({0, 0, 0, 0}), 0.0);
}

TEST(ArgMax, RefusesNothing) {
  OpCases table;
  table.errors = {
      {"empty", std::make_shared<ArgMax>(1), {{float32, {2, 0}}}, "expected something along axis 1, got (2, 0)"},
      {"axis", std::make_shared<ArgMax>(2), {{float32, {2, 3}}}, "expected something along axis 2"}};
  testing::check_errors(table);
}

}  // namespace
}  // namespace keratin
