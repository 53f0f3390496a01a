// ProductProgram: a matrix product and the elementwise program that alone reads it, as one: what the compiler makes of
// a layer's product, bias and activation, and of a weight's gradient and update.
#pragma once

#include <memory>

#include "ops/elementwise_program.h"
#include "ops/matmul.h"

namespace KERATIN_INTERNAL_EXPORT keratin {

/// Inputs: a, b, then those of the program without the product. Outputs: the program's, of the product's shape (m, n).
class ProductProgram final : public Op {
 public:
  /// place: which of the program's inputs the product is.
  ProductProgram(bool transpose_a, bool transpose_b, std::shared_ptr<const ElementwiseProgram> program, int place)
      : product_(transpose_a, transpose_b), program_(std::move(program)), place_(place) {}
  std::string_view name() const override { return "ProductProgram"; }
  void fields(FieldWriter& write) const override;
  Specs infer(std::span<const Spec> inputs) const override;
  Traits traits() const override { return {.elementwise = true, .elementwise_from = 2}; }
  const MatMul& product() const { return product_; }
  const ElementwiseProgram& program() const { return *program_; }
  int place() const { return place_; }
  /// What the program reads, given what this op reads.
  Specs program_inputs(std::span<const Spec> inputs) const;

 private:
  MatMul product_;
  std::shared_ptr<const ElementwiseProgram> program_;
  int place_;
};

}  // namespace keratin
