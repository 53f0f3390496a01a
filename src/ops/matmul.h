// MatMul: products of matrices, either transposed, over leading axes.
#pragma once

#include "graph/op.h"

namespace KERATIN_INTERNAL_EXPORT keratin {

/// (…, m, k) · (…, k, n) → (…, m, n), each operand optionally read transposed in its last two axes. Leading axes agree.
class MatMul final : public Op {
 public:
  explicit MatMul(bool transpose_a = false, bool transpose_b = false)
      : transpose_a_(transpose_a), transpose_b_(transpose_b) {}
  std::string_view name() const override { return "MatMul"; }
  void fields(FieldWriter& write) const override;
  Specs infer(std::span<const Spec> inputs) const override;
  Tensors gradient(const GradientRequest& request) const override;
  void to_onnx(OnnxNode& node) const override;
  Traits traits() const override { return {.gradient = true, .onnx = true}; }
  bool transpose_a() const { return transpose_a_; }
  bool transpose_b() const { return transpose_b_; }

 private:
  bool transpose_a_;
  bool transpose_b_;
};

}  // namespace keratin
