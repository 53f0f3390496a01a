// An ElementwiseProgram that is compiled ahead of time.
#include "cpu/division.h"
#include "cpu/kernels/compiled_rows.h"
#include "cpu/kernels/elementwise_geometry.h"
#include "cpu/kernels/kernels.h"
#include "ops/elementwise_program.h"

namespace keratin::cpu {

KernelPlan plan_compiled_elementwise(const KernelRequest& request) {
  const auto& program = static_cast<const ElementwiseProgram&>(request.op);
  if (!may_be_compiled(request.inputs, request.outputs)) return {};
  const Geometry geometry(request);
  const std::size_t inputs = request.inputs.size(), outputs = request.outputs.size();
  ProgramRows steps;
  std::uint32_t fixed = 0;  // within a row
  for (std::size_t k = 0; k < inputs; ++k) {
    fixed |= geometry.fixed(k) ? 1u << k : 0u;
    steps.input_steps[k] = geometry.row_stride(k);
  }
  for (std::size_t i = 0; i < outputs; ++i) steps.output_steps[i] = geometry.row_stride(inputs + i);
  const CompiledProgram compiled = compiled_program(program, fixed);
  if (compiled == nullptr) return {};
  return make_kernel(
      [=](const KernelArguments& arguments) {
        ProgramRows rows = steps;
        geometry.for_each_block(arguments.part, [&](const Block& block) {
          for (std::size_t k = 0; k < inputs; ++k)
            rows.inputs[k] = arguments.input<float>(k) + geometry.offset(k, block);
          for (std::size_t i = 0; i < outputs; ++i)
            rows.outputs[i] = arguments.output<float>(i) + geometry.offset(inputs + i, block);
          compiled(block.rows, block.columns, rows);
        });
      },
      0, elementwise_division(request, static_cast<double>(program.instructions().size())));
}

}  // namespace keratin::cpu
