// The reading half of functional/layer_config.h.
#include <optional>
#include <utility>

#include "base/check.h"
#include "base/scope_guard.h"
#include "functional/layer_config.h"
#include "layers/core/input_layer.h"
#include "layers/layer_state.h"
#include "layers/registry.h"

namespace keratin {
namespace {

const std::vector<std::string_view> frame_members{"name", "trainable", "dtype"};

/// {"class_name": "DTypePolicy", "config": {"name": "mixed_float16"}, …}, or the name alone.
void read_policy(Layer& layer, const ConfigPlace& config) {
  if (!config.contains("dtype") || config.at("dtype").is_null()) return;
  const ConfigPlace dtype = config.at("dtype");
  const std::string policy = dtype.is_text() ? dtype.text() : dtype.at("config").at("name").text();
  in_place(dtype, [&] { LayerAccess::set_dtype(layer, DTypePolicy(policy)); });
}

void read_frame(Layer& layer, const ConfigPlace& config) {
  LayerState& state = LayerAccess::state(layer);
  if (config.contains("name") && !config.at("name").is_null()) {
    state.name = config.at("name").text();
    state.named_by_author = !state.name.empty();
  }
  if (config.contains("trainable")) state.trainable = config.at("trainable").boolean();
  if (dynamic_cast<const InputLayer*>(&layer) == nullptr) read_policy(layer, config);
}

bool is_tensor(const ConfigPlace& place) {
  return place.contains("class_name") && place.at("class_name").is_text() &&
         place.at("class_name").text() == "__keras_tensor__";
}

/// A functional model while its calls are made one after another, each when the tensors that it takes are there.
class Wiring {
 public:
  void add(const std::shared_ptr<Layer>& layer, const ConfigPlace& place) {
    const std::string name = place.contains("name") ? place.at("name").text() : place.at("config").at("name").text();
    Called called{layer, {}, place.at("inbound_nodes")};
    if (const auto input = std::dynamic_pointer_cast<InputLayer>(layer)) called.calls.emplace_back(input_tensor(input));
    if (!index_.emplace(name, layers_.size()).second) place.fail(concat("a name that no other layer has than ", name));
    layers_.push_back(std::move(called));
  }

  void run() {
    for (bool waiting = true; waiting;) {
      waiting = false;
      bool progress = false;
      for (Called& called : layers_) {
        while (called.made < called.nodes.size() && make_call(called, called.nodes.at(called.made))) {
          ++called.made;
          progress = true;
        }
        waiting = waiting || called.made < called.nodes.size();
      }
      if (waiting && !progress) fail_unfinished();
    }
  }

  /// The model's inputs or outputs: ["dense", 0, 0], or a list of such.
  Tensors ends(const ConfigPlace& place) {
    if (place.size() > 0 && place.at(std::size_t{0}).is_text()) return end(place);
    Tensors all;
    for (std::size_t i = 0; i < place.size(); ++i) all.push_back(end(place.at(i)));
    return all;
  }

 private:
  struct Called {
    std::shared_ptr<Layer> layer;
    std::vector<Tensors> calls;  // what each call gave
    ConfigPlace nodes;
    std::size_t made = 0;  // nodes that have become calls
  };

  const Called& called(const ConfigPlace& history) const {
    const auto found = index_.find(history.at(std::size_t{0}).text());
    if (found == index_.end()) history.fail("a tensor of a layer of this model");
    return layers_[found->second];
  }

  /// The tensor of a history; nothing if its call has not been made yet. first: the number of a layer's first call.
  std::optional<Tensor> find(const ConfigPlace& history, int first) const {
    const Called& called = this->called(history);
    const std::int64_t call = history.at(std::size_t{1}).integer();
    if (call < first) history.fail(concat("a call of ", first, " or more"));
    return output_of(called, call - first, history);
  }

  static std::optional<Tensor> output_of(const Called& called, std::int64_t call, const ConfigPlace& history) {
    const std::int64_t output = history.at(std::size_t{2}).integer();
    const bool input = called.nodes.size() == 0;
    if (output < 0 || call >= static_cast<std::int64_t>(input ? called.calls.size() : called.nodes.size()))
      history.fail("a tensor that a call of this model makes");
    if (call >= static_cast<std::int64_t>(called.calls.size())) return std::nullopt;
    const Tensors& made = called.calls[static_cast<std::size_t>(call)];
    if (output >= static_cast<std::int64_t>(made.size())) history.fail("one of the layer's outputs");
    return made[static_cast<std::size_t>(output)];
  }

  Tensor end(const ConfigPlace& history) const {
    const std::optional<Tensor> tensor = find(history, first_end_number(*called(history).layer));
    if (!tensor) history.fail("a tensor that is computed");
    return *tensor;
  }

