#include "compiler/work.h"

namespace keratin {

Region reached(const Reach& reach, const Region& part, const Shape& operand) {
  const Matrix matrix(operand);
  Region region{0, matrix.rows, 0, matrix.columns};
  if (reach.rows == Follows::rows) region.row = part.row * reach.each, region.row_end = part.row_end * reach.each;
  if (reach.rows == Follows::columns) region.row = part.column, region.row_end = part.column_end;
  if (reach.columns == Follows::rows) region.column = part.row, region.column_end = part.row_end;
  if (reach.columns == Follows::columns) region.column = part.column, region.column_end = part.column_end;
  return region;
}

double share_of(const Launch& launch, const Region& part) {
  const Division& division = launch.plan.division;
  if (part.empty()) return 0;
  return static_cast<double>(part.rows() * part.columns()) / static_cast<double>(division.rows * division.columns);
}

double flops_of(const Launch& launch, const Region& part) {
  return launch.plan.division.flops * share_of(launch, part);
}

double bytes_of(const Program& program, const Launch& launch, const Region& part) {
  const Division& division = launch.plan.division;
  if (part.empty()) return 0;
  std::size_t bytes = 0;
  const auto add = [&](const std::vector<int>& operands, const std::vector<Reach>& reaches) {
    for (std::size_t k = 0; k < operands.size(); ++k) {
      const Spec& spec = program.value(operands[k]).spec;
      const Region region = reached(reaches.empty() ? Reach{} : reaches[k], part, spec.shape);
      if (!region.empty())
        bytes += static_cast<std::size_t>(region.rows() * region.columns()) * size_in_bytes(spec.dtype);
    }
  };
  add(launch.inputs, division.inputs);
  add(launch.outputs, division.outputs);
  return static_cast<double>(bytes);
}

std::int64_t rows_of_sample(const Program& program, const Launch& launch) {
  const Division& division = launch.plan.division;
  if (program.batch < 1 || division.row_step != 1 || division.rows % program.batch != 0) return 0;
  return division.rows / program.batch;
}

}  // namespace keratin
