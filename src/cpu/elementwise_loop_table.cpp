#include "cpu/elementwise_loop_table.h"

namespace keratin::cpu {

// kernels/elementwise_loops.cpp, compiled once for each.
#define KERATIN_DECLARE_LOOPS(set)                                    \
  namespace set {                                                     \
  Loop<float> float_loop(Function function, unsigned fixed);          \
  Loop<double> double_loop(Function function, unsigned fixed);        \
  Loop<std::int64_t> integer_loop(Function function, unsigned fixed); \
  }
KERATIN_DECLARE_LOOPS(baseline)
#ifdef KERATIN_X86_64
KERATIN_DECLARE_LOOPS(avx2)
KERATIN_DECLARE_LOOPS(avx512)
#endif
#undef KERATIN_DECLARE_LOOPS

std::vector<InstructionSet> instruction_sets() {
  std::vector<InstructionSet> sets{InstructionSet::baseline};
#ifdef KERATIN_X86_64
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) sets.push_back(InstructionSet::avx2);
  if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512dq") &&
      __builtin_cpu_supports("avx512bw"))
    sets.push_back(InstructionSet::avx512);
#endif
  return sets;
}

InstructionSet best_instruction_set() { return instruction_sets().back(); }

#ifdef KERATIN_X86_64
#define KERATIN_CHOOSE_LOOP(loop)                                          \
  if (set == InstructionSet::avx512) return avx512::loop(function, fixed); \
  if (set == InstructionSet::avx2) return avx2::loop(function, fixed);     \
  return baseline::loop(function, fixed)
#else
#define KERATIN_CHOOSE_LOOP(loop) \
  static_cast<void>(set);         \
  return baseline::loop(function, fixed)
#endif

template <> Loop<float> loop_of<float>(Function function, unsigned fixed, InstructionSet set) {
  KERATIN_CHOOSE_LOOP(float_loop);
}
template <> Loop<double> loop_of<double>(Function function, unsigned fixed, InstructionSet set) {
  KERATIN_CHOOSE_LOOP(double_loop);
}
template <> Loop<std::int64_t> loop_of<std::int64_t>(Function function, unsigned fixed, InstructionSet set) {
  KERATIN_CHOOSE_LOOP(integer_loop);
}

#undef KERATIN_CHOOSE_LOOP

}  // namespace keratin::cpu
