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
  std::int64_t jump = 0;  // the lower half of a tile's rows lies so much further on; only split tiles look at it
};

/// c (height, width · lanes; rows c_pitch apart) = a · b, or c += a · b, summed in the order of a's columns by fused
/// multiply-adds where the set has them. Row k of b lies at b + k · b_pitch. A tile of width 1 reads and writes only
/// the first `columns` of the lanes; wider ones ignore it.
using ProductTile = void (*)(const TileFactor& a, const float* b, std::int64_t b_pitch, float* c, std::int64_t c_pitch,
                             int columns, bool add);

inline constexpr int widest_tile = 2;    // in vectors: wider ones would be too low to hide the latency of a sum
inline constexpr int tallest_tile = 16;  // in rows
inline constexpr int cache_line = 16;    // in float32; an area of a product is at least as wide

/// An instruction set's tiles.
struct ProductTiles {
  int lanes;                                             // float32 in a vector
  int tallest[widest_tile + 1];                          // by width: more rows would leave the registers
  ProductTile tile[widest_tile + 1][tallest_tile + 1];   // by width and height
  ProductTile split[widest_tile + 1][tallest_tile + 1];  // of even height: of rows that lie together in two halves
};
KERATIN_IN_EACH_SET(extern const ProductTiles tiles;)

inline const ProductTiles& product_tiles(InstructionSet set = chosen_instruction_set()) {
  return KERATIN_OF_SET(set, tiles);
}

}  // namespace cpu
}  // namespace keratin
