#include "cpu/compiled_program.h"

#include <algorithm>

#include "cpu/program_list.h"

namespace keratin::cpu {

// kernels/compiled_programs.cpp, compiled once for each. index: in program_list.h.
namespace baseline {
CompiledProgram program_at(int index);
}
#ifdef KERATIN_X86_64
namespace avx2 {
CompiledProgram program_at(int index);
}
namespace avx512 {
CompiledProgram program_at(int index);
}
#endif

namespace {

CompiledProgram program_at(int index, InstructionSet set) {
#ifdef KERATIN_X86_64
  if (set == InstructionSet::avx512) return avx512::program_at(index);
  if (set == InstructionSet::avx2) return avx2::program_at(index);
#endif
  static_cast<void>(set);
  return baseline::program_at(index);
}

bool equal(const Instruction& a, const Instruction& b) {
  return a.function == b.function &&
         std::equal(a.operands.begin(), a.operands.begin() + row(a.function).arity, b.operands.begin());
}

template <class Constant>
bool is_program(const Constant& constant, const ElementwiseProgram& program, std::uint32_t fixed) {
  const auto& code = program.instructions();
  const auto& outputs = program.outputs();
  return constant.fixed == fixed && Constant::inputs == program.inputs() &&
         std::equal(code.begin(), code.end(), std::begin(constant.code), std::end(constant.code), equal) &&
         std::equal(outputs.begin(), outputs.end(), std::begin(constant.sources), std::end(constant.sources),
                    [](const auto& output, int source) { return output.source == source; });
}

/// The program's place in the list; -1 if it has none.
template <class... P> int index_among(ProgramList<P...>, const ElementwiseProgram& program, std::uint32_t fixed) {
  int index = -1, found = -1;
  (static_cast<void>(++index, found = found < 0 && is_program(P::program, program, fixed) ? index : found), ...);
  return found;
}

}  // namespace

CompiledProgram compiled_program(const ElementwiseProgram& program, std::uint32_t fixed, InstructionSet set) {
  if (program.compute() != float32) return nullptr;
  const int index = index_among(CompiledPrograms{}, program, fixed);
  return index < 0 ? nullptr : program_at(index, set);
}

}  // namespace keratin::cpu
