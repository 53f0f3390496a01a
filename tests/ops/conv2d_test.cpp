// Conv2D and its gradients: against plain loops, with every stride, dilation, padding and grouping.
#include "ops/conv2d.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "keratin/error.h"
#include "ops/functions.h"
#include "support/approx.h"
#include "support/interpret.h"
#include "support/op_case.h"
#include "support/reference.h"
#include "support/throws.h"

namespace keratin {
namespace {

using testing::element;
using testing::OpCases;

struct Convolution {
  Shape x;  // (n, h, w, c)
  std::int64_t filters;
  Window window;
  std::int64_t groups = 1;

  Shape kernel() const { return {window.size[0], window.size[1], x[3] / groups, filters}; }
  Shape y() const { return window.positions(x, filters); }
  std::string name() const {
    FieldWriter fields;
    window.fields(fields);
    return concat(x, " ", filters, " ", fields.text(), " groups ", groups);
  }
};

/// use(x's index, kernel's index, y's index) for every product that a convolution sums.
void for_each_product(const Window& window, std::int64_t groups, const Shape& x, const Shape& kernel, const auto& use) {
  const std::int64_t filters = kernel[3] / groups;
  testing::for_each_index(window.positions(x, kernel[3]), [&](const testing::Index& y) {
    for (std::int64_t i = 0; i < kernel[0]; ++i)
      for (std::int64_t j = 0; j < kernel[1]; ++j)
        for (std::int64_t c = 0; c < kernel[2]; ++c) {
          const std::int64_t row = y[1] * window.strides[0] + i * window.dilation[0] - window.before[0];
          const std::int64_t column = y[2] * window.strides[1] + j * window.dilation[1] - window.before[1];
          if (row < 0 || row >= x[1] || column < 0 || column >= x[2]) continue;
          use(testing::Index{y[0], row, column, y[3] / filters * kernel[2] + c}, testing::Index{i, j, c, y[3]}, y);
        }
  });
}

double& at(std::vector<double>& values, const Shape& shape, const testing::Index& index) {
  std::int64_t offset = 0;
  for (int axis = 0; axis < shape.rank(); ++axis) offset = offset * shape[axis] + index[static_cast<std::size_t>(axis)];
  return values[static_cast<std::size_t>(offset)];
}

/// What is summed goes to an index of the output; the factors are elements of the two inputs.
Array summed(const Shape& shape, const auto& visit) {
  std::vector<double> sums(static_cast<std::size_t>(shape.size()), 0.0);
  visit([&](const testing::Index& to, double product) { at(sums, shape, to) += product; });
  return Array(std::move(sums), shape);
}

Array convolved(const Op& op, const std::vector<Array>& in) {
  const auto& conv = static_cast<const Conv2D&>(op);
  return summed(conv.window().positions(in[0].shape(), in[1].shape()[3]), [&](const auto& add) {
    for_each_product(
        conv.window(), conv.groups(), in[0].shape(), in[1].shape(),
        [&](const auto& x, const auto& kernel, const auto& y) { add(y, element(in[0], x) * element(in[1], kernel)); });
  });
}

Array input_gradient(const Op& op, const std::vector<Array>& in) {
  const auto& gradient = static_cast<const Conv2DInputGradient&>(op);
  const Shape shape = op.infer(Specs{{float64, in[0].shape()}, {float64, in[1].shape()}})[0].shape;
  return summed(shape, [&](const auto& add) {
    for_each_product(
        gradient.window(), gradient.groups(), shape, in[1].shape(),
        [&](const auto& x, const auto& kernel, const auto& y) { add(x, element(in[0], y) * element(in[1], kernel)); });
  });
}

Array kernel_gradient(const Op& op, const std::vector<Array>& in) {
  const auto& gradient = static_cast<const Conv2DKernelGradient&>(op);
  const Shape shape = op.infer(Specs{{float64, in[0].shape()}, {float64, in[1].shape()}})[0].shape;
  return summed(shape, [&](const auto& add) {
    for_each_product(
        gradient.window(), gradient.groups(), in[0].shape(), shape,
        [&](const auto& x, const auto& kernel, const auto& y) { add(kernel, element(in[0], x) * element(in[1], y)); });
  });
}

std::vector<Convolution> convolutions() {
  const auto same = [](const Shape& x, Pair size, Pair strides, Pair dilation = {1, 1}) {
    return Window::padded(x, "same", size, strides, dilation);
  };
  std::vector<Convolution> out{
      {{2, 5, 6, 3}, 4, {{3, 2}}},
      {{1, 1, 1, 1}, 1, {{1, 1}}},
      {{3, 4, 5, 2}, 17, {{1, 1}, {2, 2}}},
      {{2, 7, 6, 1}, 6, {{5, 5}}},
      {{1, 9, 31, 2}, 33, {{3, 3}, {1, 2}}},
      {{2, 7, 8, 4}, 6, {{3, 3}, {2, 1}}, 2},
      {{2, 6, 5, 3}, 6, {{3, 2}}, 3},
      {{1, 8, 9, 2}, 3, {{3, 2}, {1, 1}, {2, 3}}},
      {{1, 8, 9, 2}, 3, {{3, 2}, {2, 3}, {2, 3}}},
      {{2, 5, 7, 16}, 16, {{3, 3}, {1, 1}, {1, 1}, {1, 1}, {1, 1}}},
      {{1, 4, 17, 5}, 15, {{2, 4}, {1, 1}, {1, 1}, {0, 3}, {1, 0}}},
      {{0, 4, 4, 1}, 2, {{2, 2}}},
  };
  for (const Pair strides : {Pair{1, 1}, Pair{2, 3}})
    out.push_back({{2, 6, 7, 2}, 5, same({2, 6, 7, 2}, {3, 4}, strides)});
  out.push_back({{2, 6, 7, 2}, 2, same({2, 6, 7, 2}, {3, 3}, {1, 1}, {2, 2}), 2});
  // depthwise: a filter for each channel
  out.push_back({{2, 6, 7, 19}, 19, same({2, 6, 7, 19}, {3, 3}, {1, 1}), 19});
  out.push_back({{1, 7, 13, 9}, 9, same({1, 7, 13, 9}, {4, 3}, {2, 1}), 9});
  out.push_back({{2, 9, 9, 5}, 5, {{2, 3}, {2, 3}, {3, 2}}, 5});
  return out;
}

OpCases forward_cases() {
  OpCases table;
  table.reference = convolved;
  for (const Convolution& c : convolutions())
    table.cases.push_back(
        {c.name(), std::make_shared<Conv2D>(c.window, c.groups), {{c.x}, {c.kernel()}}, c.kernel().size() / c.filters});
  return table;
}
OpCases input_gradient_cases() {
  OpCases table;
  table.reference = input_gradient;
  for (const Convolution& c : convolutions())
    table.cases.push_back({c.name(),
                           std::make_shared<Conv2DInputGradient>(c.window, c.groups, c.x),
                           {{c.y()}, {c.kernel()}},
                           c.kernel().size()});
  return table;
}
OpCases kernel_gradient_cases() {
  OpCases table;
  table.reference = kernel_gradient;
  for (const Convolution& c : convolutions())
    table.cases.push_back({c.name(),
                           std::make_shared<Conv2DKernelGradient>(c.window, c.groups),
                           {{c.x}, {c.y()}},
                           std::max<std::int64_t>(c.y().size() / c.filters, 1)});
  return table;
}

TEST(Conv2D, SumsOverTheWindow) { testing::check_forward(forward_cases()); }
TEST(Conv2D, HasTheGradientOfBothInputs) { testing::check_gradients(forward_cases()); }
TEST(Conv2DInputGradient, SumsOverThePositions) { testing::check_forward(input_gradient_cases()); }
TEST(Conv2DInputGradient, HasTheGradientOfBothInputs) { testing::check_gradients(input_gradient_cases()); }
TEST(Conv2DKernelGradient, SumsOverThePositions) { testing::check_forward(kernel_gradient_cases()); }
TEST(Conv2DKernelGradient, HasTheGradientOfBothInputs) { testing::check_gradients(kernel_gradient_cases()); }

TEST(Conv2D, LetsNanOfOneImageTouchThatImageAlone) {
  const Conv2D op({{3, 3}, {1, 1}, {1, 1}, {1, 1}, {1, 1}}, 1);
  Array x = Array::ones({2, 5, 5, 3});
  x.at<float>(0, 2, 2, 1) = std::numeric_limits<float>::quiet_NaN();
  const Array y = testing::run_op(op, {x, Array::ones({3, 3, 3, 4})})[0];
  EXPECT_NE(y.at<float>(0, 1, 1, 0), y.at<float>(0, 1, 1, 0));
  EXPECT_EQ(y.at<float>(0, 0, 0, 0), 12.0f);  // does not see it
  EXPECT_EQ(y.at<float>(1, 2, 2, 3), 27.0f);
}

TEST(Conv2D, LetsNanOfOneGroupTouchThatGroupAlone) {
  for (const std::int64_t groups : {2, 4}) {
    SCOPED_TRACE(groups);
    Array x = Array::ones({1, 3, 3, 4});
    x.at<float>(0, 1, 1, 3) = std::numeric_limits<float>::quiet_NaN();
    const Array y = testing::run_op(Conv2D({{2, 2}}, groups), {x, Array::ones({2, 2, 4 / groups, 4})})[0];
    for (int filter = 0; filter < 4; ++filter)
      EXPECT_EQ(y.at<float>(0, 0, 0, filter) != y.at<float>(0, 0, 0, filter), filter >= 4 - 4 / groups) << filter;
  }
}

TEST(Conv2DInputGradient, LetsNanTouchWhatItsWindowSeesAlone) {
  for (const std::int64_t groups : {1, 2, 4}) {
    SCOPED_TRACE(groups);
    const Shape shape{2, 4, 4, 4};
    const Window window{{2, 2}};
    Array g = Array::ones(window.positions(shape, 4));
    g.at<float>(0, 1, 1, 3) = std::numeric_limits<float>::quiet_NaN();
    const Array dx =
        testing::run_op(Conv2DInputGradient(window, groups, shape), {g, Array::ones({2, 2, 4 / groups, 4})})[0].astype(
            float64);
    testing::for_each_index(shape, [&](const testing::Index& at) {
      const bool sees = at[0] == 0 && at[1] >= 1 && at[1] <= 2 && at[2] >= 1 && at[2] <= 2 && at[3] >= 4 - 4 / groups;
      EXPECT_EQ(std::isnan(element(dx, at)), sees);
    });
  }
}

TEST(Conv2D, RefusesWhatDoesNotFit) {
  OpCases table;
  const auto op = [](Window window, std::int64_t groups = 1) { return std::make_shared<Conv2D>(window, groups); };
  table.errors = {
      {"window",
       op({{4, 2}}),
       {{float32, {2, 3, 3, 1}}, {float32, {4, 2, 1, 1}}},
       "expected an input with at least 4 rows, padding included, for a window of 4 at a distance of 1, got 3"},
      {"dilated", op({{2, 2}, {1, 1}, {3, 3}}), {{float32, {2, 3, 4, 1}}, {float32, {2, 2, 1, 1}}}, "at least 4 rows"},
      {"channels",
       op({{2, 2}}),
       {{float32, {2, 3, 3, 3}}, {float32, {2, 2, 2, 4}}},
       "expected images (batch, height, width, 2) for a kernel (2, 2, 2, 4) and 1 group, got (2, 3, 3, 3)"},
      {"groups", op({{2, 2}}, 2), {{float32, {2, 3, 3, 4}}, {float32, {2, 2, 2, 3}}}, "that 2 groups can share, got 3"},
      {"rank", op({{2, 2}}), {{float32, {3, 3, 3}}, {float32, {2, 2, 2, 4}}}, "expected images"},
      {"kernel", op({{2, 2}}), {{float32, {1, 3, 3, 2}}, {float32, {2, 3, 2, 4}}}, "expected a kernel (2, 2, "},
      {"integers", op({{2, 2}}), {{int32, {1, 3, 3, 2}}, {int32, {2, 2, 2, 4}}}, "floating-point numbers"},
  };
  testing::check_errors(table);
}

TEST(Conv, RefusesWhatHasNoExtent) {
  const auto zeros = [](const Shape& shape) { return Tensor(Array::zeros(shape)); };
  const Tensor x = zeros({1, 4, 4, 6});
  EXPECT_THROWS(ShapeError, ops::conv(zeros({1, 4, 4, 0}), zeros({2, 2, 1, 4})),
                "conv: expected images (batch, height, width, channels) with channels");
  EXPECT_THROWS(ShapeError, ops::depthwise_conv(zeros({1, 4, 4, 0}), zeros({2, 2, 0, 1})),
                "without an extent of 0, got (1, 4, 4, 0) and (2, 2, 0, 1)");
  for (const Shape& kernel : {Shape{0, 2, 6, 1}, Shape{2, 0, 6, 1}, Shape{2, 2, 6, 0}, Shape{2, 2, 0, 1}}) {
    EXPECT_THROWS(ShapeError, ops::conv(x, zeros(kernel)), "conv: expected images");
    EXPECT_THROWS(ShapeError, ops::depthwise_conv(x, zeros(kernel)), "depthwise_conv: expected images");
  }
}

TEST(Conv, RefusesTheBatchForChannels) {
  const Specs specs{{float32, {4, 4, 2, unknown}}, {float32, {2, 2, 1, 4}}};
  EXPECT_THROWS(ShapeError, testing::graph_of(specs, [](const Tensors& in) { return ops::conv(in[0], in[1]); }),
                "conv: expected images (batch, height, width, channels) with channels");
  EXPECT_THROWS(ShapeError,
                testing::graph_of(specs, [](const Tensors& in) { return ops::depthwise_conv(in[0], in[1]); }),
                "depthwise_conv: expected images");
}

TEST(Conv2D, IsNotMadeWithoutGroups) {
  const Specs inputs{{float32, {1, 4, 4, 0}}, {float32, {2, 2, 3, 0}}};
  EXPECT_THROWS(InternalError, Conv2D({{2, 2}}, 0).infer(inputs), "groups_ > 0");
}

TEST(Conv, TakesItsGroupsFromTheKernel) {
  const Tensor x = Array::ones({1, 4, 4, 6}), kernel = Array::ones({2, 2, 3, 4});
  EXPECT_EQ(ops::conv(x, kernel).evaluate().at<float>(0, 0, 0, 0), 12.0f);
  EXPECT_EQ(ops::conv(x, kernel, {.strides = 3, .padding = "same"}).shape(), (Shape{1, 2, 2, 4}));
  EXPECT_EQ(ops::depthwise_conv(x, Array::ones({3, 3, 6, 2})).shape(), (Shape{1, 2, 2, 12}));
  EXPECT_THROWS(ShapeError, ops::conv(x, Array::ones({2, 2, 4, 4})), "whose channels divide the images'");
  EXPECT_THROWS(ValueError, ops::conv(x, kernel, {.strides = {0, 1}}),
                "conv: strides: expected positive numbers, got (0, 1)");
  EXPECT_THROWS(ValueError, ops::conv(x, kernel, {.padding = "full"}), "padding: expected valid or same, got full");
}

}  // namespace
}  // namespace keratin
