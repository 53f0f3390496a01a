// Poolings of images, a row of positions at a time, for the instruction set that is chosen.
#pragma once

#include <cstdint>

#include "simd/instruction_set.h"

namespace KERATIN_INTERNAL_EXPORT keratin {
namespace cpu {

/// What a row of positions sees: `rows` rows of x (width, channels), `line` elements apart. Columns of the window that
/// lie beside the image are left out.
struct PooledRow {
  std::int64_t columns;               // positions
  std::int64_t size, stride, before;  // of the window: columns, and of the padding before the image
  std::int64_t rows, line, width, channels;
};

/// An instruction set's loops. x: the first of the rows; y, g (columns, channels).
struct PoolRows {
  void (*largest)(const PooledRow& row, const float* x, float* y);
  void (*sum)(const PooledRow& row, const float* x, float* y);
  /// Adds g to the first of the numbers of x that are y's, row by row. alone: no other position sees them, so that dx
  /// is written without being read.
  void (*give_to_largest)(const PooledRow& row, const float* x, const float* y, const float* g, float* dx, bool alone);
  /// Adds g to everything that is seen.
  void (*give)(const PooledRow& row, const float* g, float* dx);
};
KERATIN_IN_EACH_SET(extern const PoolRows pool_loops;)

inline const PoolRows& pool_rows(InstructionSet set = chosen_instruction_set()) {
  return KERATIN_OF_SET(set, pool_loops);
}

}  // namespace cpu
}  // namespace keratin
