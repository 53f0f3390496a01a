#include "ops/reshape.h"

#include <algorithm>

#include "base/check.h"
#include "graph/onnx_node.h"
#include "ops/functions.h"

namespace keratin {

Specs Reshape::infer(std::span<const Spec> inputs) const {
  check_shape(symbolic_size(inputs[0].shape.extents()) == symbolic_size(to_.extents()),
              "expected a shape of as many elements as ", inputs[0].shape, ", got ", to_);
  return {{inputs[0].dtype, to_}};
}

Tensors Reshape::gradient(const GradientRequest& r) const {
  return {ops::reshape(r.output_gradients[0], r.inputs[0].shape())};
}

void Reshape::to_onnx(OnnxNode& node) const {
  std::vector<std::int64_t> extents(to_.begin(), to_.end());
  const auto open = std::find_if(extents.begin(), extents.end(), [](std::int64_t extent) { return extent < 0; });
  const auto known = [](std::int64_t extent) { return extent > 0; };
  if (open != extents.end() && std::all_of(extents.begin(), open, known) &&
      std::all_of(open + 1, extents.end(), known)) {
    *open = -1;  // ONNX's "the rest"
    const auto rank = static_cast<std::int64_t>(extents.size());
    return node.emit("Reshape", {node.input(0), node.constant(Array(std::move(extents), Shape({rank})))},
                     {node.output()});
  }
  const bool none =
      std::find(extents.begin(), extents.end(), 0) != extents.end();  // else 0 is ONNX's "as in the input"
  const std::vector<OnnxAttribute> attributes =
      none ? std::vector<OnnxAttribute>{{"allowzero", std::int64_t{1}}} : std::vector<OnnxAttribute>{};
  node.emit("Reshape", {node.input(0), node.shape(to_)}, {node.output()}, attributes);
}

}  // namespace keratin
