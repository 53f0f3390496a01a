#include "compiler/passes.h"
#include "compiler/rewrite.h"
#include "graph/leaves.h"
#include "graph/trace.h"

namespace keratin {
namespace {

/// The op's expansion traced into a graph of its own whose first nodes stand for the inputs.
struct Expansion {
  Graph graph;
  std::vector<Value> outputs;
};

Expansion expansion_of(const Op& op, const Specs& inputs) {
  Trace trace(false);
  std::vector<Tensor> placeholders;
  for (std::size_t i = 0; i < inputs.size(); ++i)
    placeholders.push_back(trace.apply(std::make_shared<Placeholder>(static_cast<int>(i), inputs[i]), {})[0]);
  Expansion expansion;
  for (const Tensor& output : op.expand(placeholders))
    expansion.outputs.push_back(TensorAccess::value(trace.import(output)));
  expansion.graph = trace.finish();
  return expansion;
}

Replacement splice(Graph& made, const Expansion& expansion, const std::vector<Value>& inputs,
                   const std::string& scope) {
  std::vector<std::int32_t> now(static_cast<std::size_t>(expansion.graph.size()), -1);
  const auto follow = [&](const Value& value) {
    const auto node = static_cast<std::size_t>(value.node);
    return node < inputs.size() ? inputs[node] : Value{now[node], value.output};
  };
  for (std::int32_t i = static_cast<std::int32_t>(inputs.size()); i < expansion.graph.size(); ++i) {
    const Node& node = expansion.graph.node(i);
    std::vector<Value> sources;
    for (const Value& input : node.inputs) sources.push_back(follow(input));
    now[static_cast<std::size_t>(i)] = made.add(node.op, std::move(sources), scope);
  }
  Replacement out;
  for (const Value& output : expansion.outputs) out.push_back(follow(output));
  return out;
}

Graph expand_once(const Graph& graph, const KernelPlanner& planner, bool& changed) {
  return rewrite(graph, [&](Graph& made, const Node& node, const std::vector<Value>& inputs) -> Replacement {
    if (!node.op->traits().expansion || planner.has_kernel(node.op->name(), node.outputs[0].dtype)) return {};
    changed = true;
    Specs specs;
    for (const Value& input : inputs) specs.push_back(made.spec(input));
    return splice(made, expansion_of(*node.op, specs), inputs, node.scope);
  });
}

}  // namespace

Graph expand_ops(const Graph& graph, const KernelPlanner& planner) {
  bool changed = false;
  Graph made = expand_once(graph, planner, changed);
  while (std::exchange(changed, false)) made = expand_once(made, planner, changed);
  return made;
}

}  // namespace keratin
