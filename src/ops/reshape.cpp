#include "ops/reshape.h"

#include <algorithm>

#include "base/check.h"
#include "graph/onnx_node.h"
#include "ops/functions.h"

namespace keratin {

Specs Reshape::infer(std::span<const Spec> inputs) const {
  check_shape(symbolic_size(inputs[0].shape.extents()) == symbolic_size(to_.extents()), "expected a shape of as many elements as ",
              inputs[0].shape, ", got ", to_);
  return {{inputs[0].dtype, to_}};
}

Tensors Reshape::gradient(const GradientRequest& r) const { return {ops::reshape(r.output_gradients[0], r.inputs[0].shape())}; }

void Reshape::to_onnx(OnnxNode& node) const {
  std::vector<std::int64_t> extents(to_.begin(), to_.end());
  const auto batches = std::count_if(extents.begin(), extents.end(), [](std::int64_t extent) { return extent < 0; });
  if (batches > 1)
    throw UnsupportedError(concat("Reshape: cannot export the shape ", to_, " with several multiples of the batch to ONNX"));
  for (std::int64_t& extent : extents) extent = std::max<std::int64_t>(extent, -1);          // -1: the rest
  const auto rank = static_cast<std::int64_t>(extents.size());
  node.emit("Reshape", {node.input(0), node.constant(Array(std::move(extents), Shape({rank})))}, {node.output()});
}

}  // namespace keratin
