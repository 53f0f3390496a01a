// StepMemory: how many bytes a training step needs, from its program's plan.
#pragma once

#include <cstddef>
#include <cstdint>

#include "keratin/model.h"

namespace KERATIN_INTERNAL_EXPORT keratin {

struct StepMemory {
  std::size_t variables = 0;  // weights, the optimizer's state, metrics
  std::size_t values = 0;     // the batch, activations, gradients, workspaces: one arena
};

/// Of a training step on data as those of the last one; before the first, on targets shaped as the outputs, or as class
/// indices where these do not fit. Leaves nothing behind. ValueError unless the model is compiled and its inputs are
/// known.
StepMemory step_memory(Model& model, std::int64_t batch);

}  // namespace keratin
