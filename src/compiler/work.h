// What a part of a launch is: where it reads and writes, and how much that is.
#pragma once

#include "compiler/program.h"

namespace KERATIN_INTERNAL_EXPORT keratin {

/// What a part of a launch touches of an operand.
Region reached(const Reach& reach, const Region& part, const Shape& operand);

/// What a part is of the whole.
double share_of(const Launch& launch, const Region& part);
/// Its floating-point operations.
double flops_of(const Launch& launch, const Region& part);
/// What it touches of every operand, counted once; an operand that is read and written counts twice.
double bytes_of(const Program& program, const Launch& launch, const Region& part);

/// Rows of the launch's division that belong to a sample, where samples are its rows in order; else 0.
std::int64_t rows_of_sample(const Program& program, const Launch& launch);

}  // namespace keratin
