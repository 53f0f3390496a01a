// The seed of what is made later: keras.utils.set_random_seed.
#pragma once

#include <cstdint>

#include "keratin/export.h"

namespace KERATIN_EXPORT keratin {

/// The default seed of layers and models made later by this thread; a model's compile({.seed}) has the last word. A
/// thread begins with seed 0: programs are reproducible unless they ask for another seed.
void set_random_seed(std::uint64_t seed);

}  // namespace keratin
