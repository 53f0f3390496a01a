#include "graph/verify.h"

#include <set>

#include "base/check.h"
#include "graph/leaves.h"

namespace keratin {
namespace {

template <class... Parts> [[noreturn]] void fail(const char* stage, const Parts&... message) {
  throw InternalError(concat("the graph after ", stage, " is not legal: ", message..., "; please report it"));
}

}  // namespace

void verify(const Graph& graph, const char* stage) {
  std::set<const VariableState*> assigned;
  for (std::int32_t i = 0; i < graph.size(); ++i) {
    const Node& node = graph.node(i);
    Specs inputs;
    for (const Value& input : node.inputs) {
      if (input.node < 0 || input.node >= i)
        fail(stage, "node ", i, " (", to_string(*node.op), ") reads node ", input.node);
      const auto outputs = graph.node(input).outputs.size();
      if (input.output < 0 || static_cast<std::size_t>(input.output) >= outputs)
        fail(stage, "node ", i, " reads output ", input.output, " of node ", input.node, ", which has ", outputs);
      inputs.push_back(graph.spec(input));
    }
    if (node.op->infer(inputs) != node.outputs)
      fail(stage, "node ", i, " (", to_string(*node.op), ") has other specs than it infers");
    if (node.op->name() == "Assign" && !assigned.insert(static_cast<const Assign&>(*node.op).variable().get()).second)
      fail(stage, "two assignments to ", to_string(*node.op));
  }
  for (const NamedValue& output : graph.outputs())
    if (output.value.node < 0 || output.value.node >= graph.size() || output.value.output < 0 ||
        static_cast<std::size_t>(output.value.output) >= graph.node(output.value).outputs.size())
      fail(stage, "output ", output.name, " does not exist");
}

}  // namespace keratin
