// What a legal graph is.
#pragma once

#include "graph/graph.h"

namespace KERATIN_INTERNAL_EXPORT keratin {

/// Throws InternalError, naming `stage`, if inputs do not come before their node, a spec is not what the op infers, an
/// output does not exist, or a variable is assigned twice.
void verify(const Graph& graph, const char* stage);

}  // namespace keratin
