// The loops of elementwise functions. Compiled once for each instruction set, with KERATIN_INSTRUCTION_SET its
// namespace: nothing in here may have another namespace and external linkage, or the linker would mix the sets.
#include "cpu/elementwise_loops.h"

namespace keratin::cpu {
inline namespace KERATIN_INSTRUCTION_SET {

using Functions = std::make_index_sequence<function_count>;

Loop<float> float_loop(Function function, unsigned fixed) { return loop_for<float>(function, fixed, Functions{}); }
Loop<double> double_loop(Function function, unsigned fixed) { return loop_for<double>(function, fixed, Functions{}); }
Loop<std::int64_t> integer_loop(Function function, unsigned fixed) {
  return loop_for<std::int64_t>(function, fixed, Functions{});
}

}  // namespace KERATIN_INSTRUCTION_SET
}  // namespace keratin::cpu
