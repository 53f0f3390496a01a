// Rewrites that change no bit of any result.
#include <cmath>

#include "compiler/passes.h"
#include "compiler/rewrite.h"
#include "graph/leaves.h"
#include "ops/elementwise.h"

namespace keratin {
namespace {

/// True if the value is a constant whose only number is `number`, sign of zero included.
bool is_number(const Graph& graph, const Value& value, double number) {
  const Node& node = graph.node(value);
  if (node.op->name() != "Constant") return false;
  const Array& array = static_cast<const Constant&>(*node.op).value();
  return array.size() == 1 && array.item<double>() == number &&
         std::signbit(array.item<double>()) == std::signbit(number);
}

/// x·1, 1·x, x/1, x−0 are x to the bit (x+0 is not: −0+0 is 0), if broadcasting leaves x's shape alone.
Value neutral_operand(const Graph& made, const Node& node, const std::vector<Value>& inputs) {
  const std::string_view name = node.op->name();
  const auto unchanged = [&](const Value& x) { return made.spec(x) == node.outputs[0]; };
  if (name == "Mul" && is_number(made, inputs[1], 1.0) && unchanged(inputs[0])) return inputs[0];
  if (name == "Mul" && is_number(made, inputs[0], 1.0) && unchanged(inputs[1])) return inputs[1];
  if (name == "Div" && is_number(made, inputs[1], 1.0) && unchanged(inputs[0])) return inputs[0];
  if (name == "Sub" && is_number(made, inputs[1], 0.0) && unchanged(inputs[0])) return inputs[0];
  if (name == "StopGradient") return inputs[0];  // gradients are in the graph by now
  if (name == "Neg" && made.node(inputs[0]).op->name() == "Neg") return made.node(inputs[0]).inputs[0];
  return {};
}

/// What an Expand makes the value from; none if there is no Expand. One number that is repeated has any shape.
Value repeated(const Graph& made, const Value& value) {
  Value wide = value;
  while (made.node(wide).op->name() == "Reshape") wide = made.node(wide).inputs[0];
  if (made.node(wide).op->name() != "Expand") return {};
  const Value source = made.node(wide).inputs[0];
  const Shape& shape = made.spec(source).shape;
  return wide == value || (shape.known() && shape.size() == 1) ? source : Value{};
}

/// Elementwise ops broadcast themselves: they read what an Expand would repeat, if another input still gives the shape.
std::vector<Value> read_through_expand(const Graph& made, const Node& node, std::vector<Value> inputs) {
  if (!node.op->traits().elementwise || inputs.size() < 2) return inputs;
  for (Value& input : inputs) {
    const Value wide = input, source = repeated(made, input);
    if (source.node < 0) continue;
    input = source;
    Shape shape;
    for (const Value& other : inputs) shape = broadcast_shapes(shape, made.spec(other).shape);
    if (shape != node.outputs[0].shape) input = wide;
  }
  return inputs;
}

}  // namespace

Graph simplify(const Graph& graph) {
  return without_dead_nodes(rewrite(without_dead_nodes(graph),
                                    [](Graph& made, const Node& node, const std::vector<Value>& inputs) -> Replacement {
                                      if (const Value kept = neutral_operand(made, node, inputs); kept.node >= 0)
                                        return {kept};
                                      std::vector<Value> direct = read_through_expand(made, node, inputs);
                                      if (direct == inputs) return {};
                                      return {Value{made.add(node.op, std::move(direct), node.scope), 0}};
                                    }));
}

}  // namespace keratin
