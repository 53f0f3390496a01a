// Saving and loading models: files, and JSON in Keras's form.
#pragma once

#include <filesystem>
#include <string_view>

#include "keratin/custom_objects.h"
#include "keratin/export.h"
#include "keratin/model.h"

namespace KERATIN_EXPORT keratin {

struct LoadOptions {
  CustomObjects custom_objects = {};
  bool compile = true;  // as the saved model was compiled
};
/// The model that Model::save() wrote; seed, and with it shuffling and dropout, go on where they were, device and
/// threads are this machine's. DataError for a damaged file, ValueError for a class that custom_objects lacks; all name
/// the file. If compile's options held a function without a name, the model is not compiled; fit then says so.
Model load_model(const std::filesystem::path& path, const LoadOptions& options = {});
/// The model that Model::to_json() or Keras's to_json() wrote, with fresh weights. ValueError and UnsupportedError name
/// the place in the configuration.
Model model_from_json(std::string_view json, const LoadOptions& options = {});
/// A model of the same layers with fresh weights, not compiled. custom_objects: as for load_model.
Model clone_model(const Model& model, const CustomObjects& custom_objects = {});

}  // namespace keratin
