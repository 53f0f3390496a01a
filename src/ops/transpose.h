// Transpose: axes in another order.
#pragma once

#include <vector>

#include "graph/op.h"

namespace KERATIN_INTERNAL_EXPORT keratin {

/// Output axis i is input axis order[i].
class Transpose final : public Op {
 public:
  explicit Transpose(std::vector<int> order) : order_(std::move(order)) {}
  std::string_view name() const override { return "Transpose"; }
  void fields(FieldWriter& write) const override { write("order", order_); }
  Specs infer(std::span<const Spec> inputs) const override;
  Tensors gradient(const GradientRequest& request) const override;
  void to_onnx(OnnxNode& node) const override;
  Traits traits() const override { return {.gradient = true, .onnx = true}; }
  const std::vector<int>& order() const { return order_; }

 private:
  std::vector<int> order_;
};

}  // namespace keratin
