// The loops of elementwise functions, for the instruction set that is chosen. All sets give the same bits.
#pragma once

#include <cstdint>

#include "ops/elementwise.h"
#include "simd/instruction_set.h"

namespace KERATIN_INTERNAL_EXPORT keratin {
namespace cpu {

/// out[i] = f(a[i], b[i], c[i]) for n >= 1 elements; out may be one of the operands.
template <class T> using Loop = void (*)(std::int64_t n, T* out, const T* a, const T* b, const T* c);

KERATIN_IN_EACH_SET(template <class T> Loop<T> loop_in_set(Function function, unsigned fixed);)

/// The function's loop; null if it has none for T. `fixed`: bit k if operand k is one element for all; not all operands
/// are, for then there is one element to compute and the plain loop does. T: float, double or std::int64_t.
template <class T> Loop<T> loop_of(Function function, unsigned fixed, InstructionSet set = chosen_instruction_set()) {
  return KERATIN_OF_SET(set, loop_in_set<T>)(function, fixed);
}

}  // namespace cpu
}  // namespace keratin
