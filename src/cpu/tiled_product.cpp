#include "cpu/tiled_product.h"

#include "base/transpose_matrix.h"

namespace keratin::cpu {
namespace {

constexpr std::int64_t block_bytes = 256 * 1024;  // of a: stays in the second-level cache while all of b passes

}  // namespace

void multiply_strip(const ProductTiles& tiles, const TileFactor& a, std::int64_t rows, const float* b,
                    std::int64_t b_pitch, float* c, std::int64_t c_pitch, std::int64_t columns, bool add) {
  for (std::int64_t column = 0; column < columns;) {
    const bool wide = columns - column >= widest_tile * tiles.lanes && rows <= tiles.tallest[widest_tile];
    const int width = wide ? widest_tile : 1;
    const std::int64_t count = std::min<std::int64_t>(columns - column, width * tiles.lanes);
    const auto& table = a.jump == 0 ? tiles.tile : tiles.split;
    table[width][rows](a, b + column, b_pitch, c + column, c_pitch, static_cast<int>(count), add);
    column += count;
  }
}

TiledProduct::TiledProduct(const Extents& extents)
    : tiles_(product_tiles()),
      extents_(extents),
      a_row_(extents.transpose_a ? 1 : extents.a_pitch),
      a_depth_(extents.transpose_a ? extents.a_pitch : 1),
      b_pitch_(extents.transpose_b ? extents.n : extents.b_pitch),
      block_rows_(std::max<std::int64_t>(block_bytes / (extents.k * std::int64_t{sizeof(float)}), tallest_tile)) {}

std::size_t TiledProduct::workspace_bytes() const {
  return extents_.transpose_b ? static_cast<std::size_t>(extents_.k * extents_.n) * sizeof(float) : 0;
}

const float* TiledProduct::turned(const float* b, void* workspace) const {
  if (!extents_.transpose_b) return b;
  auto* const to = static_cast<float*>(workspace);
  transpose_matrix(to, extents_.n, b, extents_.b_pitch, extents_.k, extents_.n);
  return to;
}

void TiledProduct::compute(const Region& area, const float* a, const float* b, float* to, std::int64_t pitch,
                           std::int64_t room) const {
  const std::int64_t lanes = tiles_.lanes;
  constexpr std::int64_t start = 0;
  const TileFactor factor{a + area.row * a_row_, a_row_, a_depth_, extents_.k, 1, &start};
  const std::int64_t whole = area.column + (area.columns() + lanes - 1) / lanes * lanes;
  const std::int64_t end = whole <= b_pitch_ && whole - area.column <= room ? whole : area.column_end;
  multiply_strip(tiles_, factor, area.rows(), b + area.column, b_pitch_, to, pitch, end - area.column);
}

}  // namespace keratin::cpu
