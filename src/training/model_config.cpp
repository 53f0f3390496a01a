#include "training/model_config.h"

#include "training/model_state.h"

namespace keratin {

Json model_config(const Model& model) {
  const ModelState& state = ModelAccess::state(model);
  Json config = layer_config(*state.network);
  if (state.compiled && state.compiled->optimizer) config["compile_config"] = compile_config(state.compiled->options);
  return config;
}

Model model_from_config(const ConfigPlace& place, const LoadOptions& options) {
  LayerReader reader(options.custom_objects);
  const auto state = std::make_shared<ModelState>();
  state->network = reader.layer(place);
  const bool functional = dynamic_cast<const Functional*>(state->network.get()) != nullptr;
  if (!functional && dynamic_cast<const SequentialNetwork*>(state->network.get()) == nullptr)
    place.at("class_name").fail("a model: Sequential or Functional");
  Model model = ModelAccess::make(state);
  if (!options.compile || !place.contains("compile_config")) return model;
  const ConfigPlace compile = place.at("compile_config");
  if (compile.is_null() || compile->empty()) return model;
  if (const std::string part = unsaved_part(compile); !part.empty()) {
    state->why_not_compiled = concat(": ", part, " was a function without a name, which no file can hold");
    return model;
  }
  const std::vector<std::string> outputs =
      state->functional() != nullptr ? state->functional()->output_names() : std::vector<std::string>{};
  CompileOptions read = read_compile_config(compile, outputs, reader);
  in_place(compile, [&] { model.compile(std::move(read)); });
  return model;
}

}  // namespace keratin
