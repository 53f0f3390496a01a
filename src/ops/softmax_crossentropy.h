// Softmax crossentropy: −Σ t·log softmax(z) along the last axis, from logits, with the targets t as probabilities or as
// classes; its gradient, and the softmax itself, which are made of the same exponentials.
#pragma once

#include "graph/op.h"

namespace KERATIN_INTERNAL_EXPORT keratin {

/// What is asked of logits z (…, c) and targets: each is an output, in this order.
struct CrossentropyResults {
  bool loss = true;            // (…): Σ_j t_j (logΣe^z − z_j)
  bool gradient = false;       // (…, c), the loss's with respect to z: softmax(z)·Σt − t
  bool probabilities = false;  // (…, c): softmax(z)

  /// Which outputs they are; the loss is the first.
  int gradient_at() const { return loss ? 1 : 0; }
  int probabilities_at() const { return gradient_at() + (gradient ? 1 : 0); }
  CrossentropyResults& operator|=(const CrossentropyResults& other) {
    loss = loss || other.loss, gradient = gradient || other.gradient;
    probabilities = probabilities || other.probabilities;
    return *this;
  }
};

/// What both kinds of targets have in common.
class CrossentropyOp : public Op {
 public:
  explicit CrossentropyOp(CrossentropyResults results) : results_(results) {}
  void fields(FieldWriter& write) const override;
  Specs infer(std::span<const Spec> inputs) const override;
  Tensors expand(std::span<const Tensor> inputs) const override;
  Tensors gradient(const GradientRequest& request) const override;
  Traits traits() const override { return {.gradient = true, .expansion = true}; }
  const CrossentropyResults& results() const { return results_; }
  /// The same op, asked for other results.
  virtual std::shared_ptr<const Op> asked_for(CrossentropyResults results) const = 0;

 private:
  virtual void check_inputs(std::span<const Spec> inputs) const = 0;
  /// t as probabilities (…, c).
  virtual Tensor targets(std::span<const Tensor> inputs) const = 0;

  CrossentropyResults results_;
};

/// Inputs: logits (…, c), targets (…, c), both of one floating-point dtype. Targets need not sum to 1.
class SoftmaxCrossentropy final : public CrossentropyOp {
 public:
  explicit SoftmaxCrossentropy(CrossentropyResults results = {}) : CrossentropyOp(results) {}
  std::string_view name() const override { return "SoftmaxCrossentropy"; }
  std::shared_ptr<const Op> asked_for(CrossentropyResults results) const override;

 private:
  void check_inputs(std::span<const Spec> inputs) const override;
  Tensor targets(std::span<const Tensor> inputs) const override { return inputs[1]; }
};

/// Inputs: logits (…, c), classes (…) of an integer dtype. Loss and gradient are NaN for a class outside [0, c).
class SparseSoftmaxCrossentropy final : public CrossentropyOp {
 public:
  explicit SparseSoftmaxCrossentropy(CrossentropyResults results = {}) : CrossentropyOp(results) {}
  std::string_view name() const override { return "SparseSoftmaxCrossentropy"; }
  std::shared_ptr<const Op> asked_for(CrossentropyResults results) const override;

 private:
  void check_inputs(std::span<const Spec> inputs) const override;
  Tensor targets(std::span<const Tensor> inputs) const override;
};

}  // namespace keratin
