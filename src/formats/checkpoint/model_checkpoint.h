// Models in checkpoints: what the JSON and the arrays of a checkpoint file mean. docs/checkpoint_format.md says how.
#pragma once

#include <filesystem>

#include "keratin/saving.h"

namespace KERATIN_INTERNAL_EXPORT keratin {

enum class CheckpointContent : std::uint8_t { model, weights };

/// Replaces the file, or leaves it as it was and throws DataError. Of a model as a whole also UnsupportedError for what
/// model_config() cannot hold.
void save_checkpoint(const std::filesystem::path& path, const Model& model, CheckpointContent content);
/// DataError for a damaged file and for one of weights alone; ValueError and UnsupportedError as model_from_config().
/// All name the file.
Model load_checkpoint(const std::filesystem::path& path, const LoadOptions& options);
/// From either kind of file. DataError for a damaged file and for another model's; the model is as it was then.
void load_checkpoint_weights(const std::filesystem::path& path, const Model& model);

}  // namespace keratin
