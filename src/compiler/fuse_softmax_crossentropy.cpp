// A crossentropy, its gradient and the softmax of the same logits become one op with as many results, so that the
// exponentials are computed once.
#include <map>
#include <tuple>
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
  std::int32_t node = -1;                    // that gives it all, in the new graph

  Value loss() const { return {node, 0}; }
  Value gradient() const { return {node, asked.loss ? 1 : 0}; }
  Value probabilities() const { return {node, gradient().output + (asked.gradient ? 1 : 0)}; }
  Replacement values(const CrossentropyResults& wanted) const {
    Replacement out;
    if (wanted.loss) out.push_back(loss());
    if (wanted.gradient) out.push_back(gradient());
    if (wanted.probabilities) out.push_back(probabilities());
    return out;
  }
};

class Groups {
 public:
  explicit Groups(const Graph& graph) : graph_(graph) {
    for (const Node& node : graph.nodes()) {
      for (const Value& input : node.inputs)
        if (Group* const group = that_knows(input)) group->asked.probabilities = true;
      const CrossentropyOp* const op = crossentropy(node);
      if (op == nullptr) continue;
      CrossentropyResults& asked = of(node).asked;
      asked.loss = asked.loss || op->results().loss;
      asked.gradient = asked.gradient || op->results().gradient;
      asked.probabilities = asked.probabilities || op->results().probabilities;
      first_.emplace(node.inputs[0], &of(node));
    }
  }

  Group& of(const Node& node) { return groups_[{node.op->name(), node.inputs}]; }
  /// The first group of the logits whose softmax the value is, among those begun by now; null if there is none.
  Group* that_knows(const Value& value) {
    const auto found = first_.find(logits_of_softmax(graph_.node(value)));
    return found == first_.end() ? nullptr : found->second;
  }

 private:
  const Graph& graph_;
  std::map<std::pair<std::string_view, std::vector<Value>>, Group> groups_;  // by the op's name and its inputs
  std::map<Value, Group*> first_;                                            // by logits
};

}  // namespace

Graph fuse_softmax_crossentropy(const Graph& graph) {
  Groups groups(graph);
  return without_dead_nodes(
      rewrite(graph, [&](Graph& made, const Node& node, const std::vector<Value>& inputs) -> Replacement {
        std::vector<Value> sources = inputs;
        for (std::size_t k = 0; k < inputs.size(); ++k)
          if (const Group* const group = groups.that_knows(node.inputs[k]); group != nullptr && group->node >= 0)
            sources[k] = group->probabilities();
        if (const CrossentropyOp* const op = crossentropy(node)) {
          Group& group = groups.of(node);
          if (group.node < 0) group.node = made.add(op->asked_for(group.asked), std::move(sources), node.scope);
          return group.values(op->results());
        }
        if (sources == inputs) return {};
        return outputs_of(made, made.add(node.op, std::move(sources), node.scope));
      }));
}

}  // namespace keratin
