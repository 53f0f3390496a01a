// Which of the instruction sets that kernels are compiled for this machine has, and which one is used.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "keratin/export.h"

// What is compiled once for each set is in a namespace of its name. KERATIN_IN_EACH_SET declares it in all of them,
// KERATIN_OF_SET(set, name) is the set's.
#ifdef __x86_64__
#define KERATIN_IN_EACH_SET(...) \
  namespace baseline {           \
  __VA_ARGS__                    \
  }                              \
  namespace avx2 {               \
  __VA_ARGS__                    \
  }                              \
  namespace avx512 {             \
  __VA_ARGS__                    \
  }
#define KERATIN_OF_SET(set, name) \
  ((set) == InstructionSet::avx512 ? avx512::name : (set) == InstructionSet::avx2 ? avx2::name : baseline::name)
#else
#define KERATIN_IN_EACH_SET(...) \
  namespace baseline {           \
  __VA_ARGS__                    \
  }
#define KERATIN_OF_SET(set, name) (static_cast<void>(set), baseline::name)
#endif

namespace KERATIN_INTERNAL_EXPORT keratin {
namespace cpu {

/// Ascending: each can do what those before it can.
enum class InstructionSet : std::uint8_t { baseline, avx2, avx512 };

/// Those that are compiled in and that this machine runs; baseline is always there.
std::vector<InstructionSet> instruction_sets();

/// The one of this name, or the last for "". ValueError for another word, UnsupportedError if it is not among them.
InstructionSet choose_instruction_set(std::string_view name, std::span<const InstructionSet> among);

/// What kernels are planned for unless they are asked for another set: chosen by KERATIN_INSTRUCTION_SET among those
/// that there are. The variable is read until it can be chosen by, and then never again.
InstructionSet chosen_instruction_set();

}  // namespace cpu
}  // namespace keratin
