// The same step in plain loops and double precision, and the comparison that the hand-written one has to pass before
// any of its times is worth a line.
#pragma once

#include <cstdint>

#include "hand_step.h"

namespace hand {

/// What float32 may be off by: of a weight's change in a few steps three digits are left, of Adam's steps for gradients
/// that are nearly zero fewer than of others.
inline constexpr double tolerated_error = 1e-3;

/// The largest difference from the reference after `steps` steps, of any kernel's or bias's change, relative to that
/// one's largest change; or of the loss, relative to the loss. The least of up to four initial weights, for with some a
/// relu's input is so close to 0 that rounding alone decides.
double error_of(const Data& data, std::int64_t batch, Optimizer optimizer, int threads, std::int64_t steps);

}  // namespace hand
