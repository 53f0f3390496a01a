#include "ops/product_program.h"

#include "base/check.h"

namespace keratin {

void ProductProgram::fields(FieldWriter& write) const {
  product_.fields(write);
  write("place", place_);
  program_->fields(write);
}

Specs ProductProgram::program_inputs(std::span<const Spec> inputs) const {
  Specs out(inputs.begin() + 2, inputs.end());
  out.insert(out.begin() + place_, product_.infer(inputs.first(2))[0]);
  return out;
}

Specs ProductProgram::infer(std::span<const Spec> inputs) const {
  const Specs read = program_inputs(inputs);
  Specs out = program_->infer(read);
  const Shape& product = read[static_cast<std::size_t>(place_)].shape;
  for (const Spec& spec : out)
    check_shape(spec.shape == product, "expected results of the product's shape ", product, ", got ", spec.shape);
  return out;
}

}  // namespace keratin
