// The passes, Graph → Graph. Their order is in compile.cpp.
#pragma once

#include "compiler/kernel_planner.h"
#include "graph/graph.h"

namespace KERATIN_INTERNAL_EXPORT keratin {

/// Replaces what the backend has no kernel for: an op on 16-bit numbers by the same in float32 between casts, a coarse
/// op by its expansion.
Graph expand_ops(const Graph& graph, const KernelPlanner& planner);
/// Removes what changes no bit: dead nodes, x·1, x/1, x−0, −(−x), expansions that the reader broadcasts itself.
Graph simplify(const Graph& graph);
/// Computes a crossentropy, its gradient and the softmax of the same logits at once.
Graph fuse_softmax_crossentropy(const Graph& graph);
/// Turns the second factors of products over where the backend does not read them transposed.
Graph turn_factors(const Graph& graph, const KernelPlanner& planner);
/// Merges neighbouring elementwise ops of one iteration shape into programs.
Graph fuse_elementwise(const Graph& graph);
/// Lets float32 programs take in a matrix product that they alone read.
Graph fuse_products(const Graph& graph);

}  // namespace keratin
