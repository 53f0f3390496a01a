#include "ops/slice.h"

#include "base/check.h"
#include "graph/onnx_node.h"
#include "ops/functions.h"
#include "ops/pad.h"

namespace keratin {
namespace {

/// Whether extent numbers from start, step apart, lie within `whole`, for every batch of at least 1.
bool fits(std::int64_t start, std::int64_t extent, std::int64_t step, std::int64_t whole) {
  if (extent < 0) return whole < 0 && start <= 0 && step == 1 && start + extent >= whole;  // in batches
  if (extent == 0) return true;
  if (whole < 0) return start == 0 && extent == 1;
  return start >= 0 && start + (extent - 1) * step < whole;
}

/// g with step - 1 zeros after each element along the axis.
Tensor spread(const Tensor& g, int axis, std::int64_t step) {
  const Shape& shape = g.shape();
  const Shape before = shape.until(axis + 1), after = shape.from(axis + 1);
  const Tensor column = ops::reshape(g, before + Shape({1}) + after);
  const Shape wide = before + Shape({step}) + after;
  std::vector<std::int64_t> none(static_cast<std::size_t>(wide.rank()), 0);
  const Tensor padded = make_op<Pad>(column, none, wide, 0.0);
  return ops::reshape(padded, shape.until(axis) + Shape({shape[axis] * step}) + after);
}

}  // namespace

void StridedSlice::fields(FieldWriter& write) const {
  write("starts", starts_);
  write("extents", extents_);
  write("steps", steps_);
}

Specs StridedSlice::infer(std::span<const Spec> inputs) const {
  const Shape& whole = inputs[0].shape;
  KERATIN_ASSERT(whole.rank() == extents_.rank());
  for (int axis = 0; axis < whole.rank(); ++axis) {
    const auto i = static_cast<std::size_t>(axis);
    check_shape(fits(starts_[i], extents_[axis], steps_[i], whole[axis]), "expected a part of ", whole, ", got ",
                extents_, " from (", join(starts_, ", "), ") in steps of (", join(steps_, ", "), ")");
  }
  return {{inputs[0].dtype, extents_}};
}

Tensor put_apart(const Tensor& values, const Shape& whole, const std::vector<std::int64_t>& starts,
                 const std::vector<std::int64_t>& steps) {
  Tensor out = values;
  for (int axis = 0; axis < whole.rank(); ++axis) {
    const auto i = static_cast<std::size_t>(axis);
    if (steps[i] == 1 || out.shape()[axis] == 0) continue;
    out = spread(out, axis, steps[i]);
    if (starts[i] + out.shape()[axis] <= whole[axis]) continue;  // the last one's zeros may reach beyond the whole
    std::vector<std::int64_t> extents(out.shape().begin(), out.shape().end());
    extents[i] = whole[axis] - starts[i];
    const std::vector<std::int64_t> zeros(extents.size(), 0), ones(extents.size(), 1);
    out = make_op<StridedSlice>(out, zeros, Shape(std::move(extents)), ones);
  }
  return make_op<Pad>(out, starts, whole, 0.0);
}

Tensors StridedSlice::gradient(const GradientRequest& r) const {
  return {put_apart(r.output_gradients[0], r.inputs[0].shape(), starts_, steps_)};
}

void StridedSlice::to_onnx(OnnxNode& node) const {
  const Shape& whole = node.input_spec(0).shape;
  std::vector<std::int64_t> starts, ends, axes, steps;
  for (int axis = 0; axis < whole.rank(); ++axis) {
    const auto i = static_cast<std::size_t>(axis);
    if (extents_[axis] == whole[axis]) continue;
    if (starts_[i] < 0 || extents_[axis] < 0)
      throw UnsupportedError(
          concat("Slice: cannot export to ONNX the part ", extents_, " of ", whole, ", cut at multiples of the batch"));
    starts.push_back(starts_[i]);
    ends.push_back(extents_[axis] == 0 ? starts_[i] : starts_[i] + (extents_[axis] - 1) * steps_[i] + 1);
    axes.push_back(axis);
    steps.push_back(steps_[i]);
  }
  if (axes.empty()) return node.emit("Identity");
  const auto constant = [&](const std::vector<std::int64_t>& values) {
    return node.constant(Array(values, Shape({values.size()})));
  };
  node.emit("Slice", {node.input(0), constant(starts), constant(ends), constant(axes), constant(steps)},
            {node.output()});
}

}  // namespace keratin
