#include "cpu/compiled_program.h"

#include <algorithm>

#include "cpu/program_table.h"

namespace keratin::cpu {

// kernels/compiled_programs.cpp, compiled once for each. index: in program_table.h.
namespace baseline {
CompiledProgram program_at(std::ptrdiff_t index);
}
#ifdef KERATIN_X86_64
namespace avx2 {
CompiledProgram program_at(std::ptrdiff_t index);
}
namespace avx512 {
CompiledProgram program_at(std::ptrdiff_t index);
}
#endif

namespace {

CompiledProgram program_at(std::ptrdiff_t index, InstructionSet set) {
#ifdef KERATIN_X86_64
  if (set == InstructionSet::avx512) return avx512::program_at(index);
  if (set == InstructionSet::avx2) return avx2::program_at(index);
#endif
  static_cast<void>(set);
  return baseline::program_at(index);
}

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
  return found == all.end() ? nullptr : program_at(found - all.begin(), set);
}

}  // namespace keratin::cpu
