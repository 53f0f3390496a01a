// The softmax of rows of logits, and what crossentropies need of it, for the instruction set that is chosen.
#pragma once

#include <cstdint>

#include "simd/instruction_set.h"

namespace KERATIN_INTERNAL_EXPORT keratin {
namespace cpu {

/// Element (row, class) of an array lies at row · row_step + class · class_step.
struct LogitRows {
  std::int64_t rows, classes, row_step, class_step;

  /// Many neighbouring numbers fill vectors by themselves; else each class of 16 rows is a vector.
  bool wide() const { return class_step == 1 && classes > 32; }
  /// How many numbers the loops keep beside their arguments.
  std::int64_t workspace() const { return wide() ? (classes + 15) / 16 * 16 : classes * 16; }
};

/// p = e^(z − top) / Σ e^(z − top) of each row, top being its largest number; top and log_sum (rows): that, and
/// log Σ e^(z − top). p, and top with log_sum, may be null. A row's bits depend neither on the others nor on the set.
template <class T>
using SoftmaxRows = void (*)(const LogitRows& shape, const T* z, T* p, T* top, T* log_sum, T* workspace);

KERATIN_IN_EACH_SET(template <class T> SoftmaxRows<T> softmax_rows_in_set();)

/// T: float or double.
template <class T> SoftmaxRows<T> softmax_rows(InstructionSet set = chosen_instruction_set()) {
  return KERATIN_OF_SET(set, softmax_rows_in_set<T>)();
}

}  // namespace cpu
}  // namespace keratin
