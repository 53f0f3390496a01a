// What a member of the team has to do in a launch: where it reads and writes, and how much that is.
#pragma once

#include "compiler/program.h"

namespace KERATIN_INTERNAL_EXPORT keratin {

/// What a part of a launch touches of an operand.
Region reached(const Reach& reach, const Region& part, const Shape& operand);

/// What a member's part is of the whole.
double share_of(const Launch& launch, int member);
/// Floating-point operations of a member's part.
double flops_of(const Launch& launch, int member);
/// What it touches of every operand, counted once; an operand that is read and written counts twice.
double bytes_of(const Program& program, const Launch& launch, int member);

}  // namespace keratin
