#include "ops/reduce.h"

#include <algorithm>

#include "base/check.h"
#include "graph/onnx_node.h"
#include "ops/functions.h"

namespace keratin {
namespace {

/// For every element of x the product of those that are reduced with it. Zeros are counted, not divided by.
Tensor product_of_the_others(const Tensor& x, const std::vector<int>& axes) {
  const Tensor is_zero = ops::equal(x, 0.0);
  const Tensor numbers = ops::where(is_zero, 1.0, x);
  const Tensor zero = cast_to(is_zero, x.dtype());
  const Tensor other_zeros = make_op<Reduce>(zero, Reduction::sum, axes, true) - zero;
  const Tensor others = make_op<Reduce>(numbers, Reduction::prod, axes, true) / numbers;
  return ops::where(ops::equal(other_zeros, 0.0), others, 0.0);
}

}  // namespace

std::string_view Reduce::name() const {
  switch (reduction_) {
    case Reduction::sum: return "ReduceSum";
    case Reduction::max: return "ReduceMax";
    case Reduction::min: return "ReduceMin";
    case Reduction::prod: return "ReduceProd";
  }
  return "";
}

void Reduce::fields(FieldWriter& write) const {
  write("axes", axes_);
  write("keepdims", keepdims_);
}

Shape with_ones(const Shape& shape, const std::vector<int>& axes) {
  std::vector<std::int64_t> extents(shape.begin(), shape.end());
  for (const int axis : axes) extents[static_cast<std::size_t>(axis)] = 1;
  return Shape(std::move(extents));
}

Specs Reduce::infer(std::span<const Spec> inputs) const {
  const Shape& shape = inputs[0].shape;
  std::vector<std::int64_t> extents;
  for (int axis = 0; axis < shape.rank(); ++axis) {
    const bool reduced = std::find(axes_.begin(), axes_.end(), axis) != axes_.end();
    if (reduced && reduction_ != Reduction::sum && reduction_ != Reduction::prod)
      check_shape(shape[axis] != 0, "expected something to reduce along axis ", axis, ", got ", shape);
    if (!reduced) extents.push_back(shape[axis]);
    if (reduced && keepdims_) extents.push_back(1);
  }
  check_shape(inputs[0].dtype != boolean, "expected numbers, got ", inputs[0], "; cast it first");
  return {{inputs[0].dtype, Shape(std::move(extents))}};
}

Tensors Reduce::gradient(const GradientRequest& r) const {
  const Tensor &x = r.inputs[0], &y = r.outputs[0], &g = r.output_gradients[0];
  const Shape kept = with_ones(x.shape(), axes_);
  const Tensor wide = ops::reshape(g, kept);
  if (reduction_ == Reduction::sum) return {broadcast_to(wide, x.shape())};
  if (reduction_ == Reduction::prod) return {wide * product_of_the_others(x, axes_)};
  const Tensor result = ops::reshape(y, kept);
  const Tensor chosen = cast_to(ops::equal(x, result), x.dtype());  // ties share the gradient, as TensorFlow and JAX do
  const Tensor ties = make_op<Reduce>(chosen, Reduction::sum, axes_, true);
  return {wide * chosen / ties};
}

void Reduce::emit_reduction(OnnxNode& node, const std::string& from, const std::string& to) const {
  const std::vector<std::int64_t> axes(axes_.begin(), axes_.end());
  const OnnxAttribute keepdims{"keepdims", std::int64_t{keepdims_ ? 1 : 0}};
  if (reduction_ == Reduction::sum) {  // opset 13 made its axes an input
    const auto rank = static_cast<std::int64_t>(axes.size());
    return node.emit(name(), {from, node.constant(Array(axes, Shape({rank})))}, {to}, {keepdims});
  }
  node.emit(name(), {from}, {to}, {{"axes", axes}, keepdims});
}

void Reduce::to_onnx(OnnxNode& node) const {
  const DType dtype = node.input_spec(0).dtype;
  const bool narrow = dtype == int8 || dtype == uint8;  // ONNX adds and multiplies 32 bits and more
  if (narrow && (reduction_ == Reduction::sum || reduction_ == Reduction::prod)) {
    const std::string wide = node.temporary(), result = node.temporary();
    node.emit("Cast", {node.input(0)}, {wide}, {{"to", onnx_dtype(int32)}});
    emit_reduction(node, wide, result);
    return node.emit("Cast", {result}, {node.output()}, {{"to", onnx_dtype(dtype)}});
  }
  emit_reduction(node, node.input(0), node.output());
}

}  // namespace keratin
