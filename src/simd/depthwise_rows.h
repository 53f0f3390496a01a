// Depthwise convolutions of images, a row of positions at a time, for the instruction set that is chosen: every channel
// has a kernel of its own, so that channels are the lanes.
#pragma once

#include <cstdint>

#include "simd/instruction_set.h"

namespace KERATIN_INTERNAL_EXPORT keratin {
namespace cpu {

/// A row of positions, and which elements a position sees: element t lies offsets[t] from what a position sees first.
struct DepthwiseRow {
  std::int64_t positions, channels;
  std::int64_t step;  // elements from what a position sees to what the next one does
  std::int64_t made;  // … from a position's result, or gradient, to the next one's
  std::int64_t elements;
  const std::int64_t* offsets;
};

/// An instruction set's loops.
struct DepthwiseRows {
  /// to (positions, channels) = Σ over the elements of from · kernel (elements, channels).
  void (*sum)(const DepthwiseRow& row, const float* from, const float* kernel, float* to);
  /// to (elements, channels) += Σ over the positions of from · g (positions, channels).
  void (*correlate)(const DepthwiseRow& row, const float* from, const float* g, float* to);
};
KERATIN_IN_EACH_SET(extern const DepthwiseRows depthwise_loops;)

inline const DepthwiseRows& depthwise_rows(InstructionSet set = chosen_instruction_set()) {
  return KERATIN_OF_SET(set, depthwise_loops);
}

}  // namespace cpu
}  // namespace keratin
