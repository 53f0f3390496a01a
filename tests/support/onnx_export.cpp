// Exports into memory, by the component that the library would use.
#include "api/linked_components.h"
#include "base/environment.h"
#include "base/plugin.h"
#include "formats/onnx/onnx_component.h"
#include "graph/leaves.h"
#include "support/onnx_cases.h"
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

}  // namespace keratin::testing
