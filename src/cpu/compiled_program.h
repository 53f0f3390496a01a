// Elementwise programs compiled ahead of time, for the best instruction set that this machine has: one loop with every
// register in a register of the machine. The same functions as the loops that interpret, hence the same bits.
#pragma once

#include <cstdint>

#include "cpu/instruction_set.h"
#include "ops/elementwise_program.h"

namespace KERATIN_INTERNAL_EXPORT keratin {
namespace cpu {

/// Runs for n >= 1 neighbouring elements. inputs[k]: n elements, or one if it is fixed; outputs[i]: n elements, which
/// may be the memory of an input that is not fixed.
using CompiledProgram = void (*)(std::int64_t n, float* const* outputs, const float* const* inputs);

/// null if the program, with these inputs fixed (bit k for input k), is not in program_list.h, or not of float32.
CompiledProgram compiled_program(const ElementwiseProgram& program, std::uint32_t fixed,
                                 InstructionSet set = best_instruction_set());

}  // namespace cpu
}  // namespace keratin
