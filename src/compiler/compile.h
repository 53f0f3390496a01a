// compile: from a graph to a program. The list of passes, top to bottom, is in compile.cpp.
#pragma once

#include <cstdint>

#include "compiler/program.h"
#include "graph/graph.h"

namespace KERATIN_INTERNAL_EXPORT keratin {

/// The graph with the batch bound, rewritten, scheduled and planned. KERATIN_DISABLE switches passes off by name,
/// KERATIN_DUMP=graph,program sends both forms to standard error.
Program compile(const Graph& graph, std::int64_t batch, const KernelPlanner& planner);

}  // namespace keratin
