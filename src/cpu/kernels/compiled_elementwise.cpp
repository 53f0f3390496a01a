// An ElementwiseProgram that is compiled ahead of time, row by row over its operands in place.
#include <array>

#include "cpu/compiled_program.h"
#include "cpu/kernels/elementwise_geometry.h"
#include "cpu/kernels/kernels.h"
#include "ops/elementwise_program.h"

namespace keratin::cpu {
namespace {

constexpr std::size_t most_operands = 32;  // inputs and outputs together of any program in the list

struct Rows {
  std::int64_t rows = 1, columns = 1;
  std::size_t inputs = 0, outputs = 0;
  std::array<std::int64_t, most_operands> steps{};  // elements from row to row, per input

  void run(CompiledProgram program, const KernelArguments& arguments) const {
    std::array<const float*, most_operands> from{};
    std::array<float*, most_operands> to{};
    for (std::size_t k = 0; k < inputs; ++k) from[k] = static_cast<const float*>(arguments.inputs[k]);
    for (std::size_t i = 0; i < outputs; ++i) to[i] = static_cast<float*>(arguments.outputs[i]);
    for (std::int64_t r = 0; r < rows; ++r) {
      program(columns, to.data(), from.data());
      for (std::size_t k = 0; k < inputs; ++k) from[k] += steps[k];
      for (std::size_t i = 0; i < outputs; ++i) to[i] += columns;
    }
  }
};

bool all_float32(std::span<const Spec> specs) {
  for (const Spec& spec : specs)
    if (spec.dtype != float32) return false;
  return true;
}

}  // namespace

KernelPlan plan_compiled_elementwise(const KernelRequest& request) {
  const auto& program = static_cast<const ElementwiseProgram&>(request.op);
  if (request.outputs[0].shape.size() == 0 || !all_float32(request.inputs) || !all_float32(request.outputs)) return {};
  if (request.inputs.size() > most_operands || request.outputs.size() > most_operands) return {};
  const Geometry geometry = plan_geometry(request.inputs, request.outputs[0].shape);
  if (geometry.planes != 1) return {};
  Rows walk{geometry.rows, geometry.columns, request.inputs.size(), request.outputs.size(), {}};
  std::uint32_t fixed = 0;  // within a row
  for (std::size_t k = 0; k < walk.inputs; ++k) {
    const Layout layout = geometry.operands[k].layout;
    if (layout == Layout::fixed || layout == Layout::column) fixed |= 1u << k;
    walk.steps[k] = layout == Layout::contiguous ? geometry.columns : (layout == Layout::column ? 1 : 0);
  }
  const CompiledProgram compiled = compiled_program(program, fixed);
  if (compiled == nullptr) return {};
  return make_kernel([walk, compiled](const KernelArguments& arguments) { walk.run(compiled, arguments); });
}

}  // namespace keratin::cpu
