#include "graph/print.h"

#include <sstream>

#include "base/text.h"

namespace keratin {
namespace {

std::string name_of(const Graph& graph, const Value& value) {
  return graph.node(value).outputs.size() == 1 ? concat("%", value.node) : concat("%", value.node, ".", value.output);
}

}  // namespace

std::string print(const Graph& graph) {
  std::ostringstream out;
  for (std::int32_t i = 0; i < graph.size(); ++i) {
    const Node& node = graph.node(i);
    out << '%' << i << " = " << to_string(*node.op);
    for (std::size_t k = 0; k < node.inputs.size(); ++k) out << (k == 0 ? " " : ", ") << name_of(graph, node.inputs[k]);
    out << " : " << join(node.outputs, ", ");
    if (!node.scope.empty()) out << "  # " << node.scope;
    out << '\n';
  }
  for (const NamedValue& output : graph.outputs())
    out << "output " << output.name << " = " << name_of(graph, output.value) << '\n';
  return std::move(out).str();
}

}  // namespace keratin
