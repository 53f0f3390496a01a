// A graph as text, one line a node, for KERATIN_DUMP=graph and for tests.
#pragma once

#include <string>

#include "graph/graph.h"

namespace KERATIN_INTERNAL_EXPORT keratin {

/// "%3 = MatMul(%1, %2) float32(batch, 300)  # dense"
std::string print(const Graph& graph);

}  // namespace keratin
