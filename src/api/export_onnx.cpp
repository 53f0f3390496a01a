// Model::export_onnx: traces what predict computes and hands it to the onnx component.
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "api/linked_components.h"
#include "base/check.h"
#include "base/environment.h"
#include "base/file.h"
#include "formats/onnx/onnx_component.h"
#include "graph/symbolic.h"
#include "keratin/version.h"
#include "training/step.h"

namespace keratin {
namespace {

const OnnxComponent& onnx_component() try {
  return *static_cast<const OnnxComponent*>(load_component("onnx", linked_components(), read_switches().plugin_path));
} catch (const UnsupportedError& error) {
  throw UnsupportedError(
      concat("export_onnx: expected the component keratin::onnx, got none (", error.what(),
             "; it needs libprotobuf-dev, protobuf-compiler and libonnx-dev when Keratin is built)"));
}

/// The classes of the layers by scope, those inside of others too: "encoder/dense" is a "Dense".
void collect_classes(const std::vector<Ref<Layer>>& layers, const std::string& prefix,
                     std::map<std::string, std::string>& classes) {
  for (const Ref<Layer>& layer : layers) {
    const std::string path = prefix + layer->name();
    classes[path] = layer->class_name();
    collect_classes(layer->layers(), path + "/", classes);
  }
}

std::vector<std::pair<std::string, std::string>> metadata_of(const Model& model, const OnnxOptions& options) {
  std::vector<std::string> classes;
  for (const Ref<Layer>& layer : model.layers()) classes.push_back(layer->class_name());
  std::vector<std::pair<std::string, std::string>> metadata{
      {"keratin_version", std::string(version)},
      {"model_class", ModelAccess::state(model).network->class_name()},
      {"layer_classes", join(classes, ",")},
  };
  for (const auto& [key, value] : options.metadata) {
    for (const auto& [known, ignored] : metadata)
      check_argument(key != known, "export_onnx: expected metadata other than ", known,
                     ", which Keratin writes itself");
    metadata.emplace_back(key, value);
  }
  return metadata;
}

}  // namespace

void Model::export_onnx(const std::filesystem::path& path, const OnnxOptions& options) const {
  const OnnxComponent& component = onnx_component();
  Feeds feeds;
  for (const Tensor& input : inputs()) feeds.x.push_back(TensorAccess::spec(input));
  Model self(*this);  // the same model: tracing wants a handle that is not const
  const TracedStep step = trace_step(self, Mode::predict, feeds);

  const Functional& functional = *state_->functional();
  OnnxRequest request{step.graph,
                      name(),
                      concat(name(), ": ", layers().size(), " layers, ", count_params(), " parameters"),
                      {},
                      functional.output_names(),
                      {},
                      metadata_of(*this, options),
                      options.opset};
  for (const std::string& input : functional.input_names())
    request.inputs.emplace_back(concat("x", request.inputs.size()), input);
  collect_classes(layers(), "", request.layer_classes);

  FileReplacement file(path);
  component.write(request, [&](std::span<const std::byte> bytes) { file.write(bytes); });
  file.commit();
}

}  // namespace keratin
