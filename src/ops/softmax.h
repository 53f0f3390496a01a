// Softmax along one axis.
#pragma once

#include "graph/op.h"

namespace KERATIN_INTERNAL_EXPORT keratin {

class Softmax final : public Op {
 public:
  explicit Softmax(int axis) : axis_(axis) {}  // non-negative
  std::string_view name() const override { return "Softmax"; }
  void fields(FieldWriter& write) const override { write("axis", axis_); }
  Specs infer(std::span<const Spec> inputs) const override;
  Tensors expand(std::span<const Tensor> inputs) const override;
  Tensors gradient(const GradientRequest& request) const override;
  void to_onnx(OnnxNode& node) const override;
  Traits traits() const override { return {.gradient = true, .onnx = true, .expansion = true}; }
  int axis() const { return axis_; }

 private:
  int axis_;
};

}  // namespace keratin
