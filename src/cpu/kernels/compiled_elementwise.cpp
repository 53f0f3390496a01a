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
  const Geometry geometry = plan_geometry(request);
  if (geometry.planes != 1) return {};
  const std::size_t inputs = request.inputs.size(), outputs = request.outputs.size();
  ProgramRows steps;
  std::uint32_t fixed = 0;  // within a row
  for (std::size_t k = 0; k < inputs; ++k) {
    fixed |= geometry.fixed(k) ? 1u << k : 0u;
    steps.input_steps[k] = geometry.operands[k].row_stride;
  }
  for (std::size_t i = 0; i < outputs; ++i) steps.output_steps[i] = geometry.operands[inputs + i].row_stride;
  const CompiledProgram compiled = compiled_program(program, fixed);
  if (compiled == nullptr) return {};
  const std::int64_t width = Matrix(request.outputs[0].shape).columns;
  return make_kernel(
      [=](const KernelArguments& arguments) {
        ProgramRows rows = steps;
        for_each_block(geometry, width, arguments.part, [&](const Block& block) {
          const auto offset = [&](std::size_t operand) {
            return geometry.operands[operand].offset(block.row, block.column);
          };
          for (std::size_t k = 0; k < inputs; ++k)
            rows.inputs[k] = static_cast<const float*>(arguments.inputs[k]) + offset(k);
          for (std::size_t i = 0; i < outputs; ++i)
            rows.outputs[i] = static_cast<float*>(arguments.outputs[i]) + offset(inputs + i);
          compiled(block.rows, block.columns, rows);
        });
      },
      0, elementwise_division(request, static_cast<double>(program.instructions().size())));
}

}  // namespace keratin::cpu
