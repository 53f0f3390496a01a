// A float32 matrix product as areas of its result, each computed by register tiles while it stays in cache.
#pragma once

#include <algorithm>
#include <cstdint>

#include "compiler/kernel_planner.h"
#include "cpu/product_tiles.h"

namespace KERATIN_INTERNAL_EXPORT keratin {
namespace cpu {

/// c (m, n) = a · b, straight from where the matrices lie: of what is multiplied only a transposed b is copied. An
/// element is summed in the order of depth, whatever the cuts.
class TiledProduct {
 public:
  struct Extents {
    std::int64_t m, n, k;  // all at least 1
    bool transpose_a = false, transpose_b = false;
  };
  explicit TiledProduct(const Extents& extents);

  /// use(Region) for the areas of a part of c, rows cut evenly so that the tiles of 50 rows waste nothing, in an order
  /// that keeps what they share of b in the second-level cache.
  template <class Use> void for_each_area(const Region& part, const Use& use) const {
    const std::int64_t tallest = tiles_.tallest[part.columns() < 2 * tiles_.lanes ? 1 : 2];
    const std::int64_t panels = (part.rows() + tallest - 1) / tallest;
    for (std::int64_t column = part.column; column < part.column_end; column += area_columns_)
      for (std::int64_t panel = 0; panel < panels; ++panel)
        use(Region{part.row + part.rows() * panel / panels, part.row + part.rows() * (panel + 1) / panels, column,
                   std::min(column + area_columns_, part.column_end)});
  }
  /// Elements of the largest area.
  std::int64_t largest_area() const { return std::min(extents_.m, std::int64_t{tallest_tile}) * area_columns_; }

  std::size_t workspace_bytes() const;
  /// b, (k, n) or (n, k), as (k, n): itself, or turned over in the workspace.
  const float* turned(const float* b, void* workspace) const;
  /// a: (m, k) or (k, m). b: turned. The area's rows are written `pitch` apart from `to` on.
  void compute(const Region& area, const float* a, const float* b, float* to, std::int64_t pitch) const;

 private:
  const ProductTiles& tiles_;
  Extents extents_;
  std::int64_t a_row_, a_depth_;  // from element to element of a
  std::int64_t area_columns_;     // at most: whole pairs of vectors
};

}  // namespace cpu
}  // namespace keratin
