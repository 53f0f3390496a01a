// An ElementwiseProgram that is compiled ahead of time.
#include <algorithm>
#include <utility>
#include <vector>

#include "cpu/division.h"
#include "cpu/kernels/compiled_rows.h"
#include "cpu/kernels/kernels.h"
#include "ops/elementwise_program.h"
#include "runtime/elementwise_geometry.h"

namespace keratin::cpu {
namespace {

constexpr std::int64_t wide = 128;  // columns of which a remainder in narrow loops does not show

/// Rows of few columns taken as fewer, wider ones: what is one row for all is repeated beside itself.
class Widening {
 public:
  Widening(const Geometry& geometry, std::size_t operands, std::size_t inputs) : columns_(geometry.columns()) {
    if (columns_ < 2 || columns_ > wide / 4 || !geometry.dense()) return;
    for (std::size_t k = 0; k < operands; ++k) {
      if (geometry.layout(k) == Layout::column) return;
      if (k < inputs && geometry.layout(k) == Layout::row) repeated_.push_back(k);
    }
    rows_ = std::min(wide / columns_, geometry.rows());
  }
  bool pays() const { return rows_ > 1; }
  std::size_t workspace_bytes() const {
    return pays() ? static_cast<std::size_t>(rows_ * columns_) * repeated_.size() * sizeof(float) : 0;
  }
  /// The operands' rows, `rows` of them, as wide ones.
  void run(const CompiledProgram program, std::int64_t rows, ProgramRows operands, std::size_t inputs,
           std::size_t outputs, float* workspace) const {
    const std::int64_t width = rows_ * columns_, whole = rows / rows_;
    for (const std::size_t k : repeated_) {
      for (std::int64_t i = 0; i < rows_; ++i) std::copy_n(operands.inputs[k], columns_, workspace + i * columns_);
      operands.inputs[k] = std::exchange(workspace, workspace + width);
    }
    for (std::size_t k = 0; k < inputs; ++k) operands.input_steps[k] *= rows_;
    for (std::size_t i = 0; i < outputs; ++i) operands.output_steps[i] *= rows_;
    if (whole > 0) program(whole, width, operands);
    for (std::size_t k = 0; k < inputs; ++k) operands.inputs[k] += whole * operands.input_steps[k];
    for (std::size_t i = 0; i < outputs; ++i) operands.outputs[i] += whole * operands.output_steps[i];
    if (rows > whole * rows_) program(1, (rows - whole * rows_) * columns_, operands);
  }

 private:
  std::int64_t columns_, rows_ = 1;  // that become one
  std::vector<std::size_t> repeated_ = {};
};

}  // namespace

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
  const Widening widening(geometry, inputs + outputs, inputs);
  return make_kernel(
      [=](const KernelArguments& arguments) {
        ProgramRows rows = steps;
        geometry.for_each_block(arguments.part, [&](const Block& block) {
          for (std::size_t k = 0; k < inputs; ++k)
            rows.inputs[k] = arguments.input<float>(k) + geometry.offset(k, block);
          for (std::size_t i = 0; i < outputs; ++i)
            rows.outputs[i] = arguments.output<float>(i) + geometry.offset(inputs + i, block);
          if (widening.pays() && block.rows > 1 && block.columns == geometry.columns())
            widening.run(compiled, block.rows, rows, inputs, outputs, static_cast<float*>(arguments.workspace));
          else
            compiled(block.rows, block.columns, rows);
        });
      },
      widening.workspace_bytes(), elementwise_division(request, static_cast<double>(program.instructions().size())));
}

}  // namespace keratin::cpu
