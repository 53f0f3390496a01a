// Variables on a device: one flat buffer for those that are placed together.
#pragma once

#include <cstddef>
#include <memory>
#include <vector>

#include "graph/variable_state.h"
#include "runtime/backend.h"

namespace KERATIN_INTERNAL_EXPORT keratin {

/// Gives every variable that has no place on this device yet one, one after another in a single buffer, in this order:
/// so that later passes may treat neighbours as one range. Those that have keep it: programs hold its address. Those of
/// another device move here with their numbers; programs of that device keep the old ones.
void place_variables(const std::vector<std::shared_ptr<VariableState>>& variables, const Backend& backend);

/// What they take on the device, wherever they are now.
std::size_t stored_bytes(const std::vector<std::shared_ptr<VariableState>>& variables);

}  // namespace keratin
