// An optimizer on given gradients, traced as a training step traces it; its state outlives the trace.
#pragma once

#include <string>
#include <vector>

#include "graph/variable_state.h"
#include "keratin/array.h"
#include "keratin/ops.h"
#include "keratin/optimizers.h"
#include "support/interpret.h"

namespace keratin::testing {

inline Variable weight(const std::string& path, const Array& initial) {
  auto state = std::make_shared<VariableState>();
  state->name = path.substr(path.rfind('/') + 1);
  state->path = path;
  state->spec = {initial.dtype(), initial.shape()};
  state->initial = [initial](std::uint64_t) { return initial; };
  return VariableAccess::make(std::move(state));
}

/// A step's graph: the gradients are its inputs.
inline Graph step_graph(Optimizer& optimizer, const Variables& variables) {
  Specs specs;
  for (const Variable& variable : variables) specs.push_back({variable.dtype(), variable.shape()});
  return graph_of(specs, [&](const Tensors& gradients) -> Tensors {
    optimizer.apply(gradients, variables);
    return {};
  });
}

inline void run(const Graph& graph, const std::vector<Array>& gradients) {
  Feeds feeds;
  for (std::size_t i = 0; i < gradients.size(); ++i) feeds.emplace(concat("x", i), gradients[i]);
  for (const auto& [state, value] : interpret(graph, feeds).assigned) state->assign(value);
}

/// Traces a step and runs it.
inline void step(Optimizer& optimizer, const Variables& variables, const std::vector<Array>& gradients) {
  run(step_graph(optimizer, variables), gradients);
}

}  // namespace keratin::testing
