#include "ops/pool2d.h"

#include <algorithm>
#include <limits>

#include "base/check.h"
#include "graph/onnx_node.h"
#include "keratin/array.h"
#include "ops/functions.h"

namespace keratin {
namespace {

Specs pooled(const Window& window, const Spec& x) {
  check_shape(is_floating(x.dtype), "expected floating-point numbers, got ", x);
  check_shape(x.shape.rank() == 4, "expected (batch, height, width, channels), got ", x.shape);
  return {{x.dtype, window.positions(x.shape, x.shape[3])}};
}

/// How many elements of the input each position sees: (1, rows, columns, 1), or a scalar where all see as many.
Tensor counts(const Window& window, const Shape& x, DType dtype) {
  if (!window.pads()) return scalar(static_cast<double>(window.elements()), dtype);
  const Shape positions = window.positions(x, 1);
  const auto seen = [&](std::size_t axis, std::int64_t position) {
    std::int64_t count = 0;
    for (std::int64_t i = 0; i < window.size[axis]; ++i) {
      const std::int64_t at = position * window.strides[axis] + i * window.dilation[axis] - window.before[axis];
      count += at >= 0 && at < x[static_cast<int>(axis) + 1] ? 1 : 0;
    }
    return count;
  };
  std::vector<double> out;
  for (std::int64_t row = 0; row < positions[1]; ++row)
    for (std::int64_t column = 0; column < positions[2]; ++column)
      out.push_back(static_cast<double>(seen(0, row) * seen(1, column)));
  return Tensor(Array(std::move(out), Shape({1, positions[1], positions[2], 1})).astype(dtype));
}

}  // namespace

// ---- the largest ----------------------------------------------------------------------------------------------------

Specs MaxPool2D::infer(std::span<const Spec> inputs) const { return pooled(window_, inputs[0]); }

Tensors MaxPool2D::expand(std::span<const Tensor> in) const {
  const Tensor padded = window_.pad(in[0], -std::numeric_limits<double>::infinity());
  Tensor most;
  window_.for_each_element([&](std::int64_t row, std::int64_t column) {
    const Tensor x = window_.under(padded, row, column);
    most = row + column == 0 ? x : ops::maximum(most, x);
  });
  return {most};
}

Tensors MaxPool2D::gradient(const GradientRequest& r) const {
  return {make_op<MaxPool2DGradient>({r.inputs[0], r.outputs[0], r.output_gradients[0]}, window_)};
}

void MaxPool2D::to_onnx(OnnxNode& node) const { window_.emit(node, "MaxPool"); }

namespace {

/// Who the largest is, element by element of the window.
class Largest {
 public:
  Largest(const Window& window, const Tensor& x, const Tensor& y)
      : window_(window), x_(window.pad(x, -std::numeric_limits<double>::infinity())), y_(y) {
    if (window.pads()) images_ = window.pad(ops::ones({1, x.shape()[1], x.shape()[2], 1}, x.dtype()), 0.0);
  }
  /// Whether what lies under the element is y, or NaN: then y is NaN, too. Padding never is, not even where y is -∞.
  Tensor operator()(std::int64_t row, std::int64_t column) const {
    const Tensor x = window_.under(x_, row, column);
    const Tensor is_largest = ops::logical_or(ops::equal(x, y_), ops::not_equal(x, x));
    if (!images_) return is_largest;
    return ops::logical_and(is_largest, ops::equal(window_.under(images_, row, column), 1.0));
  }

