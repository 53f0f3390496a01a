// The programs of a model: traced once per mode and kind of data, compiled once per batch size.
#pragma once

#include "training/step.h"

namespace KERATIN_INTERNAL_EXPORT keratin {

/// The step if it is remembered, else null.
TracedStep* known_step(ModelState& state, Mode mode, const Feeds& feeds);
/// The step, traced and rewritten if it is not remembered.
TracedStep& step_for(Model& model, Mode mode, const Feeds& feeds);
/// `step` is one of the state's.
Executable& program_for(ModelState& state, TracedStep& step, std::int64_t batch);

}  // namespace keratin
