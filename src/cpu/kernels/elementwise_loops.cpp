// The loops of elementwise functions. Compiled once for each instruction set, with KERATIN_INSTRUCTION_SET its
// namespace: nothing in here may have another namespace and external linkage, or the linker would mix the sets.
#include "cpu/elementwise_loops.h"

namespace keratin::cpu::KERATIN_INSTRUCTION_SET {

namespace {
template <class T> Loop<T> any_loop(Function function, unsigned fixed) {
  const Loop<T> loop = common_loop<T>(function, fixed);
  return loop != nullptr ? loop : floating_loop<T>(function, fixed);
}
}  // namespace

Loop<float> float_loop(Function function, unsigned fixed) { return any_loop<float>(function, fixed); }
Loop<double> double_loop(Function function, unsigned fixed) { return any_loop<double>(function, fixed); }
Loop<std::int64_t> integer_loop(Function function, unsigned fixed) {
  return common_loop<std::int64_t>(function, fixed);
}

}  // namespace keratin::cpu::KERATIN_INSTRUCTION_SET
