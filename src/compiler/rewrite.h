// Rewriting: a pass says what becomes of a node; the rest of the graph follows.
#pragma once

#include <functional>
#include <vector>

#include "graph/graph.h"

namespace KERATIN_INTERNAL_EXPORT keratin {

/// What a node has become in the new graph: one value per output.
using Replacement = std::vector<Value>;

/// All outputs of a node of the new graph.
Replacement outputs_of(const Graph& graph, std::int32_t node);

/// Copies the graph node by node into a new one, in order. `replace` gets the new graph, the old node and its inputs in
/// the new graph; it returns what the node becomes, or nothing to keep it.
Graph rewrite(
    const Graph& graph,
    const std::function<Replacement(Graph& made, const Node& node, const std::vector<Value>& inputs)>& replace);

/// Without the nodes that neither an output nor an effect needs.
Graph without_dead_nodes(const Graph& graph);

}  // namespace keratin
