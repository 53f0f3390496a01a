#include "ops/softmax.h"

#include "base/check.h"
#include "graph/onnx_node.h"
#include "ops/functions.h"

namespace keratin {

Specs Softmax::infer(std::span<const Spec> inputs) const {
  check_shape(is_floating(inputs[0].dtype) && axis_ < inputs[0].shape.rank(),
              "expected floating-point numbers with an axis ", axis_, ", got ", inputs[0]);
  return {inputs[0]};
}

Tensors Softmax::expand(std::span<const Tensor> in) const {
  const Tensor e = ops::exp(in[0] - ops::stop_gradient(ops::max(in[0], {.axis = axis_, .keepdims = true})));
  return {e / ops::sum(e, {.axis = axis_, .keepdims = true})};
}

Tensors Softmax::gradient(const GradientRequest& r) const {
  const Tensor &y = r.outputs[0], &g = r.output_gradients[0];
  return {y * (g - ops::sum(g * y, {.axis = axis_, .keepdims = true}))};
}

void Softmax::to_onnx(OnnxNode& node) const { node.emit("Softmax", {{"axis", std::int64_t{axis_}}}); }

}  // namespace keratin
