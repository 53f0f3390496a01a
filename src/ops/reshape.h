// Reshape: the same elements under another shape; a view.
#pragma once

#include "graph/op.h"

namespace KERATIN_INTERNAL_EXPORT keratin {

class Reshape final : public Op {
 public:
  /// to: resolved, of as many elements as the input.
  explicit Reshape(Shape to) : to_(std::move(to)) {}
  std::string_view name() const override { return "Reshape"; }
  void fields(FieldWriter& write) const override { write("to", to_); }
  Specs infer(std::span<const Spec> inputs) const override;
  Tensors gradient(const GradientRequest& request) const override;
  void to_onnx(OnnxNode& node) const override;
  Traits traits() const override { return {.view = true, .gradient = true, .onnx = true, .elementwise = true}; }

 private:
  Shape to_;
};

}  // namespace keratin
