#pragma once

#include "compiler/program.h"

namespace KERATIN_INTERNAL_EXPORT keratin {

/// Puts scheduled launches that work sample by sample, as convolutions, poolings and elementwise programs do, into
/// strips, where what they touch would leave the cache from one launch to the next. Changes no epoch and no bit.
void form_strips(Program& program);

}  // namespace keratin
