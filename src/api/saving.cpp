// The façade of saving: which file format a path means.
#include "keratin/saving.h"

#include "base/check.h"
#include "formats/checkpoint/model_checkpoint.h"
#include "training/model_config.h"
#include "training/model_state.h"

namespace keratin {
namespace {

/// The path, if it names a checkpoint.
const std::filesystem::path& checkpoint_path(const std::filesystem::path& path, const char* who) {
  const std::filesystem::path extension = path.extension();
  if (extension == ".keras" || extension == ".h5" || extension == ".hdf5")
    throw UnsupportedError(concat(who, ": Keras's own files are not there yet, got ", path.string(),
                                  "; use a path that ends in .keratin"));
  check_argument(extension == ".keratin", who, ": expected a path that ends in .keratin, got \"", path.string(), "\"");
  return path;
}

}  // namespace

void Model::save(const std::filesystem::path& path) const {
  save_checkpoint(checkpoint_path(path, "save"), *this, CheckpointContent::model);
}

void Model::save_weights(const std::filesystem::path& path) const {
  save_checkpoint(checkpoint_path(path, "save_weights"), *this, CheckpointContent::weights);
}

void Model::load_weights(const std::filesystem::path& path) {
  load_checkpoint_weights(checkpoint_path(path, "load_weights"), *this);
}

Model load_model(const std::filesystem::path& path, const LoadOptions& options) {
  return load_checkpoint(checkpoint_path(path, "load_model"), options);
}

std::string Model::to_json() const { return to_text(model_config(*this)); }

Model model_from_json(std::string_view json, const LoadOptions& options) {
  const Json config = parse_json(json);
  return model_from_config(ConfigPlace(config, ""), options);
}

Model clone_model(const Model& model, const CustomObjects& custom_objects) {
  const Json config = layer_config(*ModelAccess::state(model).network);
  return model_from_config(ConfigPlace(config, ""), {.custom_objects = custom_objects, .compile = false});
}

}  // namespace keratin
