// The writing half of functional/layer_config.h.
#include <utility>

#include "base/check.h"
#include "functional/layer_config.h"
#include "layers/core/input_layer.h"
#include "layers/layer_state.h"
#include "layers/registry.h"

namespace keratin {
namespace {

Json shape_config(const Shape& shape) {
  Json extents = Json::array();
  for (const std::int64_t extent : shape) extents.push_back(extent < 0 ? Json() : Json(extent));
  return extents;
}

/// Keras's build_config: one shape, or one for each input.
Json build_config(const Tensors& inputs) {
  Json shapes = Json::array();
  for (const Tensor& input : inputs) shapes.push_back(shape_config(input.shape()));
  Json config = Json::object();
  config["input_shape"] = inputs.size() == 1 ? shapes[0] : std::move(shapes);
  return config;
}

Json policy_config(const Layer& layer) {
  Json config = Json::object();
  config["name"] = LayerAccess::state(layer).dtype.name();
  Json form = Json::object();
  form["module"] = "keras";
  form["class_name"] = "DTypePolicy";
  form["config"] = std::move(config);
  form["registered_name"] = nullptr;
  return form;
}

/// What all layers have.
Json frame(const Layer& layer) {
  Json config = Json::object();
  config["name"] = layer.name();
  config["trainable"] = layer.trainable();
  config["dtype"] = policy_config(layer);
  return config;
}

/// A functional model's calls by the layer that they call: Keras names a tensor by layer, call and output.
class CallNumbers {
 public:
  explicit CallNumbers(const Functional& model) {
    std::map<const Layer*, int> next;
    for (const auto& call : model.calls()) {
      if (call->layer == nullptr)
        throw UnsupportedError(
            concat(model.name(), ": expected layers alone to save, got the operation ", call->op->name(),
                   " between them; put it into a layer of your own, or use one like layers::Rescaling"));
      numbers_[call.get()] = next[call->layer.get()]++;
    }
  }
  Json tensor(const Tensor& tensor) const {
    Json config = Json::object();
    config["shape"] = shape_config(tensor.shape());
    config["dtype"] = to_string(tensor.dtype());
    config["keras_history"] = history(tensor, 0);
    Json form = Json::object();
    form["class_name"] = "__keras_tensor__";
    form["config"] = std::move(config);
    return form;
  }
  /// The model's inputs or outputs; a single one stands alone.
  Json ends(const Tensors& tensors) const {
    Json all = Json::array();
    for (const Tensor& tensor : tensors)
      all.push_back(history(tensor, first_end_number(*TensorAccess::call(tensor)->layer)));
    return tensors.size() == 1 ? all[0] : all;
  }

 private:
  /// ["dense", 0, 0]
  Json history(const Tensor& tensor, int first) const {
    const auto& call = TensorAccess::call(tensor);
    return Json::array({call->layer->name(), numbers_.at(call.get()) + first, TensorAccess::output(tensor)});
  }

  std::map<const SymbolicCall*, int> numbers_;
};

Json inbound_node(const SymbolicCall& call, const CallNumbers& numbers) {
  Json tensors = Json::array();
  for (const Tensor& input : call.inputs) tensors.push_back(numbers.tensor(input));
  Json kwargs = Json::object();
  if (call.training) kwargs["training"] = *call.training;
  if (call.mask) kwargs["mask"] = numbers.tensor(*call.mask);
  Json node = Json::object();
  node["args"] = call.inputs.size() == 1 ? std::move(tensors) : Json::array({std::move(tensors)});
  node["kwargs"] = std::move(kwargs);
  return node;
}

}  // namespace

int first_end_number(const Layer& layer) { return dynamic_cast<const Functional*>(&layer) != nullptr ? 1 : 0; }

Json layer_config(Layer& layer) {
  LayerWriter writer;
  Json config = writer.layer(layer);
  Occurrences shared = writer.occurrences();
  std::erase_if(shared, [](const auto& item) { return item.second < 2; });
  return shared.empty() ? config : LayerWriter(std::move(shared)).layer(layer);
}

Json LayerWriter::layer(Layer& layer) {
  ++occurrences_[&layer];
  Json written = form(layer);
  if (shared_.count(&layer) != 0)
    written["shared_object_id"] = ids_.try_emplace(&layer, static_cast<int>(ids_.size())).first->second;
  return written;
}

Json LayerWriter::form(Layer& layer) {
  if (auto* model = dynamic_cast<Functional*>(&layer)) return functional(*model);
  if (auto* model = dynamic_cast<SequentialNetwork*>(&layer)) return sequential(*model);
  const bool input = dynamic_cast<const InputLayer*>(&layer) != nullptr;
  Json config = input ? Json::object() : frame(layer);
  config.update(describe(layer, concat(layer.name(), " (", layer.class_name(), ")")));
  if (input) config["name"] = layer.name();
  const std::shared_ptr<Layer> twin = layer_from_class_name(layer.class_name());
  return in_form(layer, twin != nullptr && same_class(*twin, layer) ? "keras.layers" : nullptr, std::move(config));
}

Json LayerWriter::functional(Functional& model) {
  const CallNumbers numbers(model);
  Json layers = Json::array();
  for (const auto& called : model.called_layers()) {
    Json written = layer(*called);
    Json nodes = Json::array();
    for (const auto& call : model.calls()) {
      if (call->layer != called || call->inputs.empty()) continue;
      if (nodes.empty() && !written.contains("build_config")) written["build_config"] = build_config(call->inputs);
      nodes.push_back(inbound_node(*call, numbers));
    }
    written["name"] = called->name();
    written["inbound_nodes"] = std::move(nodes);
    layers.push_back(std::move(written));
  }
  Json config = Json::object();
  config["name"] = model.name();
  config["trainable"] = model.trainable();
  // Keras leaves it out, and passes over it: a model read again would not scale its loss.
  if (model.dtype() != model.compute_dtype()) config["dtype"] = policy_config(model);
  config["layers"] = std::move(layers);
  config["input_layers"] = numbers.ends(model.inputs());
  config["output_layers"] = numbers.ends(model.outputs_of_graph());
  Json written = in_form(model, "keras.src.models.functional", std::move(config));
  written["registered_name"] = "Functional";
  written["build_config"] = {{"input_shape", nullptr}};
  return written;
}

Json LayerWriter::sequential(SequentialNetwork& model) {
  Json layers = Json::array();
  if (model.input()) layers.push_back(layer(*TensorAccess::call(model.input())->layer));
  for (const auto& item : model.items()) {
    Json written = layer(*item);
    if (model.functional() != nullptr && !written.contains("build_config"))
      for (const auto& call : model.functional()->calls())
        if (call->layer == item) written["build_config"] = build_config(call->inputs);
    layers.push_back(std::move(written));
  }
  Json config = frame(model);
  config["layers"] = std::move(layers);
  if (model.input()) config["build_input_shape"] = shape_config(model.input().shape());
  Json written = in_form(model, "keras", std::move(config));
  if (model.input()) written["build_config"] = build_config(model.input());
  return written;
}

std::string Layer::to_json() const {
  return to_text(layer_config(const_cast<Layer&>(*this)));  // describe() writes, too; here it reads alone
}

}  // namespace keratin
