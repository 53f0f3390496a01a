#include "ops/transpose.h"

#include "base/check.h"
#include "graph/onnx_node.h"
#include "graph/trace.h"

namespace keratin {

Specs Transpose::infer(std::span<const Spec> inputs) const {
  check_shape(inputs[0].shape.rank() == static_cast<int>(order_.size()), "expected ", order_.size(), " axes, got ",
              inputs[0].shape);
  std::vector<std::int64_t> extents;
  for (const int axis : order_) extents.push_back(inputs[0].shape[axis]);
  return {{inputs[0].dtype, Shape(std::move(extents))}};
}

Tensors Transpose::gradient(const GradientRequest& r) const {
  std::vector<int> inverse(order_.size());
  for (std::size_t i = 0; i < order_.size(); ++i) inverse[static_cast<std::size_t>(order_[i])] = static_cast<int>(i);
  return {make_op<Transpose>(r.output_gradients[0], std::move(inverse))};
}

void Transpose::to_onnx(OnnxNode& node) const {
  node.emit("Transpose", {{"perm", std::vector<std::int64_t>(order_.begin(), order_.end())}});
}

}  // namespace keratin
