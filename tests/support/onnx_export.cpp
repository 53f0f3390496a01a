// Exports into memory, by the component that the library would use.
#include "api/linked_components.h"
#include "base/environment.h"
#include "base/plugin.h"
#include "formats/onnx/onnx_component.h"
#include "graph/leaves.h"
#include "graph/trace.h"
#include "support/interpret.h"
#include "support/onnx_cases.h"
#include "support/onnx_evaluator.h"
#include "support/op_case.h"
#include "support/temporary_folder.h"

namespace keratin::testing {

std::string export_graph(const Graph& graph) {
  OnnxRequest request{graph, "graph", "", {}, {}, {}, {}};
  for (const Node& node : graph.nodes())
    if (node.op->name() == "Input") {
      const std::string& slot = static_cast<const class Input&>(*node.op).slot();
      request.inputs.emplace_back(slot, slot);
    }
  for (const NamedValue& output : graph.outputs()) request.outputs.push_back(output.name);
  const void* const component = load_component("onnx", linked_components(), read_switches().plugin_path);
  std::string bytes;
  static_cast<const OnnxComponent*>(component)->write(request, [&](std::span<const std::byte> part) {
    bytes.append(reinterpret_cast<const char*>(part.data()), part.size());
  });
  return bytes;
}

std::string export_model(const Model& model, const OnnxOptions& options) {
  const TemporaryFolder folder;
  model.export_onnx(folder / "model.onnx", options);
  return folder.read("model.onnx");
}

std::optional<Array> run_as_onnx(const Op& op, const std::vector<Array>& inputs) {
  if (!op.traits().onnx && !op.traits().expansion) return std::nullopt;
  Specs specs;
  OnnxValues values;
  for (const Array& input : inputs) {
    specs.push_back({input.dtype(), input.shape()});
    values.emplace(concat("x", values.size()), input);
  }
  const Graph graph = graph_of(
      specs, [&](const Tensors& xs) { return apply(std::shared_ptr<const Op>(std::shared_ptr<void>(), &op), xs); });
  return evaluate_onnx(parse_onnx(export_graph(graph)), values).at("0");
}

}  // namespace keratin::testing
