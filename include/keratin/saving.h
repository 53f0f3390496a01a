// Saving and loading models: files, and JSON in Keras's form.
#pragma once

#include <string_view>

#include "keratin/custom_objects.h"
#include "keratin/export.h"
#include "keratin/model.h"

namespace KERATIN_EXPORT keratin {

struct LoadOptions {
  CustomObjects custom_objects = {};
  bool compile = true;                                         // as the saved model was compiled
};
/// The model that Model::to_json() or Keras's to_json() wrote, with fresh weights. ValueError and UnsupportedError name the place
/// in the configuration. If compile's options hold a function without a name, the model is not compiled; fit then says so.
Model model_from_json(std::string_view json, LoadOptions options = {});
/// A model of the same layers with fresh weights, not compiled. custom_objects: as for load_model.
Model clone_model(const Model& model, const CustomObjects& custom_objects = {});

}  // namespace keratin
