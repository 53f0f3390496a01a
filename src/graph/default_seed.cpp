#include "graph/default_seed.h"

#include "base/philox.h"

namespace keratin {
namespace {

struct DefaultSeeds {
  std::uint64_t seed = 0;
  std::uint64_t drawn = 0;
};
thread_local DefaultSeeds defaults;  // a default for what this thread makes later, no more

}  // namespace

void set_random_seed(std::uint64_t seed) { defaults = {seed, 0}; }

std::uint64_t draw_default_seed() { return derive_seed(defaults.seed, defaults.drawn++); }

}  // namespace keratin
