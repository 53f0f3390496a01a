#include "ops/conv2d.h"

#include <algorithm>

#include "base/check.h"
#include "graph/onnx_node.h"
#include "ops/functions.h"
#include "ops/matmul.h"

namespace keratin {
namespace {

void check_floating(const Spec& a, const Spec& b) {
  check_shape(a.dtype == b.dtype && is_floating(a.dtype), "expected floating-point numbers of one dtype, got ", a,
              " and ", b);
}

/// The channels, or filters, of every group.
Tensors by_group(const Tensor& x, std::int64_t groups) {
  return groups == 1 ? Tensors(x) : ops::split(x, groups, {.axis = -1});
}
Tensor together(const Tensors& groups) { return groups.size() == 1 ? groups[0] : ops::concatenate(groups); }

/// sum + x, where sum may be unset.
void add_to(Tensor& sum, const Tensor& x) { sum = sum ? sum + x : x; }

/// (…, rows, columns) as one matrix.
Tensor as_matrix(const Tensor& x) {
  const Shape& shape = x.shape();
  return ops::reshape(x, {shape[0] * shape[1] * shape[2], shape[3]});
}

}  // namespace

// ---- Conv2D ---------------------------------------------------------------------------------------------------------

void ConvolutionOp::fields(FieldWriter& write) const {
  window_.fields(write);
  write("groups", groups_);
}

Specs Conv2D::infer(std::span<const Spec> inputs) const {
  KERATIN_ASSERT(groups_ > 0);
  const Shape &x = inputs[0].shape, &kernel = inputs[1].shape;
  check_floating(inputs[0], inputs[1]);
  check_shape(kernel.rank() == 4 && kernel[0] == window_.size[0] && kernel[1] == window_.size[1], "expected a kernel (",
              window_.size[0], ", ", window_.size[1], ", channels, filters), got ", kernel);
  check_shape(x.rank() == 4 && x[3] == kernel[2] * groups_, "expected images (batch, height, width, ",
              kernel[2] * groups_, ") for a kernel ", kernel, " and ", groups_, groups_ == 1 ? " group" : " groups",
              ", got ", x);
  check_shape(kernel[3] % groups_ == 0, "expected filters that ", groups_, " groups can share, got ", kernel[3]);
  return {{inputs[0].dtype, window_.positions(x, kernel[3])}};
}

Tensors Conv2D::expand(std::span<const Tensor> in) const {
  const Tensor padded = window_.pad(in[0], 0.0);
  Tensor sum;
  window_.for_each_element([&](std::int64_t row, std::int64_t column) {
    const Tensors x = by_group(window_.under(padded, row, column), groups_);
    const Tensors kernels = by_group(in[1].at({row, column, all, all}), groups_);
    Tensors products;
    for (std::size_t g = 0; g < x.size(); ++g) products.push_back(ops::matmul(x[g], kernels[g]));
    add_to(sum, together(products));
  });
  return {sum};
}

Tensors Conv2D::gradient(const GradientRequest& r) const {
  const Tensor &x = r.inputs[0], &kernel = r.inputs[1], &g = r.output_gradients[0];
  Tensor dx, dkernel;
  if (r.wanted[0]) dx = make_op<Conv2DInputGradient>({g, kernel}, window_, groups_, x.shape());
  if (r.wanted[1]) dkernel = make_op<Conv2DKernelGradient>({x, g}, window_, groups_);
  return {dx, dkernel};
}

// ONNX has the filters first.
void Conv2D::to_onnx(OnnxNode& node) const {
  const std::string kernel = node.temporary();
  node.emit("Transpose", {node.input(1)}, {kernel}, {{"perm", std::vector<std::int64_t>{3, 2, 0, 1}}});
  window_.emit(node, "Conv", {kernel}, {{"group", groups_}});
}

// ---- its gradients --------------------------------------------------------------------------------------------------

void Conv2DInputGradient::fields(FieldWriter& write) const {
  ConvolutionOp::fields(write);
  write("x", x_);
}

Specs Conv2DInputGradient::infer(std::span<const Spec> inputs) const {
  check_floating(inputs[0], inputs[1]);
  const Shape& kernel = inputs[1].shape;
  KERATIN_ASSERT(kernel.rank() == 4 && x_[3] == kernel[2] * groups_ &&
                 inputs[0].shape == window_.positions(x_, kernel[3]));
  return {{inputs[0].dtype, x_}};
}

Tensors Conv2DInputGradient::expand(std::span<const Tensor> in) const {
  const Tensors g = by_group(in[0], groups_);
  Tensor sum;
  window_.for_each_element([&](std::int64_t row, std::int64_t column) {
    const Tensors kernels = by_group(in[1].at({row, column, all, all}), groups_);
    Tensors products;
    for (std::size_t i = 0; i < g.size(); ++i) products.push_back(ops::matmul(g[i], ops::transpose(kernels[i])));
    add_to(sum, window_.put(together(products), x_, row, column));
  });
  return {window_.unpad(sum, x_)};
}

Tensors Conv2DInputGradient::gradient(const GradientRequest& r) const {
  const Tensor &g = r.inputs[0], &kernel = r.inputs[1], &u = r.output_gradients[0];
  Tensor dg, dkernel;
  if (r.wanted[0]) dg = make_op<Conv2D>({u, kernel}, window_, groups_);
  if (r.wanted[1]) dkernel = make_op<Conv2DKernelGradient>({u, g}, window_, groups_);
  return {dg, dkernel};
}

Specs Conv2DKernelGradient::infer(std::span<const Spec> inputs) const {
  check_floating(inputs[0], inputs[1]);
  const Shape &x = inputs[0].shape, &g = inputs[1].shape;
  KERATIN_ASSERT(g.rank() == 4 && g == window_.positions(x, g[3]));
  return {{inputs[0].dtype, {window_.size[0], window_.size[1], x[3] / groups_, g[3]}}};
}

Tensors Conv2DKernelGradient::expand(std::span<const Tensor> in) const {
  const Tensor padded = window_.pad(in[0], 0.0);
  const Tensors g = by_group(in[1], groups_);
  Tensors elements;
  window_.for_each_element([&](std::int64_t row, std::int64_t column) {
    const Tensors x = by_group(window_.under(padded, row, column), groups_);
    Tensors products;
    for (std::size_t i = 0; i < x.size(); ++i)
      products.push_back(make_op<MatMul>({as_matrix(x[i]), as_matrix(g[i])}, true, false));
    elements.push_back(together(products));
  });
  const Shape& kernel = elements[0].shape();  // (channels / groups, filters) of one element
  return {ops::reshape(ops::stack(elements), {window_.size[0], window_.size[1], kernel[0], kernel[1]})};
}

Tensors Conv2DKernelGradient::gradient(const GradientRequest& r) const {
  const Tensor &x = r.inputs[0], &g = r.inputs[1], &u = r.output_gradients[0];
  Tensor dx, dg;
  if (r.wanted[0]) dx = make_op<Conv2DInputGradient>({g, u}, window_, groups_, x.shape());
  if (r.wanted[1]) dg = make_op<Conv2D>({x, u}, window_, groups_);
  return {dx, dg};
}

// ---- the public functions -------------------------------------------------------------------------------------------

namespace {

/// Of operands whose shapes were looked at.
Tensor convolve(std::string_view who, const Tensor& x, const Tensor& kernel, std::int64_t groups,
                const ops::ConvOptions& options) {
  const Pair strides = positive_pair(concat(who, ": strides"), options.strides);
  const Pair dilation = positive_pair(concat(who, ": dilation_rate"), options.dilation_rate);
  const Pair size{kernel.shape()[0], kernel.shape()[1]};
  const auto [a, b] = meet(x, kernel);
  return make_op<Conv2D>({a, b}, Window::padded(x.shape(), options.padding, size, strides, dilation), groups);
}

/// Whether x is images with channels, and nothing of the kernel is missing or unknown.
bool are_images_and_kernel(const Shape& x, const Shape& kernel) {
  return x.rank() == 4 && x[3] > 0 && kernel.rank() == 4 &&
         std::ranges::all_of(kernel, [](std::int64_t extent) { return extent > 0; });
}

}  // namespace

Tensor ops::conv(const Tensor& x, const Tensor& kernel, ConvOptions options) {
  const Shape &images = x.shape(), &shape = kernel.shape();
  check_shape(are_images_and_kernel(images, shape) && images[3] % shape[2] == 0,
              "conv: expected images (batch, height, width, channels) with channels and a kernel (height, width, "
              "channels, filters) without an extent of 0 whose channels divide the images', got ",
              images, " and ", shape);
  return convolve("conv", x, kernel, images[3] / shape[2], options);
}

Tensor ops::depthwise_conv(const Tensor& x, const Tensor& kernel, ConvOptions options) {
  const Shape& shape = kernel.shape();
  check_shape(are_images_and_kernel(x.shape(), shape) && shape[2] == x.shape()[3],
              "depthwise_conv: expected images (batch, height, width, channels) with channels and a kernel (height, "
              "width, channels, multiplier) without an extent of 0, got ",
              x.shape(), " and ", shape);
  const Tensor filters = ops::reshape(kernel, {shape[0], shape[1], 1, shape[2] * shape[3]});
  return convolve("depthwise_conv", x, filters, shape[2], options);
}

}  // namespace keratin
