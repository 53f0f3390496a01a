// The softmax of rows of logits, and what crossentropies need of it, for the instruction set that is chosen.
#pragma once

#include <cstdint>

#include "cpu/instruction_set.h"

namespace KERATIN_INTERNAL_EXPORT keratin {
namespace cpu {

/// p (rows, classes) = e^(z − top) / Σ e^(z − top) of each row, top being its largest; and of each row top and
/// log Σ e^(z − top). p, and top with log_sum, may be null. A row's bits depend neither on the others nor on the set.
template <class T>
using SoftmaxRows = void (*)(const T* z, std::int64_t rows, std::int64_t classes, T* p, T* top, T* log_sum);

/// T: float or double.
template <class T> SoftmaxRows<T> softmax_rows(InstructionSet set = chosen_instruction_set());

}  // namespace cpu
}  // namespace keratin
