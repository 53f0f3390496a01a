#include "ops/arg_max.h"

#include "base/check.h"
#include "graph/onnx_node.h"

namespace keratin {

Specs ArgMax::infer(std::span<const Spec> inputs) const {
  const Shape& shape = inputs[0].shape;
  check_shape(axis_ < shape.rank() && shape[axis_] != 0, "expected something along axis ", axis_, ", got ", shape);
  return {{int32, shape.until(axis_) + shape.from(axis_ + 1)}};
}

void ArgMax::to_onnx(OnnxNode& node) const {  // ONNX's is int64
  const std::string wide = node.temporary();
  node.emit("ArgMax", {node.input(0)}, {wide}, {{"axis", std::int64_t{axis_}}, {"keepdims", std::int64_t{0}}});
  node.emit("Cast", {wide}, {node.output()}, {{"to", onnx_dtype(int32)}});
}

}  // namespace keratin
