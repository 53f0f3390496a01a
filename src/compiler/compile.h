// compile: from a graph to a program. The list of passes, top to bottom, is in compile.cpp.
#pragma once

#include <cstdint>

#include "compiler/program.h"
#include "graph/graph.h"

namespace KERATIN_INTERNAL_EXPORT keratin {

/// The graph after all passes, the batch still a symbol: one for all batch sizes. KERATIN_DISABLE switches passes off
/// by name, KERATIN_DUMP=graph prints it to standard error.
Graph apply_passes(const Graph& graph, const KernelPlanner& planner);

/// A rewritten graph with the batch bound, scheduled and planned. KERATIN_DUMP=program prints it to standard error.
Program lower(const Graph& rewritten, std::int64_t batch, const KernelPlanner& planner);

/// Both.
Program compile(const Graph& graph, std::int64_t batch, const KernelPlanner& planner);

}  // namespace keratin
