#include "cpu/softmax_rows.h"

namespace keratin::cpu {

// kernels/softmax_rows.cpp, compiled once for each.
KERATIN_IN_EACH_SET(template <class T> SoftmaxRows<T> softmax_rows_in_set();)

template <class T> SoftmaxRows<T> softmax_rows(InstructionSet set) {
  return KERATIN_OF_SET(set, softmax_rows_in_set<T>)();
}
template SoftmaxRows<float> softmax_rows(InstructionSet set);
template SoftmaxRows<double> softmax_rows(InstructionSet set);

}  // namespace keratin::cpu
