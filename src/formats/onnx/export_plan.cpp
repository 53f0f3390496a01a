#include "formats/onnx/export_plan.h"

#include "base/check.h"
#include "graph/leaves.h"
#include "ops/elementwise.h"
#include "ops/matmul.h"

namespace keratin {
namespace {

bool is_sum(const Node& node) { return node.op->name() == "Add" && node.inputs.size() == 2; }

bool needs_no_node(const Graph& graph, const Node& node) {
  const std::string_view name = node.op->name();
  if (name == "StopGradient" || name == "Identity") return true;
  return name == "Cast" && graph.spec(node.inputs[0]).dtype == node.outputs[0].dtype;
}

class Planner {
 public:
  explicit Planner(const Graph& graph) : graph_(graph) {}

  ExportPlan run() {
    for (const Node& node : graph_.nodes()) {
      if (node.op->name() == "Assign")
        throw UnsupportedError(
            concat(node.scope, node.scope.empty() ? "" : ": ",
                   "cannot be exported to ONNX, which keeps no state between calls; ", "expected call() to leave ",
                   static_cast<const Assign&>(*node.op).variable()->path, " alone unless it is training"));
      plan_.sources.push_back(needs_no_node(graph_, node) ? std::optional(plan_.source(node.inputs[0])) : std::nullopt);
    }
    mark();
    find_products();
    mark();
    return std::move(plan_);
  }

 private:
  /// Which nodes are needed and how often each is read.
  void mark() {
    const auto count = static_cast<std::size_t>(graph_.size());
    plan_.needed.assign(count, false);
    readers_.assign(count, {});
    shown_.assign(count, false);
    const auto need = [&](const Value& value) {
      plan_.needed[static_cast<std::size_t>(plan_.source(value).node)] = true;
    };
    for (const NamedValue& output : graph_.outputs()) {
      need(output.value);
      shown_[static_cast<std::size_t>(plan_.source(output.value).node)] = true;
    }
    for (std::int32_t i = graph_.size() - 1; i >= 0; --i) {
      if (!plan_.needed[static_cast<std::size_t>(i)]) continue;
      for (const Value& input : inputs_of(i)) {
        need(input);
        readers_[static_cast<std::size_t>(plan_.source(input).node)].push_back(i);
      }
    }
  }

  std::vector<Value> inputs_of(std::int32_t index) const {
    const auto product = plan_.products.find(index);
    if (product == plan_.products.end()) return graph_.node(index).inputs;
    std::vector<Value> inputs{product->second.x, product->second.weight};
    if (product->second.bias) inputs.push_back(*product->second.bias);
    return inputs;
  }

  void find_products() {
    for (std::int32_t i = 0; i < graph_.size(); ++i) {
      const Node& node = graph_.node(i);
      if (!plan_.needed[static_cast<std::size_t>(i)] || node.op->name() != "MatMul") continue;
      const auto& op = static_cast<const MatMul&>(*node.op);
      const Value x = plan_.source(node.inputs[0]), weight = plan_.source(node.inputs[1]);
      if (op.transpose_a() || node.outputs[0].shape.rank() != 2 || !is_weight(weight)) continue;
      if (!take_bias(i, {x, weight, std::nullopt, op.transpose_b()})) take_reshapes(i, x, weight, op.transpose_b());
    }
  }

  /// x · W + b, b a vector along the last axis.
  bool take_bias(std::int32_t matmul, Product product) {
    const Node* const sum = only_reader(matmul);
    if (sum == nullptr || !is_sum(*sum)) return false;
    const Value a = plan_.source(sum->inputs[0]), b = plan_.source(sum->inputs[1]);
    product.bias = a.node == matmul ? b : a;
    const Shape& shape = graph_.spec(*product.bias).shape;
    if (!is_weight(*product.bias) || shape != graph_.node(matmul).outputs[0].shape.from(1)) return false;
    plan_.products.emplace(readers_[static_cast<std::size_t>(matmul)][0], product);
    return true;
  }

  /// Rows of a tensor of higher rank, multiplied and put back: ONNX's MatMul does that by itself.
  void take_reshapes(std::int32_t matmul, Value rows, Value weight, bool transposed) {
    const Node* const back = only_reader(matmul);
    const Node& to_rows = graph_.node(rows);
    if (back == nullptr || back->op->name() != "Reshape" || to_rows.op->name() != "Reshape" || transposed) return;
    const Value x = plan_.source(to_rows.inputs[0]);
    const Shape& from = graph_.spec(x).shape;
    const Shape& to = back->outputs[0].shape;
    if (from.rank() < 2 || to.rank() < 2 || from.until(-1) != to.until(-1) ||
        from.back() != graph_.spec(weight).shape[0])
      return;
    plan_.products.emplace(readers_[static_cast<std::size_t>(matmul)][0], Product{x, weight, std::nullopt, false});
  }

  /// The node that alone reads this one, if there is one and the value is not an output.
  const Node* only_reader(std::int32_t index) const {
    const auto& readers = readers_[static_cast<std::size_t>(index)];
    return readers.size() == 1 && !shown_[static_cast<std::size_t>(index)] ? &graph_.node(readers[0]) : nullptr;
  }

  bool is_weight(const Value& value) const {
    const std::string_view name = graph_.node(value).op->name();
    return name == "ReadVariable" || name == "Constant";
  }

  const Graph& graph_;
  ExportPlan plan_;
  std::vector<std::vector<std::int32_t>> readers_;  // per node; a node that reads twice is there twice
  std::vector<bool> shown_;                         // per node: an output of the graph
};

}  // namespace

Value ExportPlan::source(Value value) const {
  const std::optional<Value>& behind = sources[static_cast<std::size_t>(value.node)];
  return behind ? *behind : value;
}

ExportPlan plan_export(const Graph& graph) { return Planner(graph).run(); }

}  // namespace keratin
