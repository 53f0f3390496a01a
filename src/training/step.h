// Tracing a step: the model's train_step, test_step or forward pass on the specs of what will be fed.
#pragma once

#include <string>
#include <vector>

#include "training/model_state.h"

namespace KERATIN_INTERNAL_EXPORT keratin {

/// Traces, differentiates and updates: stages 2 to 4 of a step's life. Builds what is not built yet.
TracedStep trace_step(Model& model, Mode mode, const Feeds& feeds);

/// Draws initial weights and random streams from compile's seed, if it has one, where nobody has set them yet. Once
/// they are all there: before, or without a seed, they are the thread's.
void seed_variables(ModelState& model);

}  // namespace keratin
