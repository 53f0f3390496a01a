// Addresses: which values share memory.
#pragma once

#include <cstddef>

#include "compiler/program.h"

namespace KERATIN_INTERNAL_EXPORT keratin {

/// Every arena address and workspace is a multiple of this: a cache line, and the widest vector.
inline constexpr std::size_t arena_alignment = 64;

/// So many bytes take up this many.
constexpr std::size_t aligned_bytes(std::size_t bytes) {
  return (bytes + arena_alignment - 1) / arena_alignment * arena_alignment;
}

/// Lets the launch that computes what is assigned to a variable write it in the variable's place, where nobody reads
/// the old value any more; where somebody does, a copy ends the program.
void assign_in_place(Program& program);

/// Gives every value of the program a place, for launches run in their order by the program's team: memory is used
/// again after a barrier, or by a team of one after a launch.
void plan_memory(Program& program);

}  // namespace keratin
