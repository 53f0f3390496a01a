#include "simd/compiled_program.h"

#include <algorithm>

#include "simd/program_table.h"

namespace keratin::cpu {

// sets/compiled_programs.cpp. index: in program_table.h.
KERATIN_IN_EACH_SET(CompiledProgram program_at(std::size_t index); const CompiledTiles& tiles_at(std::size_t index);)

namespace {

template <class... P> std::span<const KnownProgram> all_of(ProgramList<P...>) {
  static constexpr KnownProgram programs[] = {
      {P::program.inputs, P::program.fixed, P::program.place, P::program.code, P::program.sources}...};
  return programs;
}

bool same(const Instruction& a, const Instruction& b) {
  return a.function == b.function &&
         std::equal(a.operands.begin(), a.operands.begin() + row(a.function).arity, b.operands.begin());
}

/// Where in the table; its length if it is not there.
std::size_t index_of(const ElementwiseProgram& program, std::uint32_t fixed, int place) {
  const auto& code = program.instructions();
  const auto& outputs = program.outputs();
  const auto is_program = [&](const KnownProgram& known) {
    return known.fixed == fixed && known.place == place && known.inputs == program.inputs() &&
           std::equal(known.instructions.begin(), known.instructions.end(), code.begin(), code.end(), same) &&
           std::equal(known.sources.begin(), known.sources.end(), outputs.begin(), outputs.end(),
                      [](int source, const auto& output) { return source == output.source; });
  };
  const auto all = known_programs();
  if (program.compute() != float32) return all.size();
  return static_cast<std::size_t>(std::find_if(all.begin(), all.end(), is_program) - all.begin());
}

}  // namespace

std::span<const KnownProgram> known_programs() { return all_of(CompiledPrograms{}); }

CompiledProgram compiled_program(const ElementwiseProgram& program, std::uint32_t fixed, InstructionSet set) {
  const std::size_t index = index_of(program, fixed, -1);
  return index == known_programs().size() ? nullptr : KERATIN_OF_SET(set, program_at)(index);
}

const CompiledTiles* compiled_tiles(const ElementwiseProgram& program, std::uint32_t fixed, int place,
                                    InstructionSet set) {
  const std::size_t index = index_of(program, fixed, place);
  return index == known_programs().size() ? nullptr : &KERATIN_OF_SET(set, tiles_at)(index);
}

}  // namespace keratin::cpu
