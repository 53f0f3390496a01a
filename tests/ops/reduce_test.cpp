#include "ops/reduce.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "graph/differentiate.h"
#include "ops/functions.h"
#include "support/approx.h"
#include "support/interpret.h"
#include "support/op_case.h"
#include "support/reference.h"

namespace keratin {
namespace {

using testing::OpCases;
using testing::run_op;

Array reduced(const Op& op, const std::vector<Array>& inputs) {
  const auto& reduce = static_cast<const Reduce&>(op);
  const Shape kept = with_ones(inputs[0].shape(), reduce.axes());
  const double start[] = {0.0, -std::numeric_limits<double>::infinity(), std::numeric_limits<double>::infinity(), 1.0};
  std::vector<double> values(static_cast<std::size_t>(kept.size()), start[static_cast<int>(reduce.reduction())]);
  testing::for_each_index(inputs[0].shape(), [&](const testing::Index& index) {
    std::int64_t offset = 0;
    for (int axis = 0; axis < kept.rank(); ++axis)
      offset = offset * kept[axis] + (kept[axis] == 1 ? 0 : index[static_cast<std::size_t>(axis)]);
    double& value = values[static_cast<std::size_t>(offset)];
    const double x = testing::element(inputs[0], index);
    switch (reduce.reduction()) {
      case Reduction::sum: value += x; break;
      case Reduction::max: value = std::max(value, x); break;
      case Reduction::min: value = std::min(value, x); break;
      case Reduction::prod: value *= x; break;
    }
  });
  return Array(std::move(values), kept).reshape(op.infer(Specs{{float64, inputs[0].shape()}})[0].shape);
}

/// Every set of axes of a shape.
std::vector<std::vector<int>> axis_sets(int rank) {
  std::vector<std::vector<int>> sets;
  for (unsigned mask = 0; mask < 1u << rank; ++mask) {
    std::vector<int> axes;
    for (int axis = 0; axis < rank; ++axis)
      if ((mask >> axis & 1u) != 0) axes.push_back(axis);
    sets.push_back(axes);
  }
  return sets;
}

OpCases cases_of(Reduction reduction, const std::vector<Shape>& shapes) {
  OpCases table;
  for (const Shape& shape : shapes)
    for (const std::vector<int>& axes : axis_sets(shape.rank()))
      for (const bool keepdims : {false, true}) {
        std::int64_t terms = 1;
        for (const int axis : axes) terms *= shape[axis];
        if (terms == 0 && (reduction == Reduction::max || reduction == Reduction::min)) continue;
        // Products of numbers near 1 neither overflow nor vanish.
        const testing::Numbers numbers =
            reduction == Reduction::prod ? testing::Numbers{shape, 0.9, 1.1} : testing::Numbers{shape, -9, 9};
        table.cases.push_back({concat(shape),
                               std::make_shared<Reduce>(reduction, axes, keepdims),
                               {numbers},
                               std::max<std::int64_t>(terms, 1)});
      }
  table.reference = reduced;
  return table;
}

constexpr Reduction all_reductions[] = {Reduction::sum, Reduction::max, Reduction::min, Reduction::prod};
const std::vector<Shape> shapes{{},        {1},       {17},         {1031},     {3, 5}, {50, 10}, {7, 131}, {131, 7},
                                {2, 3, 4}, {5, 1, 3}, {2, 3, 4, 5}, {3, 67, 2}, {0},    {3, 0},   {2, 0, 3}};

TEST(Reduce, ReducesOverAnySetOfAxes) {
  for (const Reduction reduction : all_reductions) testing::check_forward(cases_of(reduction, shapes));
}

TEST(Reduce, ReducesIntegers) {
  for (const Reduction reduction : all_reductions) {
    OpCases table = cases_of(reduction, {{}, {7}, {3, 5}, {2, 3, 4}});
    table.dtypes = {int8, uint8, int32, int64};
    for (testing::OpCase& row : table.cases)
      for (testing::Numbers& numbers : row.inputs) numbers = {numbers.shape, 0, 2};  // no sum or product leaves int8
    testing::check_forward(table);
  }
}

TEST(Reduce, HasAGradient) {
  for (const Reduction reduction : all_reductions)
    testing::check_gradients(cases_of(reduction, {{}, {17}, {3, 5}, {2, 3, 4}, {2, 3, 4, 5}}));
}

TEST(Reduce, KeepsTheErrorOfLongSumsSmall) {
  // 0.1 a million times: one running float would be off by 1 %.
  for (const auto& [shape, axis] :
       std::vector<std::pair<Shape, int>>{{{1 << 20, 1}, 0}, {{1 << 18, 4}, 0}, {{4, 1 << 18}, 1}}) {
    const Array x = Array::full(shape, 0.1);
    const double want = static_cast<double>(0.1f) * static_cast<double>(shape[axis]);
    const Array sums = run_op(Reduce(Reduction::sum, {axis}, false), {x})[0];
    for (const float sum : sums.values()) EXPECT_NEAR(sum, want, 1e-6 * want);
  }
}

TEST(Reduce, LetsNaNWinInMaxAndMin) {
  for (const DType dtype : {float32, float64})
    for (const Reduction reduction : {Reduction::max, Reduction::min})
      for (int axis = 0; axis < 2; ++axis)
        for (std::int64_t at = 0; at < 5; ++at) {
          Array x = testing::draw({{5, 5}}, float64, 0);
          x.at<double>(at, at) = std::numeric_limits<double>::quiet_NaN();
          const Array y = run_op(Reduce(reduction, {axis}, false), {x.astype(dtype)})[0].astype(float64);
          for (std::int64_t i = 0; i < 5; ++i) EXPECT_EQ(std::isnan(y.at<double>(i)), i == at);
        }
}

TEST(Reduce, SharesTheGradientOfAMaximumBetweenEquals) {
  const Graph graph = testing::graph_of({{float64, {4}}}, [](const Tensors& x) {
    return differentiate(*Trace::current(), ops::max(x[0]), std::vector<Tensor>{x[0]});
  });
  const Array gradient = testing::interpret(graph, {{"x0", Array::of<double>({3, 1, 3, 2})}}).outputs.at("0");
  EXPECT_CLOSE(gradient, Array::of<double>({0.5, 0, 0.5, 0}), 0.0);
}

/// The gradient of prod along an axis, or of all elements.
Array gradient_of_prod(const Array& x, const Axes& axis) {
  const Graph graph = testing::graph_of({{x.dtype(), x.shape()}}, [&](const Tensors& t) {
    return differentiate(*Trace::current(), ops::sum(ops::prod(t[0], {.axis = axis})), std::vector<Tensor>{t[0]});
  });
  return testing::interpret(graph, {{"x0", x}}).outputs.at("0");
}

TEST(Reduce, GivesTheProductOfTheOthersAsGradientWhereAnElementIsZero) {  // the numbers are TensorFlow's
  const Array x = Array::of<double>({1, 0, 3, 0, 0, 2, 2, 3, 4}).reshape({3, 3});
  EXPECT_CLOSE(gradient_of_prod(x, 1), Array::of<double>({0, 3, 0, 0, 0, 0, 12, 8, 6}).reshape({3, 3}), 0.0);
  EXPECT_CLOSE(gradient_of_prod(x, 0), Array::of<double>({0, 0, 8, 2, 0, 12, 0, 0, 6}).reshape({3, 3}), 0.0);
  EXPECT_CLOSE(gradient_of_prod(Array::of<double>({1, 0, 3, 4, 5, 2}), {}), Array::of<double>({0, 120, 0, 0, 0, 0}),
               0.0);
  EXPECT_CLOSE(gradient_of_prod(Array::of<double>({0}), 0), Array::of<double>({1}), 0.0);
}

TEST(Reduce, RefusesWhatCannotBeReduced) {
  OpCases table;
  table.errors = {
      {"nothing",
       std::make_shared<Reduce>(Reduction::max, std::vector<int>{1}, false),
       {{float32, {2, 0}}},
       "expected something to reduce along axis 1"},
      {"booleans",
       std::make_shared<Reduce>(Reduction::sum, std::vector<int>{0}, false),
       {{boolean, {2}}},
       "expected numbers"},
  };
  testing::check_errors(table);
}

}  // namespace
}  // namespace keratin
