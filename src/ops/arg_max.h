// ArgMax: where along an axis the largest element is.
#pragma once

#include "graph/op.h"

namespace KERATIN_INTERNAL_EXPORT keratin {

/// int32, without the axis; the first of equals, as Keras's argmax.
class ArgMax final : public Op {
 public:
  explicit ArgMax(int axis) : axis_(axis) {}  // non-negative
  std::string_view name() const override { return "ArgMax"; }
  void fields(FieldWriter& write) const override { write("axis", axis_); }
  Specs infer(std::span<const Spec> inputs) const override;
  void to_onnx(OnnxNode& node) const override;
  Traits traits() const override { return {.onnx = true}; }
  int axis() const { return axis_; }

 private:
  int axis_;
};

}  // namespace keratin
