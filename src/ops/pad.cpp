#include "ops/pad.h"

#include "base/check.h"
#include "graph/onnx_node.h"
#include "ops/functions.h"
#include "ops/slice.h"

namespace keratin {
namespace {

/// Whether `extent` elements fit into `to` from `before` on, for every batch of at least 1.
bool fits(std::int64_t before, std::int64_t extent, std::int64_t to) {
  if (to < 0) return extent < 0 ? before <= 0 && before + extent >= to : before == 0 && extent <= 1;
  return extent >= 0 && before >= 0 && before + extent <= to;
}

}  // namespace

void Pad::fields(FieldWriter& write) const {
  write("before", before_);
  write("to", to_);
  write("value", value_);
}

Specs Pad::infer(std::span<const Spec> inputs) const {
  const Shape& from = inputs[0].shape;
  KERATIN_ASSERT(from.rank() == to_.rank());
  for (int axis = 0; axis < to_.rank(); ++axis)
    check_shape(fits(before_[static_cast<std::size_t>(axis)], from[axis], to_[axis]), "expected a shape that ", from,
                " fits into from (", join(before_, ", "), ") on, got ", to_);
  return {{inputs[0].dtype, to_}};
}

Tensors Pad::gradient(const GradientRequest& r) const {
  const Shape& from = r.inputs[0].shape();
  std::vector<std::int64_t> ones(before_.size(), 1);
  return {make_op<StridedSlice>(r.output_gradients[0], before_, from, std::move(ones))};
}

void Pad::to_onnx(OnnxNode& node) const {
  const Spec& from = node.input_spec(0);
  std::vector<std::int64_t> pads(2 * before_.size(), 0);  // all before, then all after
  for (int axis = 0; axis < to_.rank(); ++axis) {
    if (to_[axis] == from.shape[axis]) continue;
    if (to_[axis] < 0 || from.shape[axis] < 0)
      throw UnsupportedError(concat("Pad: cannot export to ONNX ", from.shape, " padded to ", to_));
    const auto i = static_cast<std::size_t>(axis);
    pads[i] = before_[i];
    pads[before_.size() + i] = to_[axis] - from.shape[axis] - before_[i];
  }
  const Shape count({pads.size()});
  node.emit(
      "Pad",
      {node.input(0), node.constant(Array(std::move(pads), count)), node.constant(Array::full({}, value_, from.dtype))},
      {node.output()});
}

}  // namespace keratin
