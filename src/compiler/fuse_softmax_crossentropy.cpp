// A crossentropy, its gradient and the softmax of the same logits become one op with as many results, so that the
// exponentials are computed once.
#include <map>
#include <utility>

#include "compiler/passes.h"
#include "compiler/rewrite.h"
#include "ops/softmax.h"
#include "ops/softmax_crossentropy.h"

namespace keratin {
namespace {

const CrossentropyOp* crossentropy(const Node& node) {
  const std::string_view name = node.op->name();
  const bool is_one = name == "SoftmaxCrossentropy" || name == "SparseSoftmaxCrossentropy";
  return is_one ? static_cast<const CrossentropyOp*>(node.op.get()) : nullptr;
}

/// The logits whose softmax along the last axis the node is; no value for other nodes.
Value logits_of_softmax(const Node& node) {
  if (node.op->name() != "Softmax") return {};
  const bool along_last = static_cast<const Softmax&>(*node.op).axis() == node.outputs[0].shape.rank() - 1;
  return along_last ? node.inputs[0] : Value{};
}

/// The crossentropies of the same logits and targets.
struct Group {
  CrossentropyResults asked{.loss = false};  // by any of them, and by who reads the softmax after the first of them
  std::int32_t made = -1;                    // the node that gives it all, in the new graph

  Replacement values(const CrossentropyResults& wanted) const {
    Replacement out;
    if (wanted.loss) out.push_back({made, 0});
    if (wanted.gradient) out.push_back({made, asked.gradient_at()});
    if (wanted.probabilities) out.push_back({made, asked.probabilities_at()});
    return out;
  }
};

}  // namespace

Graph fuse_softmax_crossentropy(const Graph& graph) {
  std::map<std::pair<std::string_view, std::vector<Value>>, Group> groups;  // by the op's name and its inputs
  std::map<Value, Group*> first;  // by logits: the group that begins before the others
  const auto group_of = [&](const Node& node) -> Group& { return groups[{node.op->name(), node.inputs}]; };
  /// Who computes a softmax beside a crossentropy; null if nobody does, or if it has not begun.
  const auto giver_of = [&](const Value& value) -> Group* {
    const auto found = first.find(logits_of_softmax(graph.node(value)));
    return found == first.end() ? nullptr : found->second;
  };
  for (const Node& node : graph.nodes()) {
    for (const Value& input : node.inputs)
      if (Group* const giver = giver_of(input)) giver->asked.probabilities = true;
    if (const CrossentropyOp* const op = crossentropy(node)) {
      group_of(node).asked |= op->results();
      first.emplace(node.inputs[0], &group_of(node));
    }
  }
  return without_dead_nodes(
      rewrite(graph, [&](Graph& made, const Node& node, const std::vector<Value>& inputs) -> Replacement {
        std::vector<Value> sources = inputs;
        for (std::size_t k = 0; k < inputs.size(); ++k)
          if (const Group* const giver = giver_of(node.inputs[k]); giver != nullptr && giver->made >= 0)
            sources[k] = {giver->made, giver->asked.probabilities_at()};
        const CrossentropyOp* const op = crossentropy(node);
        if (op == nullptr) return outputs_of(made, made.add(node.op, std::move(sources), node.scope));
        Group& group = group_of(node);
        if (group.made < 0) group.made = made.add(op->asked_for(group.asked), std::move(sources), node.scope);
        return group.values(op->results());
      }));
}

}  // namespace keratin
