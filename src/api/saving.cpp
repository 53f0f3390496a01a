// The façade of saving: which file format a path means, and whose message an error becomes.
#include "keratin/saving.h"


#include "base/check.h"
#include "training/model_config.h"
#include "training/model_state.h"

namespace keratin {

std::string Model::to_json() const { return to_text(model_config(*this)); }

Model model_from_json(std::string_view json, LoadOptions options) {
  const Json config = parse_json(json);
  return model_from_config(ConfigPlace(config, ""), options);
}

Model clone_model(const Model& model, const CustomObjects& custom_objects) {
  const Json config = layer_config(*ModelAccess::state(model).network);
  return model_from_config(ConfigPlace(config, ""), {.custom_objects = custom_objects, .compile = false});
}

}  // namespace keratin
