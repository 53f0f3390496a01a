// MaxPool2D, AveragePool2D and their gradients.
#include "ops/pool2d.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "keratin/error.h"
#include "ops/functions.h"
#include "support/approx.h"
#include "support/check_gradient.h"
#include "support/interpret.h"
#include "support/op_case.h"
#include "support/reference.h"
#include "support/throws.h"

namespace keratin {
namespace {

using testing::element;
using testing::OpCases;

/// use(index in x) for what a position sees.
void for_each_seen(const Window& window, const Shape& x, const testing::Index& y, const auto& use) {
  for (std::int64_t i = 0; i < window.size[0]; ++i)
    for (std::int64_t j = 0; j < window.size[1]; ++j) {
      const std::int64_t row = y[1] * window.strides[0] + i - window.before[0];
      const std::int64_t column = y[2] * window.strides[1] + j - window.before[1];
      if (row >= 0 && row < x[1] && column >= 0 && column < x[2]) use(testing::Index{y[0], row, column, y[3]});
    }
}

Array largest(const Op& op, const std::vector<Array>& in) {
  const Window& window = static_cast<const MaxPool2D&>(op).window();
  return testing::filled(window.positions(in[0].shape(), in[0].shape()[3]), [&](const testing::Index& y) {
    double most = -std::numeric_limits<double>::infinity();
    for_each_seen(window, in[0].shape(), y, [&](const auto& x) { most = std::max(most, element(in[0], x)); });
    return most;
  });
}

Array mean(const Op& op, const std::vector<Array>& in) {
  const Window& window = static_cast<const AveragePool2D&>(op).window();
  return testing::filled(window.positions(in[0].shape(), in[0].shape()[3]), [&](const testing::Index& y) {
    double sum = 0.0, count = 0.0;
    for_each_seen(window, in[0].shape(), y, [&](const auto& x) { sum += element(in[0], x), count += 1.0; });
    return sum / count;
  });
}

struct Pooling {
  Shape x;
  Window window;
  std::string name() const {
    FieldWriter fields;
    window.fields(fields);
    return concat(x, " ", fields.text());
  }
};

std::vector<Pooling> poolings() {
  std::vector<Pooling> out{
      {{2, 6, 6, 3}, {{2, 2}, {2, 2}}},  {{1, 5, 7, 1}, {{2, 3}, {2, 2}}},  {{2, 5, 5, 17}, {{3, 3}, {1, 1}}},
      {{3, 4, 4, 16}, {{2, 2}, {2, 2}}}, {{1, 3, 3, 33}, {{1, 2}, {3, 1}}}, {{2, 4, 6, 6}, {{4, 6}, {1, 1}}},
      {{0, 4, 4, 2}, {{2, 2}, {2, 2}}},  {{1, 1, 1, 1}, {{1, 1}, {1, 1}}},  {{2, 28, 28, 6}, {{2, 2}, {2, 2}}},
  };
  for (const Shape& x : {Shape{2, 5, 6, 4}, Shape{1, 7, 3, 15}})
    for (const Pair strides : {Pair{1, 1}, Pair{2, 3}}) out.push_back({x, Window::padded(x, "same", {3, 2}, strides)});
  return out;
}

template <class PoolOp> OpCases cases_of(Array (*reference)(const Op&, const std::vector<Array>&)) {
  OpCases table;
  table.reference = reference;
  for (const Pooling& p : poolings())
    table.cases.push_back({p.name(), std::make_shared<PoolOp>(p.window), {{p.x}}, p.window.elements()});
  return table;
}

TEST(MaxPool2D, IsTheLargestUnderTheWindow) { testing::check_forward(cases_of<MaxPool2D>(largest)); }
TEST(MaxPool2D, HasAGradient) { testing::check_gradients(cases_of<MaxPool2D>(largest)); }
TEST(AveragePool2D, IsTheMeanWithoutThePadding) { testing::check_forward(cases_of<AveragePool2D>(mean)); }
TEST(AveragePool2D, HasAGradient) { testing::check_gradients(cases_of<AveragePool2D>(mean)); }

TEST(MaxPool2DGradient, IsItsDefinition) {
  for (const Pooling& p : poolings())
    for (const DType dtype : {float32, float64}) {
      SCOPED_TRACE(p.name());
      const MaxPool2D pool(p.window);
      const Array x = testing::draw({p.x}, dtype, 0), y = testing::run_op(pool, {x})[0];
      const Array g = testing::draw({y.shape()}, dtype, 1);
      const MaxPool2DGradient op(p.window);
      EXPECT_CLOSE(testing::run_op(op, {x, y, g})[0], testing::run_expansion(op, {x, y, g})[0],
                   testing::tolerance_of(dtype, p.window.elements()));
    }
}

TEST(MaxPool2DGradient, HasTheGradientOfWhatArrives) {
  for (const Pooling& p : poolings()) {
    SCOPED_TRACE(p.name());
    const Array x = testing::draw({p.x}, float64, 0), y = testing::run_op(MaxPool2D(p.window), {x})[0];
    testing::check_gradient(
        [&](const Tensors& g) {
          return make_op<MaxPool2DGradient>({Tensor(x), Tensor(y), g[0]}, p.window);
        },
        {testing::draw({y.shape()}, float64, 1)});
  }
}

TEST(MaxPool2DGradient, GoesToTheFirstOfEquals) {
  const Window window{{2, 2}, {2, 2}};
  const Array x = Array::ones({1, 2, 2, 1}), y = Array::ones({1, 1, 1, 1}), g = Array::full({1, 1, 1, 1}, 3.0);
  EXPECT_EQ(testing::run_op(MaxPool2DGradient(window), {x, y, g})[0].to_string(),
            Array::of<float>({3, 0, 0, 0}).reshape({1, 2, 2, 1}).to_string());
}

/// x's gradient as the op is defined.
Array defined_gradient(const Window& window, const Array& x, const Array& g) {
  return testing::run_expansion(MaxPool2DGradient(window), {x, testing::run_op(MaxPool2D(window), {x})[0], g})[0];
}

TEST(MaxPool2DGradient, GoesToTheFirstNan) {
  const double nan = std::nan("");
  const Array x = Array::of<double>({5, nan, 7, nan}).reshape({1, 2, 2, 1}),
              g = Array::full({1, 1, 1, 1}, 3.0, float64);
  EXPECT_CLOSE(defined_gradient({{2, 2}, {2, 2}}, x, g), Array::of<double>({0, 3, 0, 0}).reshape({1, 2, 2, 1}), 0.0);
  const Array narrow = x.astype(float32), y = testing::run_op(MaxPool2D({{2, 2}, {2, 2}}), {narrow})[0];
  EXPECT_CLOSE(testing::run_op(MaxPool2DGradient({{2, 2}, {2, 2}}), {narrow, y, g.astype(float32)})[0],
               Array::of<float>({0, 3, 0, 0}).reshape({1, 2, 2, 1}), 0.0);
}

TEST(MaxPool2DGradient, NeverGoesToPadding) {
  const Shape shape{1, 2, 2, 1};
  const Window window = Window::padded(shape, "same", {3, 3}, {1, 1});
  const Array x = Array::full(shape, -std::numeric_limits<double>::infinity(), float64);
  const Array g = Array::of<double>({1, 2, 4, 8}).reshape(shape);
  EXPECT_CLOSE(defined_gradient(window, x, g), Array::of<double>({15, 0, 0, 0}).reshape(shape), 0.0);
  const Array narrow = x.astype(float32), y = testing::run_op(MaxPool2D(window), {narrow})[0];
  EXPECT_CLOSE(testing::run_op(MaxPool2DGradient(window), {narrow, y, g.astype(float32)})[0],
               Array::of<float>({15, 0, 0, 0}).reshape(shape), 0.0);
}

/// What arrives at g is the gradient's own gradient: taken from where g went.
TEST(MaxPool2DGradient, TakesTheGradientOfWhatArrivesFromNanToo) {
  const Shape shape{1, 2, 2, 1};
  const Window window = Window::padded(shape, "same", {2, 2}, {2, 2});
  Array x = Array::ones(shape, float64);
  x.at<double>(0, 1, 0, 0) = std::nan("");
  const Array y = testing::run_op(MaxPool2D(window), {x})[0];
  testing::check_gradient(
      [&](const Tensors& g) {
        return make_op<MaxPool2DGradient>({Tensor(x), Tensor(y), g[0]}, window);
      },
      {Array::full({1, 1, 1, 1}, 3.0, float64)});
}

TEST(AveragePool2DGradient, IsItsDefinition) {
  OpCases table;
  table.reference = [](const Op& op, const std::vector<Array>& in) { return testing::run_expansion(op, in)[0]; };
  for (const Pooling& p : poolings())
    table.cases.push_back({p.name(),
                           std::make_shared<AveragePool2DGradient>(p.window, p.x),
                           {{p.window.positions(p.x, p.x[3])}},
                           p.window.elements()});
  testing::check_forward(table);
  testing::check_gradients(table);
}

TEST(MaxPool2D, KeepsNanToWhatSeesIt) {
  Array x = Array::ones({2, 4, 4, 1});
  x.at<float>(0, 1, 1, 0) = std::numeric_limits<float>::quiet_NaN();
  const Window window{{2, 2}, {2, 2}};
  for (const Array& y : {testing::run_op(MaxPool2D(window), {x})[0], testing::run_op(AveragePool2D(window), {x})[0]}) {
    EXPECT_TRUE(std::isnan(y.at<float>(0, 0, 0, 0)));
    EXPECT_EQ(y.at<float>(0, 0, 1, 0), 1.0f);
    EXPECT_EQ(y.at<float>(1, 0, 0, 0), 1.0f);
  }
}

TEST(MaxPool, RefusesWhatDoesNotFit) {
  const Tensor x = Array::ones({1, 4, 4, 6});
  EXPECT_EQ(ops::max_pool(x, 2).shape(), (Shape{1, 2, 2, 6}));
  EXPECT_EQ(ops::average_pool(x, {2, 3}, {.strides = 1, .padding = "same"}).shape(), (Shape{1, 4, 4, 6}));
  EXPECT_THROWS(ShapeError, ops::max_pool(x, {5, 1}), "expected an input with at least 5 rows");
  EXPECT_THROWS(ValueError, ops::max_pool(x, 0), "max_pool: pool_size: expected positive numbers, got (0, 0)");
  EXPECT_THROWS(ValueError, ops::average_pool(x, 2, {.strides = Size2D(1, -1)}), "average_pool: strides");
  EXPECT_THROWS(ShapeError, ops::max_pool(Array::ones({4, 4}), 2),
                "max_pool: expected (batch, height, width, channels)");
}

}  // namespace
}  // namespace keratin
