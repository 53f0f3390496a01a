// Which of the instruction sets that kernels are compiled for this machine has.
#pragma once

#include <cstdint>
#include <vector>

#include "keratin/export.h"

namespace KERATIN_INTERNAL_EXPORT keratin {
namespace cpu {

/// Ascending: each can do what those before it can.
enum class InstructionSet : std::uint8_t { baseline, avx2, avx512 };

/// Those that are compiled in and that this machine runs; baseline is always there.
std::vector<InstructionSet> instruction_sets();
InstructionSet best_instruction_set();

}  // namespace cpu
}  // namespace keratin
