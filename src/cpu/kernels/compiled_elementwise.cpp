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
  const Geometry geometry = plan_geometry(request.inputs, request.outputs[0].shape);
  if (geometry.planes != 1) return {};
  CompiledRows rows{nullptr, request.inputs.size(), request.outputs.size(), {}, geometry.columns};
  std::uint32_t fixed = 0;  // within a row
  for (std::size_t k = 0; k < rows.inputs; ++k) {
    const Layout layout = geometry.operands[k].layout;
    if (layout == Layout::fixed || layout == Layout::column) fixed |= 1u << k;
    rows.steps[k] = layout == Layout::contiguous ? geometry.columns : (layout == Layout::column ? 1 : 0);
  }
  rows.program = compiled_program(program, fixed);
  if (rows.program == nullptr) return {};
  const std::int64_t width = Matrix(request.outputs[0].shape).columns;
  return make_kernel(
      [rows, fixed, geometry, width](const KernelArguments& arguments) {
        for_each_block(geometry, width, arguments.part, [&](const Block& block) {
          CompiledRows::Inputs from{};
          CompiledRows::Outputs to{};
          for (std::size_t k = 0; k < rows.inputs; ++k)
            from[k] = static_cast<const float*>(arguments.inputs[k]) + block.row * rows.steps[k] +
                      ((fixed >> k & 1u) != 0 ? 0 : block.column);
          for (std::size_t i = 0; i < rows.outputs; ++i)
            to[i] = static_cast<float*>(arguments.outputs[i]) + block.row * rows.output_step + block.column;
          rows.run(block.rows, block.columns, from, to);
        });
      },
      0, elementwise_division(request, static_cast<double>(program.instructions().size())));
}

}  // namespace keratin::cpu
