// Gather: chosen elements along an axis; ScatterAdd: its gradient.
#pragma once

#include "graph/op.h"

namespace KERATIN_INTERNAL_EXPORT keratin {

/// Inputs: x, indices of an integer dtype. Output x.shape[:axis] + indices.shape + x.shape[axis+1:]. Negative indices
/// count from the end; an index outside gives NaN (0 if x is of an integer dtype), for a step cannot fail.
class Gather final : public Op {
 public:
  explicit Gather(int axis) : axis_(axis) {}  // non-negative
  std::string_view name() const override { return "Gather"; }
  void fields(FieldWriter& write) const override { write("axis", axis_); }
  Specs infer(std::span<const Spec> inputs) const override;
  Tensors gradient(const GradientRequest& request) const override;
  void to_onnx(OnnxNode& node) const override;
  Traits traits() const override { return {.gradient = true, .onnx = true}; }
  int axis() const { return axis_; }

 private:
  int axis_;
};

/// Inputs: updates of Gather's output shape, indices. Output of the shape `to`: along the axis the sum of the updates
/// with that index, added in the order of the indices; updates with an index outside are dropped.
class ScatterAdd final : public Op {
 public:
  ScatterAdd(int axis, Shape to) : axis_(axis), to_(std::move(to)) {}
  std::string_view name() const override { return "ScatterAdd"; }
  void fields(FieldWriter& write) const override;
  Specs infer(std::span<const Spec> inputs) const override;
  Tensors gradient(const GradientRequest& request) const override;
  Traits traits() const override { return {.gradient = true}; }
  int axis() const { return axis_; }

 private:
  int axis_;
  Shape to_;
};

}  // namespace keratin
