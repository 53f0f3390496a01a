// ElementwiseProgram: a cluster of elementwise ops as one: what the compiler makes of neighbours, and the form in which
// backends run even a single one.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "ops/elementwise.h"

namespace KERATIN_INTERNAL_EXPORT keratin {

/// register[inputs + i] = function(register[operands[0]], …). Registers below `inputs` are the op's inputs.
struct Instruction {
  Function function = Function::identity;
  std::array<int, 3> operands{-1, -1, -1};  // as many as the function's arity
};

/// Runs its instructions for every element of the shape that its inputs broadcast to. Registers hold numbers of the
/// compute dtype (float32, float64 or int64; booleans are 0 and 1); inputs are converted when read, outputs when
/// written.
class ElementwiseProgram final : public Op {
 public:
  /// Of what the compiler makes: programs that are compiled, or take in a product, have no more inputs.
  static constexpr std::size_t most_inputs = 24;
  struct Output {
    int source = 0;  // the register that is written
    Spec spec;       // the shape that all inputs broadcast to, in the dtype to be written
  };
  ElementwiseProgram(DType compute, int inputs, std::vector<Instruction> instructions, std::vector<Output> outputs)
      : compute_(compute), inputs_(inputs), instructions_(std::move(instructions)), outputs_(std::move(outputs)) {}
  std::string_view name() const override { return "ElementwiseProgram"; }
  void fields(FieldWriter& write) const override;
  Specs infer(std::span<const Spec> inputs) const override;
  Traits traits() const override { return {.elementwise = true}; }
  DType compute() const { return compute_; }
  int inputs() const { return inputs_; }
  const std::vector<Instruction>& instructions() const { return instructions_; }
  const std::vector<Output>& outputs() const { return outputs_; }

 private:
  DType compute_;
  int inputs_;
  std::vector<Instruction> instructions_;
  std::vector<Output> outputs_;
};

/// The dtype whose registers can hold all of these: float64 if one is there, else float32, else int64.
DType compute_dtype(std::span<const Spec> inputs, std::span<const Spec> outputs);

/// An op of one function (Elementwise, Cast, Expand) as a program of one instruction; null for other ops.
std::shared_ptr<const ElementwiseProgram> as_program(const Op& op, std::span<const Spec> inputs,
                                                     std::span<const Spec> outputs);

}  // namespace keratin
