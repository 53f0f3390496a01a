// What losses and metrics share: bringing targets, predictions and weights to one rank, and weights from masks.
#pragma once

#include <optional>
#include <utility>

#include "keratin/tensor.h"

namespace KERATIN_INTERNAL_EXPORT keratin {

/// Keras's squeeze_or_expand_to_same_rank. Where the ranks differ by one and the longer shape ends in 1: (n, 1) with
/// (n) makes both (n, 1); of higher ranks the longer one loses its last axis. Anything else comes back as it was.
std::pair<Tensor, Tensor> to_same_rank(const Tensor& a, const Tensor& b);

/// a / b, and 0 where b is 0. Safe to differentiate.
Tensor divide_no_nan(const Tensor& a, const Tensor& b);

/// The mask that a layer left on a value of the current trace.
std::optional<Tensor> mask_of(const Tensor& tensor);

/// sample_weight with a boolean mask merged into it, in that dtype; unset if there is neither. If `preserve_mean`,
/// entries that count weigh total/valid, so that a mean over all elements is the mean over those that count.
std::optional<Tensor> merge_mask(const std::optional<Tensor>& sample_weight, const std::optional<Tensor>& mask,
                                 DType dtype, bool preserve_mean);

}  // namespace keratin
