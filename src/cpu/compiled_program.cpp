#include "cpu/compiled_program.h"

#include <algorithm>

#include "cpu/program_table.h"

namespace keratin::cpu {

// kernels/compiled_programs.cpp, compiled once for each. index: in program_table.h.
KERATIN_IN_EACH_SET(CompiledProgram program_at(std::ptrdiff_t index);)

namespace {

template <class... P> std::span<const KnownProgram> all_of(ProgramList<P...>) {
  static constexpr KnownProgram programs[] = {
      {P::program.inputs, P::program.fixed, P::program.code, P::program.sources}...};
  return programs;
}

bool same(const Instruction& a, const Instruction& b) {
  return a.function == b.function &&
         std::equal(a.operands.begin(), a.operands.begin() + row(a.function).arity, b.operands.begin());
}

bool is_program(const KnownProgram& known, const ElementwiseProgram& program, std::uint32_t fixed) {
  const auto& code = program.instructions();
  const auto& outputs = program.outputs();
  return known.fixed == fixed && known.inputs == program.inputs() &&
         std::equal(known.instructions.begin(), known.instructions.end(), code.begin(), code.end(), same) &&
         std::equal(known.sources.begin(), known.sources.end(), outputs.begin(), outputs.end(),
                    [](int source, const auto& output) { return source == output.source; });
}

}  // namespace

std::span<const KnownProgram> known_programs() { return all_of(CompiledPrograms{}); }

CompiledProgram compiled_program(const ElementwiseProgram& program, std::uint32_t fixed, InstructionSet set) {
  if (program.compute() != float32) return nullptr;
  const auto all = known_programs();
  const auto found = std::find_if(all.begin(), all.end(),
                                  [&](const KnownProgram& known) { return is_program(known, program, fixed); });
  return found == all.end() ? nullptr : KERATIN_OF_SET(set, program_at)(found - all.begin());
}

}  // namespace keratin::cpu
