// The programs of a model: traced once per mode and kind of data, compiled once per batch size.
#pragma once

#include "training/step.h"

namespace KERATIN_INTERNAL_EXPORT keratin {

/// Steps differ by what is fed and by which weights train: freezing a layer needs no compile().
std::string step_key(const ModelState& state, Mode mode, const Feeds& feeds);
const TracedStep& step_for(Model& model, Mode mode, const Feeds& feeds);
Executable& program_for(Model& model, Mode mode, const Feeds& feeds, std::int64_t batch);

}  // namespace keratin
