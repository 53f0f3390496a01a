// The reference evaluator: runs a graph node by node with the kernels of the backend under test, each between guard
// bands. No compiler, no planner.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "graph/graph.h"
#include "graph/variable_state.h"
#include "keratin/array.h"

namespace keratin::testing {

using Feeds = std::map<std::string, Array>;  // by slot

struct Interpreted {
  std::map<std::string, Array> outputs;   // by name
  std::vector<std::vector<Array>> nodes;  // every node's outputs
  std::vector<std::pair<std::shared_ptr<VariableState>, Array>> assigned;
  const Array& at(Value value) const {
    return nodes[static_cast<std::size_t>(value.node)][static_cast<std::size_t>(value.output)];
  }
};

/// Variables are read, never written: what the graph assigns is handed back. Throws InternalError if a kernel writes
/// beside its outputs, changes an input, or gives other bits when it runs again.
Interpreted interpret(const Graph& graph, const Feeds& feeds = {}, std::int64_t batch = 1);

/// One op on numbers. The specs may count batches.
std::vector<Array> run_op(const Op& op, const std::vector<Array>& inputs, const Specs& input_specs,
                          const Specs& output_specs, std::int64_t batch = 1);
/// The same where no extent counts batches.
std::vector<Array> run_op(const Op& op, const std::vector<Array>& inputs);

/// True if the backend under test has the op for such numbers.
bool has_kernel(std::string_view op_name, DType dtype = float32);

/// The graph of a function of tensors, whose results become the outputs "0", "1", …; its arguments are inputs "x0",
/// "x1", ….
Graph graph_of(const Specs& arguments, const std::function<Tensors(const Tensors&)>& function,
               bool differentiable = false);

}  // namespace keratin::testing
