// The programs of program_list.h as loops. Compiled once for each instruction set, with KERATIN_INSTRUCTION_SET its
// namespace: nothing in here may have another namespace and external linkage, or the linker would mix the sets.
#include "cpu/compiled_program.h"
#include "cpu/elementwise_functions.h"
#include "cpu/program_list.h"
#include "cpu/vector.h"

#include <utility>

namespace keratin::cpu {
inline namespace KERATIN_INSTRUCTION_SET {
namespace {

template <class P> constexpr bool is_fixed(int input) { return (P::program.fixed >> input & 1u) != 0; }

/// One element: r holds the inputs and receives what the instructions make. All indices are constants, so that the
/// array becomes registers of the machine.
template <class P, std::size_t count, int... I>
[[gnu::always_inline]] inline void compute(float (&r)[count], std::integer_sequence<int, I...>) {
  constexpr const auto& p = P::program;
  constexpr auto operand = [](int instruction, int k) {
    const int named = P::program.code[instruction].operands[static_cast<std::size_t>(k)];
    return named < 0 ? P::program.code[instruction].operands[0] : named;
  };
  ((r[p.inputs + I] = evaluate<p.code[I].function>(r[operand(I, 0)], r[operand(I, 1)], r[operand(I, 2)])), ...);
}

/// Operands are copied to locals: a store may change whatever a pointer leads to. always: so many columns; 0: any.
template <class P, std::int64_t always, int... K, int... I, int... O>
[[gnu::always_inline]] inline void run(std::int64_t rows, std::int64_t columns, const ProgramRows& operands,
                                       std::integer_sequence<int, K...>, std::integer_sequence<int, I...> code,
                                       std::integer_sequence<int, O...>) {
  constexpr const auto& p = P::program;
  const std::int64_t n = always != 0 ? always : columns;
  const float* const first_from[] = {operands.inputs[K]...};
  float* const first_to[] = {operands.outputs[O]...};
  const std::int64_t from_step[] = {operands.input_steps[K]...}, to_step[] = {operands.output_steps[O]...};
  for (std::int64_t row = 0; row < rows; ++row) {
    const float* const from[] = {first_from[K] + row * from_step[K]...};
    float* const to[] = {first_to[O] + row * to_step[O]...};
    const float first[] = {*from[K]...};
    KERATIN_INDEPENDENT
    for (std::int64_t i = 0; i < n; ++i) {
      float r[p.inputs + p.instructions] = {(is_fixed<P>(K) ? first[K] : from[K][i])...};
      compute<P>(r, code);
      ((to[O][i] = r[p.sources[O]]), ...);
    }
  }
}

/// The rows of a product's tile are two vectors: a loop that the compiler unrolls.
template <class P> void loop(std::int64_t rows, std::int64_t columns, const ProgramRows& operands) {
  constexpr std::make_integer_sequence<int, P::program.inputs> inputs{};
  constexpr std::make_integer_sequence<int, P::program.instructions> code{};
  constexpr std::make_integer_sequence<int, P::program.outputs> outputs{};
  if (columns == 2 * lanes)
    run<P, 2 * lanes>(rows, columns, operands, inputs, code, outputs);
  else
    run<P, 0>(rows, columns, operands, inputs, code, outputs);
}

template <class... P> CompiledProgram among(ProgramList<P...>, int index) {
  constexpr CompiledProgram programs[] = {loop<P>...};
  return programs[index];
}

}  // namespace

CompiledProgram program_at(int index) { return among(CompiledPrograms{}, index); }

}  // namespace KERATIN_INSTRUCTION_SET
}  // namespace keratin::cpu
