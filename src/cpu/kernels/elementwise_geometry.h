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
  full,    // an element for each of the output's
  row,     // one row for all rows
  column,  // one element for each row
  fixed,   // one element for all
};

struct Operand {
  Layout layout = Layout::full;
  std::int64_t row_stride = 0;              // elements from row to row; 0 where one row stands for all
  std::vector<std::int64_t> outer_strides;  // in elements, one per outer axis; 0 where it is repeated

  std::int64_t offset(std::int64_t row, std::int64_t column) const {
    return row * row_stride + (layout == Layout::full || layout == Layout::row ? column : 0);
  }
};

/// The outputs' elements in order: for each index of the outer axes, a plane of rows × columns.
struct Geometry {
  std::vector<std::int64_t> outer;  // extents, slowest first
  std::int64_t planes = 1;          // their product
  std::int64_t rows = 1;
  std::int64_t columns = 1;
  std::vector<Operand> operands;  // one per input, then one per output

  bool dense() const {  // rows follow each other
    return std::all_of(operands.begin(), operands.end(), [&](const Operand& operand) {
      return operand.layout != Layout::full || operand.row_stride == columns;
    });
  }
  bool fixed(std::size_t operand) const {  // within a row
    return operands[operand].layout == Layout::fixed || operands[operand].layout == Layout::column;
  }
};

/// Inputs broadcast to the outputs, which have one shape. Axes that no operand tells apart are merged.
Geometry plan_geometry(const KernelRequest& request);

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
