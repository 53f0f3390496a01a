// The programs of a model: traced once per mode and kind of data, compiled once per batch size.
#pragma once

#include "training/step.h"

namespace KERATIN_INTERNAL_EXPORT keratin {

const TracedStep& step_for(Model& model, Mode mode, const Feeds& feeds);
Executable& program_for(Model& model, Mode mode, const Feeds& feeds, std::int64_t batch);

}  // namespace keratin
