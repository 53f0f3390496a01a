#include "cpu/division.h"

namespace keratin::cpu {
namespace {

/// Of an operand that broadcasts to rows × columns.
Reach elementwise_reach(const Shape& shape, const Matrix& whole) {
  const Matrix matrix(shape);
  return {matrix.rows == whole.rows ? Follows::rows : Follows::nothing,
          matrix.columns == whole.columns ? Follows::columns : Follows::nothing};
}

/// A number for each row lies in columns; a row in its own.
Reach row_reach(const Shape& shape, std::int64_t rows) {
  const Matrix matrix(shape);
  if (matrix.rows == rows) return {Follows::rows, Follows::nothing};
  if (matrix.rows == 1 && matrix.columns == rows) return {Follows::nothing, Follows::rows};
  return {};
}

}  // namespace

Division elementwise_division(const KernelRequest& request, double flops_of_element) {
  const Matrix whole(request.outputs[0].shape);
  Division division{whole.rows,
                    whole.columns,
                    1,
                    column_step,
                    {},
                    {},
                    flops_of_element * static_cast<double>(whole.rows * whole.columns)};
  division.row_by_row = true;
  for (const Spec& input : request.inputs) division.inputs.push_back(elementwise_reach(input.shape, whole));
  for (const Spec& output : request.outputs) division.outputs.push_back(elementwise_reach(output.shape, whole));
  return division;
}

Division row_division(const KernelRequest& request, double flops) {
  const std::int64_t rows = Matrix(request.inputs[0].shape).rows;
  Division division{rows, 1, 1, 0, {}, {}, flops};
  for (const Spec& input : request.inputs) division.inputs.push_back(row_reach(input.shape, rows));
  for (const Spec& output : request.outputs) division.outputs.push_back(row_reach(output.shape, rows));
  return division;
}

Division image_division(std::int64_t images, const std::vector<std::int64_t>& rows_of_inputs,
                        std::int64_t rows_of_output) {
  const auto reach = [](std::int64_t rows) {
    return rows > 0 ? Reach{Follows::rows, Follows::nothing, rows} : Reach{};
  };
  Division division{images, 1, 1, 0, {}, {reach(rows_of_output)}};
  division.row_by_row = true;
  for (const std::int64_t rows : rows_of_inputs) division.inputs.push_back(reach(rows));
  return division;
}

Division product_division(std::int64_t m, std::int64_t n, std::int64_t k, bool transpose_a, bool transpose_b) {
  constexpr Follows all = Follows::nothing, rows = Follows::rows, columns = Follows::columns;
  return {m,
          n,
          1,
          column_step,
          {transpose_a ? Reach{all, rows} : Reach{rows, all}, transpose_b ? Reach{columns, all} : Reach{all, columns}},
          {{rows, columns}},
          2.0 * static_cast<double>(m) * static_cast<double>(n) * static_cast<double>(k)};
}

}  // namespace keratin::cpu
