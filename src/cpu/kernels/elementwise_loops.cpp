// The loops of elementwise functions. Compiled once for each instruction set, with KERATIN_INSTRUCTION_SET its
// namespace: nothing in here may have another namespace and external linkage, or the linker would mix the sets.
#include "cpu/elementwise_loops.h"

namespace keratin::cpu {
inline namespace KERATIN_INSTRUCTION_SET {

template <class T> Loop<T> loop_in_set(Function function, unsigned fixed) {
  return loop_for<T>(function, fixed, std::make_index_sequence<function_count>{});
}
template Loop<float> loop_in_set(Function function, unsigned fixed);
template Loop<double> loop_in_set(Function function, unsigned fixed);
template Loop<std::int64_t> loop_in_set(Function function, unsigned fixed);

}  // namespace KERATIN_INSTRUCTION_SET
}  // namespace keratin::cpu
