#include "cpu/elementwise_loop_table.h"

namespace keratin::cpu {

// kernels/elementwise_loops.cpp, compiled once for each.
KERATIN_IN_EACH_SET(template <class T> Loop<T> loop_in_set(Function function, unsigned fixed);)

template <class T> Loop<T> loop_of(Function function, unsigned fixed, InstructionSet set) {
  return KERATIN_OF_SET(set, loop_in_set<T>)(function, fixed);
}
template Loop<float> loop_of(Function function, unsigned fixed, InstructionSet set);
template Loop<double> loop_of(Function function, unsigned fixed, InstructionSet set);
template Loop<std::int64_t> loop_of(Function function, unsigned fixed, InstructionSet set);

}  // namespace keratin::cpu
