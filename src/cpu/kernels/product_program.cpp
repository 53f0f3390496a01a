// ProductProgram: areas of the product are computed into the first-level cache, and the program runs on them there. A
// program that is not compiled ahead of time runs after the product, as if the two had not been fused.
#include "ops/product_program.h"

#include <algorithm>

#include "cpu/division.h"
#include "cpu/kernels/compiled_rows.h"
#include "cpu/kernels/kernels.h"
#include "cpu/tiled_product.h"

namespace keratin::cpu {
namespace {

std::size_t padded(std::size_t bytes) { return (bytes + 63) / 64 * 64; }

/// How far apart an operand's elements lie in the product's rows and columns; 0 where one stands for all.
struct Steps {
  std::int64_t row = 0, column = 0;
};

/// shape broadcasts to (m, n).
Steps steps_of(const Shape& shape, std::int64_t m, std::int64_t n) {
  const std::int64_t rows = shape.rank() > 1 ? shape[0] : 1, columns = shape.rank() > 0 ? shape[-1] : 1;
  const bool by_row = rows == m && m > 1;
  return {by_row ? columns : 0, columns == n && (n > 1 || by_row) ? 1 : 0};
}

class FusedKernel final : public Kernel {
 public:
  FusedKernel(const ProductProgram& op, const TiledProduct::Extents& extents, std::vector<Steps> steps,
              CompiledProgram program, std::size_t outputs)
      : product_(extents), steps_(std::move(steps)), place_(static_cast<std::size_t>(op.place())), n_(extents.n) {
    rows_ = {program, steps_.size(), outputs, {}, n_};
    for (std::size_t k = 0; k < steps_.size(); ++k) {
      rows_.steps[k] = steps_[k].row;
      const bool whole = steps_[k].row == n_ || (steps_[k].row == 0 && steps_[k].column == 0);
      contiguous_ = contiguous_ && (whole || k == place_);
    }
  }

  std::size_t workspace_bytes() const {
    return padded(product_.workspace_bytes()) + static_cast<std::size_t>(product_.largest_area()) * sizeof(float);
  }

  void run(const KernelArguments& arguments) const override {
    const auto* const a = static_cast<const float*>(arguments.inputs[0]);
    const float* const b = product_.turned(static_cast<const float*>(arguments.inputs[1]), arguments.workspace);
    auto* const made =
        reinterpret_cast<float*>(static_cast<std::byte*>(arguments.workspace) + padded(product_.workspace_bytes()));
    product_.for_each_area(arguments.part, [&](const Region& area) {
      product_.compute(area, a, b, made, area.columns());
      run_program(area, arguments, made);
    });
  }

 private:
  /// made: the product's area, (area.rows(), area.columns()).
  void run_program(const Region& area, const KernelArguments& arguments, const float* made) const {
    CompiledRows rows = rows_;
    rows.steps[place_] = area.columns();
    CompiledRows::Inputs from{};
    CompiledRows::Outputs to{};
    for (std::size_t k = 0, next = 2; k < steps_.size(); ++k)
      from[k] = k == place_ ? made
                            : static_cast<const float*>(arguments.inputs[next++]) + area.row * steps_[k].row +
                                  area.column * steps_[k].column;
    for (std::size_t i = 0; i < rows.outputs; ++i)
      to[i] = static_cast<float*>(arguments.outputs[i]) + area.row * n_ + area.column;
    if (contiguous_ && area.columns() == n_) return rows.run(1, area.rows() * n_, from, to);
    rows.run(area.rows(), area.columns(), from, to);
  }

  TiledProduct product_;
  std::vector<Steps> steps_;  // of the program's inputs
  std::size_t place_;
  std::int64_t n_;
  CompiledRows rows_;
  bool contiguous_ = true;  // rows of all operands follow each other, so that many are one
};

Division division_of(const ProductProgram& op, const KernelRequest& request, const TiledProduct::Extents& extents) {
  Division division = product_division(extents.m, extents.n, extents.k, extents.transpose_a, extents.transpose_b);
  const auto instructions = static_cast<double>(op.program().instructions().size());
  Division elements = elementwise_division({op, request.inputs.subspan(2), request.outputs}, instructions);
  division.inputs.insert(division.inputs.end(), elements.inputs.begin(), elements.inputs.end());
  division.outputs = std::move(elements.outputs);
  division.flops += elements.flops;
  return division;
}

KernelPlan plan_fused(const ProductProgram& op, const KernelRequest& request, const TiledProduct::Extents& extents) {
  if (!may_be_compiled(request.inputs, request.outputs)) return {};
  std::vector<Steps> steps;
  std::uint32_t fixed = 0;
  for (const Spec& input : op.program_inputs(request.inputs)) {
    steps.push_back(steps_of(input.shape, extents.m, extents.n));
    if (steps.back().column == 0) fixed |= 1u << (steps.size() - 1);
  }
  steps[static_cast<std::size_t>(op.place())] = {extents.n, 1};
  fixed &= ~(1u << op.place());
  const CompiledProgram program = compiled_program(op.program(), fixed);
  if (program == nullptr) return {};
  auto kernel = std::make_unique<FusedKernel>(op, extents, std::move(steps), program, request.outputs.size());
  const std::size_t workspace_bytes = kernel->workspace_bytes();
  return {std::move(kernel), workspace_bytes, division_of(op, request, extents)};
}

/// One after the other, with the product in the workspace.
KernelPlan plan_apart(const ProductProgram& op, const KernelRequest& request, const TiledProduct::Extents& extents) {
  const Specs program_inputs = op.program_inputs(request.inputs);
  const auto place = static_cast<std::size_t>(op.place());
  const Spec made = program_inputs[place];
  KernelPlan product = plan_matmul_tiles({op.product(), request.inputs.first(2), {&made, 1}});
  const KernelRequest on_product{op.program(), program_inputs, request.outputs};
  KernelPlan program = plan_compiled_elementwise(on_product);
  if (!program.kernel) program = plan_elementwise(on_product);
  if (!product.kernel || !program.kernel) return {};
  const std::size_t made_bytes = padded(static_cast<std::size_t>(made.shape.size()) * size_in_bytes(made.dtype));
  const std::size_t workspace_bytes = made_bytes + std::max(product.workspace_bytes, program.workspace_bytes);
  return make_kernel(
      [product = std::move(product.kernel), program = std::move(program.kernel), place, made_bytes,
       inputs = program_inputs.size()](const KernelArguments& arguments) {
        auto* const made_at = static_cast<std::byte*>(arguments.workspace);
        void* const output = made_at;
        product->run({arguments.inputs.first(2), {&output, 1}, made_at + made_bytes, arguments.part});
        std::array<const void*, 64> from{};
        for (std::size_t k = 0, next = 2; k < inputs; ++k) from[k] = k == place ? output : arguments.inputs[next++];
        program->run({{from.data(), inputs}, arguments.outputs, made_at + made_bytes, arguments.part});
      },
      workspace_bytes, division_of(op, request, extents));
}

}  // namespace

KernelPlan plan_product_program(const KernelRequest& request) {
  const auto& op = static_cast<const ProductProgram&>(request.op);
  const Shape &a = request.inputs[0].shape, &c = request.outputs[0].shape;
  const bool transpose_a = op.product().transpose_a(), transpose_b = op.product().transpose_b();
  const TiledProduct::Extents extents{c[0], c[1], a[transpose_a ? 0 : 1], transpose_a, transpose_b};
  if (KernelPlan fused = plan_fused(op, request, extents); fused.kernel) return fused;
  return plan_apart(op, request, extents);
}

}  // namespace keratin::cpu
