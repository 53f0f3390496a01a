#include "cpu/tiled_product.h"

#include "cpu/kernels/transpose_matrix.h"

namespace keratin::cpu {
namespace {

constexpr std::int64_t block_bytes = 256 * 1024;  // of b: stays in the second-level cache while all rows pass
constexpr std::int64_t area_bytes = 24 * 1024;    // of c: stays in the first-level cache for a program that reads it

}  // namespace

TiledProduct::TiledProduct(const Extents& extents)
    : tiles_(product_tiles()),
      extents_(extents),
      a_row_(extents.transpose_a ? 1 : extents.k),
      a_depth_(extents.transpose_a ? extents.m : 1) {
  const std::int64_t pair = 2 * tiles_.lanes, column_bytes = pair * std::int64_t{sizeof(float)};
  const std::int64_t pairs =
      std::min(block_bytes / (extents.k * column_bytes), area_bytes / (tiles_.tallest[2] * column_bytes));
  area_columns_ = std::max<std::int64_t>(pairs, 1) * pair;
}

std::size_t TiledProduct::workspace_bytes() const {
  return extents_.transpose_b ? static_cast<std::size_t>(extents_.k * extents_.n) * sizeof(float) : 0;
}

const float* TiledProduct::turned(const float* b, void* workspace) const {
  if (!extents_.transpose_b) return b;
  auto* const to = static_cast<float*>(workspace);
  transpose_matrix(to, extents_.n, b, extents_.k, extents_.k, extents_.n);
  return to;
}

void TiledProduct::compute(const Region& area, const float* a, const float* b, float* to, std::int64_t pitch) const {
  const std::int64_t lanes = tiles_.lanes;
  a += area.row * a_row_;
  for (std::int64_t column = area.column; column < area.column_end;) {
    const int width = area.column_end - column >= 2 * lanes ? 2 : 1;
    const std::int64_t columns = std::min(area.column_end - column, width * lanes);
    tiles_.tile[width][area.rows()](a, a_row_, a_depth_, b + column, extents_.n, extents_.k, to + column - area.column,
                                    pitch, static_cast<int>(columns));
    column += columns;
  }
}

}  // namespace keratin::cpu
