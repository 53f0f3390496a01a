// How many bytes a training step needs, from its program's plan.
#pragma once

#include <cstdint>
#include <string_view>

#include "keratin/model.h"

namespace KERATIN_INTERNAL_EXPORT keratin {

/// Of a training step on data as those of the last one; before the first, on float32 targets shaped as the outputs, or
/// on class indices where these do not fit. Leaves nothing behind. ValueError unless the model is compiled and its
/// inputs are known: `who` is the function the user called.
StepMemory step_memory(Model& model, std::int64_t batch, std::string_view who);

}  // namespace keratin
