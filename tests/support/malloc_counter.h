// Counts calls of malloc and its kin in this process, for the promise that a step allocates nothing.
#pragma once

#include <cstdint>

namespace keratin::testing {

/// False under the sanitizers, which have an allocator of their own.
bool counts_allocations();
/// Since the process began; only differences mean something.
std::int64_t allocation_count();

}  // namespace keratin::testing