 private:
  const Window& window_;
  Tensor x_, y_;
  Tensor images_;  // 1, with 0 around it; unset without padding
};

}  // namespace

Specs MaxPool2DGradient::infer(std::span<const Spec> inputs) const {
  KERATIN_ASSERT(pooled(window_, inputs[0])[0] == inputs[1] && inputs[1] == inputs[2]);
  return {inputs[0]};
}

Tensors MaxPool2DGradient::expand(std::span<const Tensor> in) const {
  const Largest largest(window_, in[0], in[1]);
  Tensor sum, left = in[2];  // of g, what no element has been given
  window_.for_each_element([&](std::int64_t row, std::int64_t column) {
    const Tensor is_largest = largest(row, column);
    const Tensor put = window_.put(ops::where(is_largest, left, 0.0), in[0].shape(), row, column);
    left = ops::where(is_largest, 0.0, left);
    sum = row + column == 0 ? put : sum + put;
  });
  return {window_.unpad(sum, in[0].shape())};
}

// By x and y it is 0: who is the largest does not change a little.
Tensors MaxPool2DGradient::gradient(const GradientRequest& r) const {
  const Largest largest(window_, r.inputs[0], r.inputs[1]);
  const Tensor u = window_.pad(r.output_gradients[0], 0.0);
  Tensor sum, left;
  window_.for_each_element([&](std::int64_t row, std::int64_t column) {
    const Tensor is_largest = largest(row, column);
    const Tensor is_first = row + column == 0 ? is_largest : ops::logical_and(is_largest, left);
    const Tensor share = ops::where(is_first, window_.under(u, row, column), 0.0);
    left = row + column == 0 ? ops::logical_not(is_largest) : ops::logical_and(left, ops::logical_not(is_largest));
    sum = row + column == 0 ? share : sum + share;
  });
  return {Tensor(), Tensor(), sum};
}

// ---- the mean -------------------------------------------------------------------------------------------------------

Specs AveragePool2D::infer(std::span<const Spec> inputs) const { return pooled(window_, inputs[0]); }

Tensors AveragePool2D::expand(std::span<const Tensor> in) const {
  const Tensor padded = window_.pad(in[0], 0.0);
  Tensor sum;
  window_.for_each_element([&](std::int64_t row, std::int64_t column) {
    const Tensor x = window_.under(padded, row, column);
    sum = row + column == 0 ? x : sum + x;
  });
  return {sum / counts(window_, in[0].shape(), sum.dtype())};
}

Tensors AveragePool2D::gradient(const GradientRequest& r) const {
  return {make_op<AveragePool2DGradient>(r.output_gradients[0], window_, r.inputs[0].shape())};
}

void AveragePool2D::to_onnx(OnnxNode& node) const {
  window_.emit(node, "AveragePool", {}, {{"count_include_pad", std::int64_t{0}}});
}

void AveragePool2DGradient::fields(FieldWriter& write) const {
  PoolOp::fields(write);
  write("x", x_);
}

Specs AveragePool2DGradient::infer(std::span<const Spec> inputs) const {
  KERATIN_ASSERT(inputs[0].shape == window_.positions(x_, x_[3]));
  return {{inputs[0].dtype, x_}};
}

Tensors AveragePool2DGradient::expand(std::span<const Tensor> in) const {
  const Tensor share = in[0] / counts(window_, x_, in[0].dtype());
  Tensor sum;
  window_.for_each_element([&](std::int64_t row, std::int64_t column) {
    const Tensor put = window_.put(share, x_, row, column);
    sum = row + column == 0 ? put : sum + put;
  });
  return {window_.unpad(sum, x_)};
}

Tensors AveragePool2DGradient::gradient(const GradientRequest& r) const {
  return {make_op<AveragePool2D>(r.output_gradients[0], window_)};
}

// ---- the public functions -------------------------------------------------------------------------------------------

namespace {

Window pool_window(std::string_view who, const Tensor& x, Size2D pool_size, const ops::PoolOptions& options) {
  check_shape(x.shape().rank() == 4, who, ": expected (batch, height, width, channels), got ", x.shape());
  const Pair size = positive_pair(concat(who, ": pool_size"), pool_size);
  const Pair strides = options.strides ? positive_pair(concat(who, ": strides"), *options.strides) : size;
  return Window::padded(x.shape(), options.padding, size, strides);
}

}  // namespace

Tensor ops::max_pool(const Tensor& x, Size2D pool_size, PoolOptions options) {
  return make_op<MaxPool2D>(x, pool_window("max_pool", x, pool_size, options));
}
Tensor ops::average_pool(const Tensor& x, Size2D pool_size, PoolOptions options) {
  return make_op<AveragePool2D>(x, pool_window("average_pool", x, pool_size, options));
}

}  // namespace keratin
