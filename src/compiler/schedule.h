// Who does what, and when: every launch is cut among the members of a team, launches are ordered, barriers placed.
#pragma once

#include "compiler/program.h"

namespace KERATIN_INTERNAL_EXPORT keratin {

/// Every member of the team walks all launches in their order and does its part of each; a barrier separates epochs.
/// Within an epoch no member touches what another one writes. The cuts change no bit of any result. Launches keep
/// their order where a barrier does not ask for another one; kernels are planned.
void schedule(Program& program, int members);

}  // namespace keratin
