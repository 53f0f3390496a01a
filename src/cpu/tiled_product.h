// A float32 matrix product as areas of its result, each computed by register tiles while it stays in cache.
#pragma once

#include <algorithm>
#include <cstdint>

#include "compiler/kernel_planner.h"
#include "simd/compiled_program.h"

namespace KERATIN_INTERNAL_EXPORT keratin {
namespace cpu {

/// use(begin, end) for pieces of `most`, but for the last two, which share the rest: no tile of 50 rows is low.
template <class Use> void for_each_piece(std::int64_t begin, std::int64_t end, std::int64_t most, const Use& use) {
  for (; end - begin > 2 * most; begin += most) use(begin, begin + most);
  const std::int64_t size = end - begin, pieces = (size + most - 1) / most;
  for (std::int64_t i = 0; i < pieces; ++i) use(begin + size * i / pieces, begin + size * (i + 1) / pieces);
}

/// c (rows, columns) = a · b, or c += a · b, by tiles beside each other. rows: no more than tiles of one vector are
/// high.
void multiply_strip(const ProductTiles& tiles, const TileFactor& a, std::int64_t rows, const float* b,
                    std::int64_t b_pitch, float* c, std::int64_t c_pitch, std::int64_t columns, bool add = false);

/// c (m, n) = a · b, straight from where the matrices lie: of what is multiplied only a transposed b is copied. An
/// element is summed in the order of depth, whatever the cuts.
class TiledProduct {
 public:
  struct Extents {
    std::int64_t m, n, k;  // all at least 1
    bool transpose_a = false, transpose_b = false;
    std::int64_t a_pitch, b_pitch;  // elements from row to row
  };
  explicit TiledProduct(const Extents& extents);

  /// use(Region) for the areas of a part of c: a strip of columns after another, down all rows, so that a thread never
  /// walks along a row into another's columns, and a prefetcher neither.
  template <class Use> void for_each_area(const Region& part, const Use& use) const {
    const bool narrow = part.columns() <= tiles_.lanes || extents_.n < widest_tile * tiles_.lanes;
    const std::int64_t strip = area_columns(), tallest = tiles_.tallest[narrow ? 1 : widest_tile];
    for_each_piece(part.row, part.row_end, block_rows_, [&](std::int64_t row, std::int64_t row_end) {
      for (std::int64_t column = part.column; column < part.column_end; column += strip)
        for_each_piece(row, row_end, tallest, [&](std::int64_t begin, std::int64_t end) {
          use(Region{begin, end, column, std::min(column + strip, part.column_end)});
        });
    });
  }
  /// Of the widest area: two vectors, and whole cache lines.
  std::int64_t area_columns() const { return std::max(widest_tile * tiles_.lanes, cache_line); }
  /// Elements of the largest area.
  std::int64_t largest_area() const { return tallest_tile * area_columns(); }

  std::size_t workspace_bytes() const;
  /// b, (k, n) or (n, k), as (k, n): itself, or turned over in the workspace.
  const float* turned(const float* b, void* workspace) const;
  /// a: (m, k) or (k, m). b: turned. The area's rows are written `pitch` apart from `to` on: `room` columns may be, and
  /// whole vectors are where that and b's rows allow it.
  void compute(const Region& area, const float* a, const float* b, float* to, std::int64_t pitch,
               std::int64_t room) const;
  /// The tile of these that is an area, written in whole vectors to rows with room for `columns`; null if none is.
  CompiledTile tile_for(const Region& area, std::int64_t columns, const CompiledTiles& tiles) const {
    const std::size_t width = area.columns() <= tiles_.lanes ? 1 : 2;
    const std::int64_t written = static_cast<std::int64_t>(width) * tiles_.lanes;
    const bool fits = area.columns() == written || (written <= columns && area.column + written <= b_pitch_);
    return fits && area.rows() == tiles_.tallest[widest_tile] ? tiles.of_width[width] : nullptr;
  }
  void compute(const Region& area, const float* a, const float* b, CompiledTile tile, const ProgramRows& rows) const {
    tile(a + area.row, a_depth_, b + area.column, b_pitch_, extents_.k, rows);
  }

 private:
  const ProductTiles& tiles_;
  Extents extents_;
  std::int64_t a_row_, a_depth_;  // from element to element of a
  std::int64_t b_pitch_;          // turned
  std::int64_t block_rows_;       // of a
};

}  // namespace cpu
}  // namespace keratin
