#include "ops/gather.h"

#include "base/check.h"
#include "graph/onnx_node.h"
#include "ops/functions.h"

namespace keratin {
namespace {

Shape gathered(const Shape& x, const Shape& indices, int axis) { return x.until(axis) + indices + x.from(axis + 1); }

void check_indices(const Spec& indices) {
  check_shape(indices.dtype == int32 || indices.dtype == int64, "expected indices of int32 or int64, got ", indices);
}

}  // namespace

Specs Gather::infer(std::span<const Spec> inputs) const {
  check_shape(axis_ < inputs[0].shape.rank(), "expected a tensor with an axis ", axis_, ", got ", inputs[0].shape);
  check_indices(inputs[1]);
  return {{inputs[0].dtype, gathered(inputs[0].shape, inputs[1].shape, axis_)}};
}

Tensors Gather::gradient(const GradientRequest& r) const {
  if (!r.wanted[0]) return {Tensor(), Tensor()};
  return {make_op<ScatterAdd>({r.output_gradients[0], r.inputs[1]}, axis_, r.inputs[0].shape()), Tensor()};
}

void Gather::to_onnx(OnnxNode& node) const { node.emit("Gather", {{"axis", std::int64_t{axis_}}}); }

void ScatterAdd::fields(FieldWriter& write) const {
  write("axis", axis_);
  write("to", to_);
}

Specs ScatterAdd::infer(std::span<const Spec> inputs) const {
  check_indices(inputs[1]);
  const Shape expected = gathered(to_, inputs[1].shape, axis_);
  check_shape(inputs[0].shape == expected, "expected updates of shape ", expected, ", got ", inputs[0].shape);
  check_shape(is_floating(inputs[0].dtype), "expected floating-point updates, got ", inputs[0]);
  return {{inputs[0].dtype, to_}};
}

Tensors ScatterAdd::gradient(const GradientRequest& r) const {
  if (!r.wanted[0]) return {Tensor(), Tensor()};
  return {make_op<Gather>({r.output_gradients[0], r.inputs[1]}, axis_), Tensor()};
}

}  // namespace keratin
