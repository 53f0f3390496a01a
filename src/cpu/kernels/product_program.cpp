// ProductProgram: areas of the product are computed into the first-level cache, and the program runs on them there. A
// program that is not compiled ahead of time runs after the product, as if the two had not been fused.
#include "ops/product_program.h"

#include <algorithm>
#include <array>

#include "base/check.h"
#include "compiler/plan_memory.h"
#include "cpu/division.h"
#include "cpu/kernels/compiled_rows.h"
#include "cpu/kernels/kernels.h"
#include "cpu/tiled_product.h"

namespace keratin::cpu {
namespace {

/// How far apart an operand's elements lie in the product's rows and columns; 0 where one stands for all.
struct Steps {
  std::int64_t row = 0, column = 0;
};

/// shape, whose rows lie `pitch` apart, broadcasts to (m, n).
Steps steps_of(const Shape& shape, std::int64_t pitch, std::int64_t m, std::int64_t n) {
  const Matrix matrix(shape);
  const bool by_row = matrix.rows == m && m > 1;
  return {by_row ? pitch : 0, matrix.columns == n && (n > 1 || by_row) ? 1 : 0};
}

constexpr std::int64_t round_up(std::int64_t columns) {
  return (columns + column_step - 1) / column_step * column_step;
}

class FusedKernel final : public Kernel {
 public:
  FusedKernel(const ProductProgram& op, const KernelRequest& request, const TiledProduct::Extents& extents,
              std::vector<Steps> steps, CompiledProgram program, const CompiledTiles* tiles)
      : product_(extents),
        steps_(std::move(steps)),
        place_(static_cast<std::size_t>(op.place())),
        program_(program),
        outputs_(request.outputs.size()),
        pitch_(request.output_pitch(0)) {
    for (std::size_t i = 0; i < outputs_; ++i) {
      rows_.output_steps[i] = request.output_pitch(i);
      alike_ = alike_ && request.output_pitch(i) == pitch_;
    }
    for (std::size_t k = 0; k < steps_.size(); ++k) {
      rows_.input_steps[k] = steps_[k].row;
      const bool whole = steps_[k].row == pitch_ || (steps_[k].row == 0 && steps_[k].column == 0);
      alike_ = alike_ && (whole || k == place_);
    }
    rows_.input_steps[place_] = product_.area_columns();
    if (tiles != nullptr && alike_) tiles_ = *tiles;
  }

  std::size_t workspace_bytes() const {
    return aligned_bytes(product_.workspace_bytes()) +
           static_cast<std::size_t>(product_.largest_area()) * sizeof(float);
  }

  void run(const KernelArguments& arguments) const override {
    const auto* const a = arguments.input<float>(0);
    const float* const b = product_.turned(arguments.input<float>(1), arguments.workspace);
    auto* const made = reinterpret_cast<float*>(static_cast<std::byte*>(arguments.workspace) +
                                                aligned_bytes(product_.workspace_bytes()));
    ProgramRows rows = rows_;
    rows.inputs[place_] = made;
    product_.for_each_area(arguments.part, [&](const Region& area) {
      for (std::size_t k = 0, next = 2; k < steps_.size(); ++k)
        if (k != place_)
          rows.inputs[k] = arguments.input<float>(next++) + area.row * steps_[k].row + area.column * steps_[k].column;
      for (std::size_t i = 0; i < outputs_; ++i)
        rows.outputs[i] = arguments.output<float>(i) + area.row * rows.output_steps[i] + area.column;
      const std::int64_t room = alike_ ? pitch_ - area.column : 0;  // what lies between rows may be computed, too
      if (const CompiledTile tile = product_.tile_for(area, room, tiles_))
        return product_.compute(area, a, b, tile, rows);
      product_.compute(area, a, b, made, product_.area_columns(), product_.area_columns());
      const std::int64_t whole = round_up(area.columns());
      program_(area.rows(), whole <= room ? whole : area.columns(), rows);
    });
  }

