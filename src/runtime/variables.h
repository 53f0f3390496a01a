// Variables on a device: one flat buffer for those that are placed together.
#pragma once

#include <cstddef>
#include <memory>
#include <vector>

#include "graph/variable_state.h"
#include "runtime/backend.h"

namespace KERATIN_INTERNAL_EXPORT keratin {

/// Gives every variable that has no place yet one on the device, one after another in a single buffer, in this order:
/// so that later passes may treat neighbours as one range. Variables that have a place keep it: programs hold its
/// address.
void place_variables(const std::vector<std::shared_ptr<VariableState>>& variables, const Backend& backend);

/// What they take on the device, wherever they are now.
std::size_t stored_bytes(const std::vector<std::shared_ptr<VariableState>>& variables);

}  // namespace keratin
