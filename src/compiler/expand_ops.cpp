#include <algorithm>
#include <optional>
#include <utility>

#include "compiler/passes.h"
#include "compiler/rewrite.h"
#include "graph/leaves.h"
#include "graph/trace.h"
#include "ops/elementwise.h"

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

Value cast(Graph& made, const Value& value, DType dtype, const std::string& scope) {
  if (made.spec(value).dtype == dtype) return value;
  return {made.add(std::make_shared<Cast>(dtype), {value}, scope), 0};
}

/// The 16-bit dtype that the node reads, if the backend has no kernel of the op for such numbers.
std::optional<DType> dtype_to_widen(const Graph& made, const Node& node, const std::vector<Value>& inputs,
                                    const KernelPlanner& planner) {
  const Traits traits = node.op->traits();
  if (traits.leaf || traits.view) return std::nullopt;
  for (const Value& input : inputs) {
    const DType dtype = made.spec(input).dtype;
    if (is_16_bit_float(dtype) && !planner.has_kernel(node.op->name(), dtype)) return dtype;
  }
  return std::nullopt;
}

/// The op in float32 between casts. Its results are rounded once, as a kernel for 16-bit numbers would round them.
Replacement widen(Graph& made, const Node& node, const std::vector<Value>& inputs, DType narrow) {
  std::vector<Value> wide;
  for (const Value& input : inputs)
    wide.push_back(made.spec(input).dtype == narrow ? cast(made, input, float32, node.scope) : input);
  Replacement out = outputs_of(made, made.add(node.op, std::move(wide), node.scope));
  for (std::size_t i = 0; i < out.size(); ++i) out[i] = cast(made, out[i], node.outputs[i].dtype, node.scope);
  return out;
}

Graph expand_once(const Graph& graph, const KernelPlanner& planner, bool& changed) {
  return rewrite(graph, [&](Graph& made, const Node& node, const std::vector<Value>& inputs) -> Replacement {
    if (const std::optional<DType> narrow = dtype_to_widen(made, node, inputs, planner)) {
      changed = true;  // in float32, too, it may have no kernel
      return widen(made, node, inputs, *narrow);
    }
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
