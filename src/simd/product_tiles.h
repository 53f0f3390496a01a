// The inner kernels of matrix products: a tile of the result whose sums stay in registers.
#pragma once

#include <cstdint>

#include "simd/instruction_set.h"

namespace KERATIN_INTERNAL_EXPORT keratin {
namespace cpu {

/// The first factor of a tile, of runs · depth columns. Element (i, r · depth + k) lies at
/// data[offsets[r] + i · row + k · step]: a transposed matrix is other strides, and the window of a convolution is
/// runs.
struct TileFactor {
  const float* data;
  std::int64_t row, step, depth;
  std::int64_t runs;
  const std::int64_t* offsets;
};

/// c (height, width · lanes; rows c_pitch apart) = a · b, or c += a · b, summed in the order of a's columns by fused
/// multiply-adds where the set has them. Row k of b lies at b + k · b_pitch. A tile of width 1 reads and writes only
/// the first `columns` of the lanes; wider ones ignore it.
using ProductTile = void (*)(const TileFactor& a, const float* b, std::int64_t b_pitch, float* c, std::int64_t c_pitch,
                             int columns, bool add);

inline constexpr int widest_tile = 2;    // in vectors: wider ones would be too low to hide the latency of a sum
inline constexpr int tallest_tile = 16;  // in rows
inline constexpr int cache_line = 16;    // in float32; an area of a product is at least as wide

/// What a row of positions adds to a row of pixels: pixel p, channel c gets the sum of from (columns, size, channels)
/// at all (column, i) with p = column · stride + i · dilation.
struct FoldedRow {
  std::int64_t columns, size, channels;
  std::int64_t stride, dilation;
  std::int64_t pixel;  // elements from pixel to pixel
};
using FoldRow = void (*)(const FoldedRow& row, const float* from, float* to);

/// An instruction set's tiles.
struct ProductTiles {
  int lanes;                                            // float32 in a vector
  int tallest[widest_tile + 1];                         // by width: more rows would leave the registers
  ProductTile tile[widest_tile + 1][tallest_tile + 1];  // by width and height
  FoldRow fold;
};
KERATIN_IN_EACH_SET(extern const ProductTiles tiles;)

inline const ProductTiles& product_tiles(InstructionSet set = chosen_instruction_set()) {
  return KERATIN_OF_SET(set, tiles);
}

}  // namespace cpu
}  // namespace keratin