 private:
  TiledProduct product_;
  std::vector<Steps> steps_;  // of the program's inputs
  std::size_t place_;
  CompiledProgram program_;
  CompiledTiles tiles_;  // that run the program, too
  std::size_t outputs_;
  std::int64_t pitch_;  // of the first output
  ProgramRows rows_;    // steps
  bool alike_ = true;   // all operands are numbers or lie like the first output
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

/// Of what the program reads, the product being dense, and writes.
std::vector<std::int64_t> program_pitches(const ProductProgram& op, const KernelRequest& request) {
  std::vector<std::int64_t> pitches;
  for (std::size_t k = 2; k < request.inputs.size(); ++k) pitches.push_back(request.input_pitch(k));
  pitches.insert(pitches.begin() + op.place(), Matrix(request.outputs[0].shape).columns);
  for (std::size_t i = 0; i < request.outputs.size(); ++i) pitches.push_back(request.output_pitch(i));
  return pitches;
}

KernelPlan plan_fused(const ProductProgram& op, const KernelRequest& request, const TiledProduct::Extents& extents) {
  if (!may_be_compiled(request.inputs, request.outputs)) return {};
  std::vector<Steps> steps;
  std::uint32_t fixed = 0;
  const Specs inputs = op.program_inputs(request.inputs);
  const std::vector<std::int64_t> pitches = program_pitches(op, request);
  for (std::size_t k = 0; k < inputs.size(); ++k) {
    steps.push_back(steps_of(inputs[k].shape, pitches[k], extents.m, extents.n));
    if (steps.back().column == 0) fixed |= 1u << k;
  }
  steps[static_cast<std::size_t>(op.place())] = {extents.n, 1};
  fixed &= ~(1u << op.place());
  const CompiledProgram program = compiled_program(op.program(), fixed);
  if (program == nullptr) return {};
  // A weight's gradient is as deep as the batch, so small that the way of the sums through memory would show.
  const CompiledTiles* const tiles = extents.transpose_a ? compiled_tiles(op.program(), fixed, op.place()) : nullptr;
  auto kernel = std::make_unique<FusedKernel>(op, request, extents, std::move(steps), program, tiles);
  const std::size_t workspace_bytes = kernel->workspace_bytes();
  return {std::move(kernel), workspace_bytes, division_of(op, request, extents)};
}

/// One after the other, with the product in the workspace.
KernelPlan plan_apart(const ProductProgram& op, const KernelRequest& request, const TiledProduct::Extents& extents) {
  const Specs program_inputs = op.program_inputs(request.inputs);
  KERATIN_ASSERT(program_inputs.size() <= ElementwiseProgram::most_inputs);  // fuse_products takes in no other
  const auto place = static_cast<std::size_t>(op.place());
  const Spec made = program_inputs[place];
  const std::int64_t factors[] = {request.input_pitch(0), request.input_pitch(1), extents.n};
  KernelPlan product = plan_matmul_tiles({op.product(), request.inputs.first(2), {&made, 1}, factors});
  // Of an empty factor nothing is read, wherever its rows lie.
  if (!product.kernel) product = plan_matmul_eigen({op.product(), request.inputs.first(2), {&made, 1}});
  const std::vector<std::int64_t> pitches = program_pitches(op, request);
  const KernelRequest on_product{op.program(), program_inputs, request.outputs, pitches};
  KernelPlan program = plan_compiled_elementwise(on_product);
  if (!program.kernel) program = plan_elementwise(on_product);
  if (!product.kernel || !program.kernel) return {};
  const std::size_t made_bytes = aligned_bytes(static_cast<std::size_t>(made.shape.size()) * size_in_bytes(made.dtype));
  const std::size_t workspace_bytes = made_bytes + std::max(product.workspace_bytes, program.workspace_bytes);
  return make_kernel(
      [product = std::move(product.kernel), program = std::move(program.kernel), place, made_bytes,
       inputs = program_inputs.size()](const KernelArguments& arguments) {
        auto* const made_at = static_cast<std::byte*>(arguments.workspace);
        void* const output = made_at;
        product->run({arguments.inputs.first(2), {&output, 1}, made_at + made_bytes, arguments.part});
        std::array<const void*, ElementwiseProgram::most_inputs> from{};
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
  const TiledProduct::Extents extents{
      c[0], c[1], a[transpose_a ? 0 : 1], transpose_a, transpose_b, request.input_pitch(0), request.input_pitch(1)};
  if (KernelPlan fused = plan_fused(op, request, extents); fused.kernel) return fused;
  return plan_apart(op, request, extents);
}

}  // namespace keratin::cpu
