// The form of program_table.h, which the build makes (cmake/compiled_programs.cmake).
#pragma once

#include <cstddef>
#include <cstdint>

#include "ops/elementwise_program.h"

namespace keratin::cpu {

/// An ElementwiseProgram as a constant. Bit k of `fixed`: input k is one number for all elements. place: the input that
/// is a product, on whose tiles the program runs; -1 if it runs on what lies in memory.
template <std::size_t input_count, std::size_t instruction_count, std::size_t output_count> struct ConstantProgram {
  static constexpr int inputs = input_count, instructions = instruction_count, outputs = output_count;
  std::uint32_t fixed;
  int place;
  Instruction code[instruction_count];
  int sources[output_count];  // the registers that are written
};

/// Of structs that each have a ConstantProgram `program`.
template <class... P> struct ProgramList {};

}  // namespace keratin::cpu
