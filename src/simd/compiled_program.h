// Elementwise programs compiled ahead of time, for the instruction set that is chosen: one loop with every
// register in a register of the machine. The same functions as the loops that interpret, hence the same bits.
#pragma once

#include <array>
#include <cstdint>
#include <span>

#include "ops/elementwise_program.h"
#include "simd/instruction_set.h"
#include "simd/product_tiles.h"

namespace KERATIN_INTERNAL_EXPORT keratin {
namespace cpu {

/// Where the rows of the operands begin: of each the first, and how many elements later the next.
struct ProgramRows {
  static constexpr std::size_t most = ElementwiseProgram::most_inputs;  // and outputs, of any program in the list
  std::array<const float*, most> inputs{};
  std::array<std::int64_t, most> input_steps{};
  std::array<float*, most> outputs{};
  std::array<std::int64_t, most> output_steps{};
};

/// Runs for rows of `columns` >= 1 neighbouring elements. An input has so many in a row, or one if it is fixed; an
/// output may be the memory of an input that is not fixed.
using CompiledProgram = void (*)(std::int64_t rows, std::int64_t columns, const ProgramRows& operands);

/// null if the program, with these inputs fixed (bit k for input k), is not among known_programs(), or not of float32.
CompiledProgram compiled_program(const ElementwiseProgram& program, std::uint32_t fixed,
                                 InstructionSet set = chosen_instruction_set());

/// A tile of a product, as ProductTile's of a transposed a, with the program run on its sums while they are in
/// registers. operands: rows of whole vectors; all that are not fixed lie as far apart as those of the first output. Of
/// the program's input that is the product nothing is looked at.
using CompiledTile = void (*)(const float* a, std::int64_t a_depth, const float* b, std::int64_t b_pitch,
                              std::int64_t depth, const ProgramRows& operands);

/// The tiles of a program, by their width in vectors; all are as tall as a ProductTile of the widest may be.
struct CompiledTiles {
  std::array<CompiledTile, widest_tile + 1> of_width{};
};

/// null if the program with these inputs fixed, of which input `place` is the product, has no tiles in the table.
const CompiledTiles* compiled_tiles(const ElementwiseProgram& program, std::uint32_t fixed, int place,
                                    InstructionSet set = chosen_instruction_set());

/// A program of the table that the build makes (tools/generate_programs.cpp).
struct KnownProgram {
  int inputs;
  std::uint32_t fixed;  // bit k: input k is one number for all elements
  int place;            // the input that is a product, where the table has tiles; -1 where it has the program's loop
  std::span<const Instruction> instructions;
  std::span<const int> sources;  // the registers that are written
};
std::span<const KnownProgram> known_programs();

}  // namespace cpu
}  // namespace keratin
