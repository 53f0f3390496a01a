// How an elementwise program walks over its elements: the operands' broadcasting in as few axes as possible.
#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include "base/strided_axes.h"
#include "compiler/kernel_planner.h"

namespace KERATIN_INTERNAL_EXPORT keratin {

/// How an operand lies in one plane of rows × columns of the output.
enum class Layout : std::uint8_t {
  full,    // an element for each of the output's
  row,     // one row for all rows
  column,  // one element for each row
  fixed,   // one element for all
};

/// Rows and columns of one of a geometry's planes.
struct Block {
  std::int64_t plane, row, column, rows, columns;
};

/// The outputs' elements in order, for inputs that broadcast to them: planes of rows × columns. Operands are the
/// inputs, then the outputs.
class Geometry {
 public:
  explicit Geometry(const KernelRequest& request);

  /// What is left of the axes beside rows and columns, outermost first: a step along one is `strides[operand]`
  /// elements.
  const std::vector<StridedAxis>& planes() const { return planes_; }
  std::int64_t rows() const { return rows_; }
  std::int64_t columns() const { return columns_; }
  /// Elements from row to row; 0 where one row stands for all.
  std::int64_t row_stride(std::size_t operand) const { return operands_[operand].row_stride; }
  /// One element within a row.
  bool fixed(std::size_t operand) const { return operands_[operand].column_stride == 0; }
  Layout layout(std::size_t operand) const {
    if (fixed(operand)) return row_stride(operand) != 0 ? Layout::column : Layout::fixed;
    return row_stride(operand) != 0 ? Layout::full : Layout::row;
  }
  /// Rows follow each other, in all operands that have more than one.
  bool dense() const;
  /// Elements before the block's first.
  std::int64_t offset(std::size_t operand, const Block& block) const {
    const Operand& own = operands_[operand];
    return (block.plane == 0 ? 0 : offset_in(operand, planes_, block.plane)) + block.row * own.row_stride +
           block.column * own.column_stride;
  }
  /// use(Block) for a part of the output as a matrix: its last axis are the part's columns.
  template <class Use> void for_each_block(const Region& part, const Use& use) const;

 private:
  struct Operand {
    std::int64_t row_stride, column_stride;
  };
  std::vector<StridedAxis> planes_;
  std::int64_t rows_ = 1, columns_ = 1;
  std::vector<Operand> operands_;
  std::int64_t width_;  // of the output as a matrix
};

template <class Use> void Geometry::for_each_block(const Region& part, const Use& use) const {
  if (columns() == width_) {
    for (std::int64_t begin = part.row; begin < part.row_end;) {
      const std::int64_t row = begin % rows(), count = std::min(part.row_end - begin, rows() - row);
      use(Block{begin / rows(), row, part.column, count, part.columns()});
      begin += count;
    }
    return;
  }
  const bool whole = part.columns() == width_;  // rows follow each other
  const std::int64_t runs = whole ? 1 : part.rows(), length = whole ? part.rows() * width_ : part.columns();
  for (std::int64_t run = 0; run < runs; ++run) {
    std::int64_t begin = (part.row + run) * width_ + part.column;
    for (const std::int64_t end = begin + length; begin < end;) {
      const std::int64_t row = begin / columns(), column = begin % columns(), plane = row / rows();
      const std::int64_t fitting = std::min((end - begin) / columns(), (plane + 1) * rows() - row);
      const Block block = column == 0 && fitting > 0
                              ? Block{plane, row % rows(), 0, fitting, columns()}
                              : Block{plane, row % rows(), column, 1, std::min(end - begin, columns() - column)};
      use(block);
      begin += block.rows * block.columns;
    }
  }
}

}  // namespace keratin
