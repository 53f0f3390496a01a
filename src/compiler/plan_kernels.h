// Chooses kernels and how far apart the rows of values lie.
#pragma once

#include "compiler/program.h"

namespace KERATIN_INTERNAL_EXPORT keratin {

/// Plans every launch. Values get the row pitch of variables of their spec where all kernels that touch them take it,
/// else they are dense; where a kernel does not take a variable's pitch, it reads a dense copy.
void plan_kernels(Program& program, const KernelPlanner& planner);

/// A launch that copies a value.
Launch copy_launch(int from, int to, std::string scope);

}  // namespace keratin
