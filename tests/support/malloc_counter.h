// Counts calls of malloc and its kin in this process, for the promise that a step allocates nothing.
#pragma once

#include <cstdint>

namespace keratin::testing {

/// Since whenever; only differences mean something. Under a sanitizer by its hooks.
std::int64_t allocation_count();

}  // namespace keratin::testing