  /// Appends the tensors among the arguments, lists opened; false if one is not there yet.
  bool collect(const ConfigPlace& argument, Tensors& inputs) {
    if (argument.is_null()) return true;
    if (is_tensor(argument)) {
      const std::optional<Tensor> tensor = find(argument.at("config").at("keras_history"), 0);
      if (tensor) inputs.push_back(*tensor);
      return tensor.has_value();
    }
    if (!argument->is_array())
      throw UnsupportedError(
          concat(argument.path(), ": expected tensors alone as a layer's arguments, got ", excerpt(*argument)));
    for (std::size_t i = 0; i < argument.size(); ++i)
      if (!collect(argument.at(i), inputs)) return false;
    return true;
  }

  bool make_call(Called& called, const ConfigPlace& node) {
    Tensors inputs;
    if (!collect(node.at("args"), inputs)) return false;
    CallOptions options;
    const ConfigPlace kwargs = node.at("kwargs");
    for (const auto& item : kwargs->items()) {
      const ConfigPlace argument = kwargs.at(item.key());
      if (argument.is_null()) continue;
      if (item.key() == "training") {
        options.training = argument.boolean();
      } else {
        Tensors given;
        if (!collect(argument, given)) return false;
        if (given.empty()) continue;  // a list of nulls
        if (item.key() != "mask" || given.size() != 1)
          throw UnsupportedError(concat(argument.path(), ": expected training or one mask, got ", excerpt(*argument)));
        options.mask = given[0];
      }
    }
    called.calls.push_back(in_place(node, [&] { return called.layer->outputs(inputs, options); }));
    return true;
  }

  [[noreturn]] void fail_unfinished() const {
    for (const Called& called : layers_)
      if (called.made < called.nodes.size()) called.nodes.at(called.made).fail("a call that does not wait for itself");
    throw InternalError("Wiring: no call is left");
  }

  std::vector<Called> layers_;
  std::map<std::string, std::size_t, std::less<>> index_;
};

}  // namespace

std::shared_ptr<Layer> LayerReader::layer(const ConfigPlace& place) {
  constexpr int deepest = 100;  // so that no text can exhaust the stack
  if (depth_ >= deepest) place.fail(concat("models at most ", deepest, " deep in one another"));
  ++depth_;
  const ScopeGuard leave([&] { --depth_; });
  std::optional<std::int64_t> id;
  if (place.contains("shared_object_id")) id = place.at("shared_object_id").integer();
  if (id && shared_.count(*id) != 0) return shared_.at(*id);
  std::shared_ptr<Layer> made = fresh(place);
  if (id) shared_[*id] = made;
  return made;
}

std::shared_ptr<Layer> LayerReader::fresh(const ConfigPlace& place) {
  const std::string class_name = place.at("class_name").text();
  const ConfigPlace config = place.at("config");
  std::shared_ptr<Layer> made = custom<Layer>(place);
  if (made == nullptr && class_name == "Functional") return functional(config);
  if (made == nullptr && class_name == "Sequential") return sequential(config);
  if (made == nullptr) made = layer_from_class_name(class_name);
  if (made == nullptr) refuse_unknown(place, "layer");
  read_frame(*made, config);
  describe(*made, place, frame_members);
  in_place(config, [&] { made->validate(); });
  return made;
}

std::shared_ptr<Layer> LayerReader::functional(const ConfigPlace& config) {
  const ConfigPlace layers = config.at("layers");
  Wiring wiring;
  for (std::size_t i = 0; i < layers.size(); ++i) wiring.add(layer(layers.at(i)), layers.at(i));
  wiring.run();
  const Tensors inputs = wiring.ends(config.at("input_layers")), outputs = wiring.ends(config.at("output_layers"));
  auto model =
      in_place(config, [&] { return std::make_shared<Functional>(inputs, outputs, config.at("name").text()); });
  if (config.contains("trainable")) LayerAccess::state(*model).trainable = config.at("trainable").boolean();
  read_policy(*model, config);
  return model;
}

std::shared_ptr<Layer> LayerReader::sequential(const ConfigPlace& config) {
  auto model = std::make_shared<SequentialNetwork>(config.at("name").text());
  read_frame(*model, config);
  const ConfigPlace layers = config.at("layers");
  for (std::size_t i = 0; i < layers.size(); ++i) {
    const std::shared_ptr<Layer> item = layer(layers.at(i));
    in_place(layers.at(i), [&] {
      if (const auto input = std::dynamic_pointer_cast<InputLayer>(item)) {
        model->add(input_tensor(input));
      } else {
        model->add(item);
      }
    });
  }
  if (!model->input() && config.contains("build_input_shape") && config.at("build_input_shape")->is_array())
    in_place(config.at("build_input_shape"), [&] { model->build_many({config.at("build_input_shape").shape()}); });
  return model;
}

}  // namespace keratin
