// Transpose: any permutation of axes, of numbers of any dtype.
#include "ops/transpose.h"

#include "base/strided_copy.h"
#include "base/transpose_matrix.h"
#include "cpu/division.h"
#include "cpu/kernels/kernels.h"

namespace keratin::cpu {
namespace {

/// A matrix, by rows or by columns of the result. By columns a thread turns over the rows of the weights that are its
/// own, for the columns of the product that are.
KernelPlan plan_matrix(const KernelRequest& request) {
  const Matrix made(request.outputs[0].shape);
  constexpr Follows rows = Follows::rows, columns = Follows::columns;
  return make_kernel(
      [from = request.input_pitch(0), to = request.output_pitch(0)](const KernelArguments& arguments) {
        const Region& part = arguments.part;
        transpose_matrix(arguments.output<float>(0) + part.row * to + part.column, to,
                         arguments.input<float>(0) + part.column * from + part.row, from, part.rows(), part.columns());
      },
      0, Division{made.rows, made.columns, column_step, column_step, {{columns, rows}}, {{rows, columns}}, 0, 0});
}

}  // namespace

KernelPlan plan_transpose(const KernelRequest& request) {
  const Spec &input = request.inputs[0], &made = request.outputs[0];
  const std::vector<int>& order = static_cast<const Transpose&>(request.op).order();
  if (input.dtype == float32 && input.shape.size() > 0 && order == std::vector<int>{1, 0}) return plan_matrix(request);
  if (!request.pitches.empty()) return {};
  const Strides whole = row_major_strides(input.shape);
  Strides from;
  for (const int axis : order) from.push_back(whole[static_cast<std::size_t>(axis)]);
  const DType stored = input.dtype == boolean ? uint8 : input.dtype;  // a boolean's byte, whatever it is
  const StridedCopy copy(made.shape, {stored, row_major_strides(made.shape)}, {stored, from});
  return make_kernel([copy](const KernelArguments& arguments) { copy.run(arguments.outputs[0], arguments.inputs[0]); });
}

}  // namespace keratin::cpu
