// Concat: tensors one after another along an axis.
#pragma once

#include "graph/op.h"

namespace KERATIN_INTERNAL_EXPORT keratin {

/// One or more inputs of one dtype whose shapes agree but along the axis.
class Concat final : public Op {
 public:
  explicit Concat(int axis) : axis_(axis) {}  // non-negative
  std::string_view name() const override { return "Concat"; }
  void fields(FieldWriter& write) const override { write("axis", axis_); }
  Specs infer(std::span<const Spec> inputs) const override;
  Tensors gradient(const GradientRequest& request) const override;
  void to_onnx(OnnxNode& node) const override;
  Traits traits() const override { return {.gradient = true, .onnx = true}; }
  int axis() const { return axis_; }

 private:
  int axis_;
};

}  // namespace keratin
