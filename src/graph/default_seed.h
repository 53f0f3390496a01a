// The thread's default seeds: set_random_seed, and the seeds drawn from it one after another.
#pragma once

#include <cstdint>

#include "keratin/random.h"

namespace KERATIN_INTERNAL_EXPORT keratin {

/// Another seed at every call: a pure function of the last set_random_seed and of how many were drawn since.
std::uint64_t draw_default_seed();

}  // namespace keratin
