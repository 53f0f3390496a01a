// Running a graph once, on the CPU: what Tensor::evaluate() and gradient checks do.
#pragma once

#include <vector>

#include "graph/graph.h"
#include "keratin/array.h"

namespace KERATIN_INTERNAL_EXPORT keratin {

/// The graph's outputs in their order. What it assigns is assigned.
std::vector<Array> run_once(const Graph& graph);

}  // namespace keratin
