// Graph: nodes in topological order, equal ones shared at birth. The front end builds it, everything else reads it.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "graph/op.h"

namespace KERATIN_INTERNAL_EXPORT keratin {

/// One output of one node.
struct Value {
  std::int32_t node = -1;
  std::int32_t output = 0;
  friend auto operator<=>(const Value&, const Value&) = default;  // NOLINT(modernize-use-nullptr): finds a 0 here
};

/// One use of an op.
struct Node {
  std::shared_ptr<const Op> op;
  std::vector<Value> inputs;
  Specs outputs;
  std::string scope;  // the layers that asked for it, outermost first: "encoder/dense_1"
};

/// A result that whoever runs the program can read under this name.
struct NamedValue {
  std::string name;
  Value value;
};

/// Nodes in topological order: a node's inputs have smaller indices. Movable; tensors point to it while it is traced.
class Graph {
 public:
  /// Adds a use of an op, or returns the node that computes the same already. Infers the outputs' specs.
  /// Throws ShapeError, with the scope and the op's name in front, if the inputs do not fit.
  std::int32_t add(std::shared_ptr<const Op> op, std::vector<Value> inputs, const std::string& scope = "");

  std::int32_t size() const { return static_cast<std::int32_t>(nodes_.size()); }
  const Node& node(std::int32_t index) const { return nodes_[static_cast<std::size_t>(index)]; }
  const Node& node(Value value) const { return node(value.node); }
  const Spec& spec(Value value) const { return node(value.node).outputs[static_cast<std::size_t>(value.output)]; }
  const std::vector<Node>& nodes() const { return nodes_; }

  /// The number of the trace that writes it, unique in its thread; 0 if none does.
  std::uint64_t trace() const { return trace_; }
  void set_trace(std::uint64_t trace) { trace_ = trace; }

  void add_output(std::string name, Value value) { outputs_.push_back({std::move(name), value}); }
  const std::vector<NamedValue>& outputs() const { return outputs_; }

 private:
  std::vector<Node> nodes_;
  std::vector<NamedValue> outputs_;
  std::uint64_t trace_ = 0;
  std::unordered_multimap<std::size_t, std::int32_t> by_hash_;  // of op key and inputs
};

}  // namespace keratin
