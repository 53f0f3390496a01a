#include "formats/checkpoint/model_checkpoint.h"

#include <utility>

#include "base/check.h"
#include "formats/checkpoint/checkpoint_file.h"
#include "training/model_config.h"
#include "training/saved_state.h"

namespace keratin {
namespace {

// ---- writing
// --------------------------------------------------------------------------------------------------------------

/// The state without its numbers, which go to the arrays in the order of the state's members.
Json state_config(SavedState state, std::vector<CheckpointArray>& arrays) {
  const auto put = [&](std::string name, Array value) { arrays.push_back({std::move(name), std::move(value)}); };
  Json config = Json::object();
  config["weights"] = state.weights.size();
  config["seed_generators"] = state.seed_generators.size();
  for (NamedArray& weight : state.weights) put(std::move(weight.name), std::move(weight.value));
  for (NamedArray& generator : state.seed_generators) put(std::move(generator.name), std::move(generator.value));
  if (!state.training) return config;
  SavedTraining& training = *state.training;
  Json written = Json::object();
  written["seed"] = training.seed;
  written["passes_begun"] = training.passes_begun;
  written["batches_taken"] = training.batches_taken;
  written["batches_in_pass"] = training.batches_in_pass;
  written["optimizer"] = training.optimizer;
  written["optimizer_variables"] = Json::array();
  for (NamedArray& variable : training.optimizer_variables) {
    written["optimizer_variables"].push_back(variable.name);
    put("optimizer/" + variable.name, std::move(variable.value));
  }
  written["updated"] = training.updated;
  written["slots"] = Json::array();
  for (SavedSlot& slot : training.slots) {
    written["slots"].push_back(Json::array({slot.name, slot.weight}));
    put(concat("optimizer/", arrays[slot.weight].name, "/", slot.name), std::move(slot.value));
  }
  written["not_decayed"] = training.not_decayed;
  written["not_decayed_parts"] = training.not_decayed_parts;
  config["training"] = std::move(written);
  return config;
}

// ---- reading
// --------------------------------------------------------------------------------------------------------------

/// A checkpoint's arrays, handed out one after another.
class Arrays {
 public:
  explicit Arrays(std::vector<CheckpointArray> arrays) : arrays_(std::move(arrays)) {}
  CheckpointArray next() {
    check_data(at_ < arrays_.size(), "expected more than ", at_, " arrays");
    return std::move(arrays_[at_++]);
  }
  std::vector<NamedArray> next(std::size_t count) {
    std::vector<NamedArray> out;
    for (std::size_t i = 0; i < count; ++i) {
      CheckpointArray array = next();
      out.push_back({std::move(array.name), std::move(array.value)});
    }
    return out;
  }
  void check_end() const { check_data(at_ == arrays_.size(), "expected ", at_, " arrays, got ", arrays_.size()); }

 private:
  std::vector<CheckpointArray> arrays_;
  std::size_t at_ = 0;
};

std::size_t count_of(const ConfigPlace& place) {
  const std::int64_t count = place.integer();
  if (count < 0) place.fail("a number of 0 or more");
  return static_cast<std::size_t>(count);
}

std::vector<std::size_t> counts_of(const ConfigPlace& place) {
  std::vector<std::size_t> out;
  for (std::size_t i = 0; i < place.size(); ++i) out.push_back(count_of(place.at(i)));
  return out;
}

SavedTraining read_training(const ConfigPlace& place, Arrays& arrays) {
  SavedTraining out;
  const ConfigPlace seed = place.at("seed");
  if (!seed->is_number_unsigned()) seed.fail("a number of 0 or more");
  out.seed = seed->get<std::uint64_t>();
  out.passes_begun = place.at("passes_begun").integer();
  if (place.contains("batches_taken")) {  // files of version 1 from before passes could be gone on with lack it
    out.batches_taken = place.at("batches_taken").integer();
    out.batches_in_pass = place.at("batches_in_pass").integer();
  }
  out.optimizer = place.at("optimizer").text();
  out.optimizer_variables = arrays.next(place.at("optimizer_variables").size());
  for (std::size_t i = 0; i < out.optimizer_variables.size(); ++i)
    out.optimizer_variables[i].name = place.at("optimizer_variables").at(i).text();
  out.updated = counts_of(place.at("updated"));
  const ConfigPlace slots = place.at("slots");
  for (std::size_t i = 0; i < slots.size(); ++i)
    out.slots.push_back(
        {slots.at(i).at(std::size_t{0}).text(), count_of(slots.at(i).at(std::size_t{1})), arrays.next().value});
  out.not_decayed = counts_of(place.at("not_decayed"));
  for (std::size_t i = 0; i < place.at("not_decayed_parts").size(); ++i)
    out.not_decayed_parts.push_back(place.at("not_decayed_parts").at(i).text());
  return out;
}

/// A checkpoint taken apart.
struct Parts {
  Json metadata;
  SavedState state;
};

Parts read_parts(const std::filesystem::path& path) {
  CheckpointFile file = read_checkpoint(path);
  try {
    Parts parts{parse_json(file.metadata), {}};
    const ConfigPlace metadata(parts.metadata, "metadata"), state = metadata.at("state");
    Arrays arrays(std::move(file.arrays));
    parts.state.weights = arrays.next(count_of(state.at("weights")));
    parts.state.seed_generators = arrays.next(count_of(state.at("seed_generators")));
    if (state.contains("training")) parts.state.training = read_training(state.at("training"), arrays);
    arrays.check_end();
    return parts;
  } catch (const ValueError& error) {  // undamaged, but not written by us
    throw DataError(concat(path.string(), ": ", error.what()));
  } catch (const DataError& error) {
    throw DataError(concat(path.string(), ": ", error.what()));
  }
}

void restore_from(const std::filesystem::path& path, const Model& model, const SavedState& state) {
  try {
    restore(model, state);
  } catch (const DataError& error) {
    throw DataError(concat(path.string(), ": ", error.what()));
  }
}

}  // namespace

void save_checkpoint(const std::filesystem::path& path, const Model& model, CheckpointContent content) {
  Json metadata = Json::object();
  if (content == CheckpointContent::model) metadata["model"] = model_config(model);
  CheckpointFile file;
  metadata["state"] = state_config(saved_state(model), file.arrays);
  file.metadata = to_text(metadata);
  write_checkpoint(path, file);
}

Model load_checkpoint(const std::filesystem::path& path, const LoadOptions& options) {
  const Parts parts = read_parts(path);
  const ConfigPlace metadata(parts.metadata, path.string());
  check_data(metadata.contains("model"), path.string(),
             ": expected a whole model, got weights alone; make the model and use load_weights()");
  const Model model =
      in_place(metadata, [&] { return model_from_config(ConfigPlace(parts.metadata["model"], "model"), options); });
  restore_from(path, model, parts.state);
  return model;
}

void load_checkpoint_weights(const std::filesystem::path& path, const Model& model) {
  restore_from(path, model, read_parts(path).state);
}

}  // namespace keratin
