#include "ops/concat.h"

#include "base/check.h"
#include "graph/onnx_node.h"
#include "ops/functions.h"
#include "ops/slice.h"

namespace keratin {

Specs Concat::infer(std::span<const Spec> inputs) const {
  KERATIN_ASSERT(!inputs.empty());
  const Shape& first = inputs[0].shape;
  check_shape(axis_ < first.rank(), "expected tensors with an axis ", axis_, ", got ", first);
  std::int64_t sum = 0;
  for (const Spec& input : inputs) {
    const Shape& shape = input.shape;
    check_shape(input.dtype == inputs[0].dtype && shape.rank() == first.rank() &&
                    shape.until(axis_) == first.until(axis_) && shape.from(axis_ + 1) == first.from(axis_ + 1),
                "expected tensors that differ along axis ", axis_, " only, got ", inputs[0], " and ", input);
    const std::int64_t extent = shape[axis_];
    check_shape(sum == 0 || extent == 0 || (sum < 0) == (extent < 0), "cannot join ", first, " and ", shape,
                " along axis ", axis_, ": the batch and a number have no sum that holds for every batch");
    sum += extent;
  }
  return {{inputs[0].dtype, first.until(axis_) + Shape({sum}) + first.from(axis_ + 1)}};
}

Tensors Concat::gradient(const GradientRequest& r) const {
  Tensors out;
  std::int64_t start = 0;
  for (std::size_t i = 0; i < r.inputs.size(); ++i) {
    const Shape& shape = r.inputs[i].shape();
    const auto rank = static_cast<std::size_t>(shape.rank());
    std::vector<std::int64_t> starts(rank, 0), ones(rank, 1);
    starts[static_cast<std::size_t>(axis_)] = start;
    start += shape[axis_];
    out.push_back(r.wanted[i] ? make_op<StridedSlice>(r.output_gradients[0], starts, shape, ones) : Tensor());
  }
  return out;
}

void Concat::to_onnx(OnnxNode& node) const { node.emit("Concat", {{"axis", std::int64_t{axis_}}}); }

}  // namespace keratin
