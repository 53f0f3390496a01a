// Reverse-mode differentiation of a traced graph by the ops' gradient rules.
#pragma once

#include <span>

#include "graph/trace.h"

namespace KERATIN_INTERNAL_EXPORT keratin {

/// ∂loss/∂x for each x, as tensors of the current trace; unset where loss does not depend on x. loss is a
/// floating-point scalar unless `seed` gives the gradient that arrives at it.
Tensors differentiate(Trace& trace, const Tensor& loss, std::span<const Tensor> with_respect_to,
                      const Tensor& seed = {});

/// The same of variables, as they were when the step began.
Tensors differentiate(Trace& trace, const Tensor& loss, const Variables& with_respect_to);

}  // namespace keratin
