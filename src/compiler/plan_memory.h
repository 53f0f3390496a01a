// Addresses: which values share memory.
#pragma once

#include "compiler/program.h"

namespace KERATIN_INTERNAL_EXPORT keratin {

/// Every arena address and workspace is a multiple of this: a cache line, and the widest vector.
inline constexpr std::size_t arena_alignment = 64;

/// Gives every value of the program a place, for launches run in their order. Assigned variables are written in place
/// by the launch that computes them where nobody reads the old value any more; where somebody does, a copy ends the
/// program.
void plan_memory(Program& program);

}  // namespace keratin
