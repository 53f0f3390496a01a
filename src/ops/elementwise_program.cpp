#include "ops/elementwise_program.h"

#include "base/check.h"

namespace keratin {

void ElementwiseProgram::fields(FieldWriter& write) const {
  write("compute", to_string(compute_));
  for (std::size_t i = 0; i < instructions_.size(); ++i) {
    const Instruction& instruction = instructions_[i];
    const FunctionRow& function = row(instruction.function);
    std::string operands;
    for (int k = 0; k < function.arity; ++k)
      operands += concat(" r", instruction.operands[static_cast<std::size_t>(k)]);
    write(concat("r", static_cast<std::size_t>(inputs_) + i), concat(function.name, operands));
  }
  for (const Output& output : outputs_) write("output", concat("r", output.source, " ", output.spec));
}

Specs ElementwiseProgram::infer(std::span<const Spec> inputs) const {
  KERATIN_ASSERT(inputs.size() == static_cast<std::size_t>(inputs_));
  Shape shape;
  for (const Spec& input : inputs) shape = broadcast_shapes(shape, input.shape);
  Specs out;
  for (const Output& output : outputs_) {
    check_shape(broadcast_shapes(shape, output.spec.shape) == output.spec.shape, "expected inputs that broadcast to ",
                output.spec.shape, ", got ", shape);
    out.push_back(output.spec);
  }
  return out;
}

DType compute_dtype(std::span<const Spec> inputs, std::span<const Spec> outputs) {
  DType compute = int64;
  for (const std::span<const Spec> specs : {inputs, outputs})
    for (const Spec& spec : specs) {
      if (spec.dtype == float64) return float64;
      if (is_floating(spec.dtype)) compute = float32;
    }
  return compute;
}

std::shared_ptr<const ElementwiseProgram> as_program(const Op& op, std::span<const Spec> inputs,
                                                     std::span<const Spec> outputs) {
  const std::optional<Function> function = op.traits().function;
  if (!function) return nullptr;
  Instruction instruction{*function, {-1, -1, -1}};
  const int arity = row(instruction.function).arity;
  for (int k = 0; k < arity; ++k) instruction.operands[static_cast<std::size_t>(k)] = k;
  return std::make_shared<ElementwiseProgram>(compute_dtype(inputs, outputs), arity,
                                              std::vector<Instruction>{instruction},
                                              std::vector<ElementwiseProgram::Output>{{arity, outputs[0]}});
}

}  // namespace keratin
