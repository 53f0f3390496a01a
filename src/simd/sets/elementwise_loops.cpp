// The loops of elementwise_loops.h. Compiled once for each instruction set, with KERATIN_INSTRUCTION_SET its namespace:
// nothing in here may have another namespace and external linkage, or the linker would mix the sets.
#include "simd/elementwise_loops.h"

#include <utility>

#include "simd/elementwise_functions.h"

namespace KERATIN_INTERNAL_EXPORT keratin {  // a template is as visible as where it is instantiated
namespace cpu {
namespace KERATIN_INSTRUCTION_SET {
namespace {

/// Bit k of `fixed`: operand k has one element for all.
template <Function f, class T, unsigned fixed> void loop(std::int64_t n, T* out, const T* a, const T* b, const T* c) {
  const T only_a = *a, only_b = *b, only_c = *c;
  KERATIN_INDEPENDENT
  for (std::int64_t i = 0; i < n; ++i)  // reads all operands first, so that there is no branch
    out[i] = evaluate<f>((fixed & 1u) != 0 ? only_a : a[i], (fixed & 2u) != 0 ? only_b : b[i],
                         (fixed & 4u) != 0 ? only_c : c[i]);
}

/// The function's loops, by `fixed`; none where all operands are fixed, or where T has no such function.
template <Function f, class T> Loop<T> loop_among(unsigned fixed) {
  if constexpr (!std::is_floating_point_v<T> && !of_integers<f>) {
    return nullptr;
  } else if constexpr (arity<f> == 1) {
    return loop<f, T, 0>;
  } else if constexpr (arity<f> == 2) {
    constexpr Loop<T> loops[4] = {loop<f, T, 0>, loop<f, T, 1>, loop<f, T, 2>, nullptr};
    return loops[fixed & 3u];
  } else {
    constexpr Loop<T> loops[8] = {loop<f, T, 0>, loop<f, T, 1>, loop<f, T, 2>, loop<f, T, 3>,
                                  loop<f, T, 4>, loop<f, T, 5>, loop<f, T, 6>, nullptr};
    return loops[fixed & 7u];
  }
}

template <class T, std::size_t... I> Loop<T> loop_for(Function function, unsigned fixed, std::index_sequence<I...>) {
  constexpr Loop<T> (*functions[])(unsigned) = {loop_among<static_cast<Function>(I), T>...};
  return functions[static_cast<std::size_t>(function)](fixed);
}

}  // namespace

template <class T> Loop<T> loop_in_set(Function function, unsigned fixed) {
  return loop_for<T>(function, fixed, std::make_index_sequence<function_count>{});
}
template Loop<float> loop_in_set(Function function, unsigned fixed);
template Loop<double> loop_in_set(Function function, unsigned fixed);
template Loop<std::int64_t> loop_in_set(Function function, unsigned fixed);

}  // namespace KERATIN_INSTRUCTION_SET
}  // namespace cpu
}  // namespace keratin
