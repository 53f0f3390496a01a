// The same step in plain loops and double precision, and the comparison that the hand-written one has to pass before
// any of its times is worth a line.
#pragma once

#include <cstdint>

#include "hand_step.h"

namespace hand {

/// The largest difference from the reference after `steps` steps, of any kernel's or bias's change, relative to that
/// one's largest change; or of the loss, relative to the loss.
double error_of(const Data& data, std::int64_t batch, Optimizer optimizer, int threads, std::int64_t steps);

}  // namespace hand
