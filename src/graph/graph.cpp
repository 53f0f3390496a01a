#include "graph/graph.h"

#include "base/check.h"

namespace keratin {
namespace {

std::size_t hash_of(const Op& op, const std::vector<Value>& inputs) {
  std::size_t hash = op.key_hash();
  for (const Value& input : inputs)
    for (const std::int32_t part : {input.node, input.output})
      hash = hash * 1099511628211u + static_cast<std::size_t>(part) + 0x9e3779b9u;  // FNV's prime
  return hash;
}

/// The error again with who made the node in front: the one place where messages learn their scope.
template <class E> [[noreturn]] void rethrow(const E& error, const std::string& scope, const Op& op) {
  throw E(concat(scope, scope.empty() ? "" : ": ", op.name(), ": ", error.what()));
}

}  // namespace

std::int32_t Graph::add(std::shared_ptr<const Op> op, std::vector<Value> inputs, const std::string& scope) {
  Specs specs;
  for (const Value& input : inputs) {
    KERATIN_ASSERT(input.node >= 0 && input.node < size());
    KERATIN_ASSERT(input.output >= 0 && static_cast<std::size_t>(input.output) < node(input).outputs.size());
    specs.push_back(spec(input));
  }
  const std::size_t hash = hash_of(*op, inputs);
  const auto [first, last] = by_hash_.equal_range(hash);
  for (auto same = first; same != last; ++same) {
    const Node& candidate = node(same->second);
    if (candidate.inputs == inputs && (candidate.op == op || candidate.op->key() == op->key())) return same->second;
  }
  Node made{std::move(op), std::move(inputs), {}, scope};
  try {
    made.outputs = made.op->infer(specs);
  } catch (const ShapeError& error) {
    rethrow(error, scope, *made.op);
  } catch (const ValueError& error) {
    rethrow(error, scope, *made.op);
  } catch (const UnsupportedError& error) {
    rethrow(error, scope, *made.op);
  }
  nodes_.push_back(std::move(made));
  by_hash_.emplace(hash, size() - 1);
  return size() - 1;
}

}  // namespace keratin
