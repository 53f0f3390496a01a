#include "compiler/rewrite.h"

namespace keratin {
Replacement outputs_of(const Graph& graph, std::int32_t node) {
  Replacement out;
  for (std::size_t i = 0; i < graph.node(node).outputs.size(); ++i) out.push_back({node, static_cast<std::int32_t>(i)});
  return out;
}

Graph rewrite(const Graph& graph,
              const std::function<Replacement(Graph&, const Node&, const std::vector<Value>&)>& replace) {
  Graph made;
  std::vector<Replacement> now(static_cast<std::size_t>(graph.size()));
  const auto follow = [&](const Value& value) {
    return now[static_cast<std::size_t>(value.node)][static_cast<std::size_t>(value.output)];
  };
  for (std::int32_t i = 0; i < graph.size(); ++i) {
    const Node& node = graph.node(i);
    std::vector<Value> inputs;
    for (const Value& input : node.inputs) inputs.push_back(follow(input));
    Replacement becomes = replace(made, node, inputs);
    if (becomes.empty()) becomes = outputs_of(made, made.add(node.op, std::move(inputs), node.scope));
    now[static_cast<std::size_t>(i)] = std::move(becomes);
  }
  for (const NamedValue& output : graph.outputs()) made.add_output(output.name, follow(output.value));
  return made;
}

Graph without_dead_nodes(const Graph& graph) {
  std::vector<bool> needed(static_cast<std::size_t>(graph.size()), false);
  for (const NamedValue& output : graph.outputs()) needed[static_cast<std::size_t>(output.value.node)] = true;
  for (std::int32_t i = graph.size() - 1; i >= 0; --i) {
    const Node& node = graph.node(i);
    const auto index = static_cast<std::size_t>(i);
    needed[index] = needed[index] || node.op->traits().effect;
    if (needed[index])
      for (const Value& input : node.inputs) needed[static_cast<std::size_t>(input.node)] = true;
  }
  Graph made;
  std::vector<std::int32_t> now(static_cast<std::size_t>(graph.size()), -1);
  for (std::int32_t i = 0; i < graph.size(); ++i) {
    const Node& node = graph.node(i);
    if (!needed[static_cast<std::size_t>(i)]) continue;
    std::vector<Value> inputs;
    for (const Value& input : node.inputs) inputs.push_back({now[static_cast<std::size_t>(input.node)], input.output});
    now[static_cast<std::size_t>(i)] = made.add(node.op, std::move(inputs), node.scope);
  }
  for (const NamedValue& output : graph.outputs())
    made.add_output(output.name, {now[static_cast<std::size_t>(output.value.node)], output.value.output});
  return made;
}

}  // namespace keratin
