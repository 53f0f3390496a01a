#include "cpu/product_tiles.h"

namespace keratin::cpu {

// kernels/product_tiles.cpp, compiled once for each.
namespace baseline {
extern const ProductTiles tiles;
}
#ifdef KERATIN_X86_64
namespace avx2 {
extern const ProductTiles tiles;
}
namespace avx512 {
extern const ProductTiles tiles;
}
#endif

const ProductTiles& product_tiles(InstructionSet set) {
#ifdef KERATIN_X86_64
  if (set == InstructionSet::avx512) return avx512::tiles;
  if (set == InstructionSet::avx2) return avx2::tiles;
#endif
  static_cast<void>(set);
  return baseline::tiles;
}

}  // namespace keratin::cpu
