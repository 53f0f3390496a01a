// How an elementwise program walks over its elements: the operands' broadcasting in as few axes as possible.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "graph/spec.h"

namespace KERATIN_INTERNAL_EXPORT keratin {
namespace cpu {

/// How an operand lies in one plane of rows × columns of the output.
enum class Layout : std::uint8_t {
  contiguous,  // an element for each of the output's, in the same order
  row,         // one row for all rows
  column,      // one element for each row
  fixed,       // one element for all
};

struct Operand {
  Layout layout = Layout::contiguous;
  std::vector<std::int64_t> outer_strides;  // in elements, one per outer axis; 0 where it is repeated
};

/// The output's elements in order: for each index of the outer axes, a plane of rows × columns.
struct Geometry {
  std::vector<std::int64_t> outer;  // extents, slowest first
  std::int64_t planes = 1;          // their product
  std::int64_t rows = 1;
  std::int64_t columns = 1;
  std::vector<Operand> operands;  // one per input
};

/// inputs broadcast to output; all extents are known. Axes that no operand tells apart are merged.
Geometry plan_geometry(std::span<const Spec> inputs, const Shape& output);

}  // namespace cpu
}  // namespace keratin
