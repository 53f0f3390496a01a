// The programs of program_list.h as loops. Compiled once for each instruction set, with KERATIN_INSTRUCTION_SET its
// namespace: nothing in here may have another namespace and external linkage, or the linker would mix the sets.
#include "cpu/compiled_program.h"
#include "cpu/elementwise_functions.h"
#include "cpu/program_list.h"

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

template <class P, int... K, int... I, int... O>
[[gnu::always_inline]] inline void run(std::int64_t n, float* const* outputs, const float* const* inputs,
                                       std::integer_sequence<int, K...>, std::integer_sequence<int, I...> code,
                                       std::integer_sequence<int, O...>) {
  constexpr const auto& p = P::program;
  const float* const from[] = {inputs[K]...};
  const float first[] = {*inputs[K]...};
  float* const to[] = {outputs[O]...};
  KERATIN_INDEPENDENT
  for (std::int64_t i = 0; i < n; ++i) {
    float r[p.inputs + p.instructions] = {(is_fixed<P>(K) ? first[K] : from[K][i])...};
    compute<P>(r, code);
    ((to[O][i] = r[p.sources[O]]), ...);
  }
}

template <class P> void loop(std::int64_t n, float* const* outputs, const float* const* inputs) {
  run<P>(n, outputs, inputs, std::make_integer_sequence<int, P::program.inputs>{},
         std::make_integer_sequence<int, P::program.instructions>{},
         std::make_integer_sequence<int, P::program.outputs>{});
}

template <class... P> CompiledProgram among(ProgramList<P...>, int index) {
  constexpr CompiledProgram programs[] = {loop<P>...};
  return programs[index];
}

}  // namespace

CompiledProgram program_at(int index) { return among(CompiledPrograms{}, index); }

}  // namespace KERATIN_INSTRUCTION_SET
}  // namespace keratin::cpu
