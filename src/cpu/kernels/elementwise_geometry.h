// How an elementwise program walks over its elements: the operands' broadcasting in as few axes as possible.
#pragma once

#include <algorithm>
#include <cstdint>
#include <span>
#include <vector>

#include "compiler/kernel_planner.h"

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

/// Rows and columns of a geometry's only plane.
struct Block {
  std::int64_t row, column, rows, columns;
};

/// use(Block) for a part of the output as a matrix: its last axis, of `width`, are the part's columns.
template <class Use>
void for_each_block(const Geometry& geometry, std::int64_t width, const Region& part, const Use& use) {
  if (geometry.columns == width) return use(Block{part.row, part.column, part.rows(), part.columns()});
  const bool whole = part.columns() == width;  // rows follow each other
  const std::int64_t runs = whole ? 1 : part.rows(), length = whole ? part.rows() * width : part.columns();
  for (std::int64_t run = 0; run < runs; ++run) {
    std::int64_t begin = (part.row + run) * width + part.column;
    for (const std::int64_t end = begin + length; begin < end;) {
      const std::int64_t row = begin / geometry.columns, column = begin % geometry.columns;
      const std::int64_t rows = column == 0 ? (end - begin) / geometry.columns : 0;
      const Block block = rows > 0 ? Block{row, 0, rows, geometry.columns}
                                   : Block{row, column, 1, std::min(end - begin, geometry.columns - column)};
      use(block);
      begin += block.rows * block.columns;
    }
  }
}

}  // namespace cpu
}  // namespace keratin
