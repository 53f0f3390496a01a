#include "cpu/product_tiles.h"

namespace keratin::cpu {

// kernels/product_tiles.cpp, compiled once for each.
KERATIN_IN_EACH_SET(extern const ProductTiles tiles;)

const ProductTiles& product_tiles(InstructionSet set) { return KERATIN_OF_SET(set, tiles); }

}  // namespace keratin::cpu
