// SoftmaxCrossentropy: −Σ y·log softmax(z) along the last axis, from logits, with the targets as probabilities or as
// classes.
#pragma once

#include "graph/op.h"

namespace KERATIN_INTERNAL_EXPORT keratin {

/// Inputs: logits z (…, c), targets y (…, c), both of one floating-point dtype. Output (…): Σ_j y_j (logΣe^z − z_j).
/// Targets need not sum to 1.
class SoftmaxCrossentropy final : public Op {
 public:
  std::string_view name() const override { return "SoftmaxCrossentropy"; }
  Specs infer(std::span<const Spec> inputs) const override;
  Tensors expand(std::span<const Tensor> inputs) const override;
  Tensors gradient(const GradientRequest& request) const override;
  Traits traits() const override { return {.gradient = true, .expansion = true}; }
};

/// Inputs: logits z (…, c), classes (…) of an integer dtype. Output (…): logΣe^z − z_class; NaN for a class outside [0,
/// c).
class SparseSoftmaxCrossentropy final : public Op {
 public:
  std::string_view name() const override { return "SparseSoftmaxCrossentropy"; }
  Specs infer(std::span<const Spec> inputs) const override;
  Tensors expand(std::span<const Tensor> inputs) const override;
  Tensors gradient(const GradientRequest& request) const override;
  Traits traits() const override { return {.gradient = true, .expansion = true}; }
};

}  // namespace keratin
