// compile: from a graph to a program. The list of passes, top to bottom, is in compile.cpp.
#pragma once

#include <cstdint>

#include "compiler/program.h"
#include "graph/graph.h"

namespace KERATIN_INTERNAL_EXPORT keratin {

/// The graph after all passes, the batch still a symbol: one for all batch sizes. KERATIN_DISABLE switches passes off
/// by name, KERATIN_DUMP=graph prints it to standard error.
Graph apply_passes(const Graph& graph, const KernelPlanner& planner);

/// How many threads may share the work, and how much each must have to do: by default about what the barriers of a
/// step cost.
struct TeamLimits {
  int threads = 1;
  double least_flops = 100'000;
};

/// A rewritten graph with the batch bound, planned for a team. KERATIN_DUMP=program prints it to standard error.
Program lower(const Graph& rewritten, std::int64_t batch, const KernelPlanner& planner, const TeamLimits& limits = {});

/// Both.
Program compile(const Graph& graph, std::int64_t batch, const KernelPlanner& planner, const TeamLimits& limits = {});

}  // namespace keratin
