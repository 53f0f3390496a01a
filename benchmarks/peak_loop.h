// The loop whose rate is the peak, for one width of vectors. Sources that are compiled for several instruction sets
// include nothing else, or the linker would mix their inline functions.
#pragma once

#include <cstdint>

namespace machine {

struct PeakLoop {
  /// Computes sum · scale + offset in every lane of every chain, `rounds` times; the result depends on all of it.
  float (*run)(std::int64_t rounds, float scale, float offset);
  int flops;  // of one round
};

}  // namespace machine
