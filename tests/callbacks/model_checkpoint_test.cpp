#include <gtest/gtest.h>

#include <algorithm>

#include "keratin/saving.h"
#include "scripted_fit.h"
#include "support/npz.h"
#include "support/temporary_folder.h"
#include "support/throws.h"

namespace keratin {
namespace {

using callbacks::ModelCheckpoint;
using callbacks::ModelCheckpointOptions;
using testing::numbers;
using testing::ScriptedFit;
using testing::TemporaryFolder;

struct GoldenCase {
  const char* name;
  const char* path;
  ModelCheckpointOptions options;
};

const GoldenCase golden_cases[] = {
    {"checkpoint_every_epoch", "{epoch:02d}", {}},
    {"checkpoint_best", "{epoch:02d}", {.save_best_only = true}},
    {"checkpoint_best_max", "{epoch:02d}", {.save_best_only = true, .mode = "max"}},
    {"checkpoint_threshold", "{epoch:02d}", {.save_best_only = true, .initial_value_threshold = 0.45}},
    {"checkpoint_formats", "{epoch}-{epoch:4d}-{val_loss:.3f}-{val_loss:8.2e}-{val_loss:g}", {}},
    {"checkpoint_braces", "{{x}}-{epoch:>3}-{epoch:<3}-{epoch:03}", {}},
    {"checkpoint_batches", "{epoch:02d}-{batch:02d}", {.save_freq = 4}},
};

std::string names_in(const TemporaryFolder& folder) {
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(folder.path()))
    names.push_back(entry.path().filename().replace_extension().string());
  std::sort(names.begin(), names.end());
  std::string out;
  for (const std::string& name : names) out += (out.empty() ? "" : "\n") + name;
  return out;
}

TEST(ModelCheckpoint, WritesTheFilesThatKerasWrites) {
  const testing::Npz golden = testing::golden("callbacks");
  for (const GoldenCase& given : golden_cases) {
    const std::string name = given.name;
    for (const bool weights_only : {false, true}) {
      SCOPED_TRACE(name);
      const TemporaryFolder folder;
      ModelCheckpointOptions options = given.options;
      options.save_weights_only = weights_only;
      ScriptedFit fit;
      fit.run({{"val_loss", numbers(golden[name + "/val_loss"])}},
              ModelCheckpoint(folder / (std::string(given.path) + ".keratin"), options));
      EXPECT_EQ(names_in(folder), testing::text(golden[name + "/files"]));
    }
  }
}

TEST(ModelCheckpoint, HoldsTheWeightsOfItsEpoch) {
  const TemporaryFolder folder;
  ScriptedFit fit;
  fit.run({{"val_loss", {0.5, 0.4, 0.6}}},
          ModelCheckpoint(folder / "best.keratin", {.save_best_only = true, .save_weights_only = true}));
  fit.model().load_weights(folder / "best.keratin");
  EXPECT_EQ(fit.weight(), fit.weights().at(1));
}

TEST(ModelCheckpoint, HoldsAModelThatTrainsOn) {
  const TemporaryFolder folder;
  ScriptedFit fit;
  fit.run({{"val_loss", {0.5, 0.4, 0.6}}}, ModelCheckpoint(folder / "{epoch}.keratin"));
  Model loaded = load_model(folder / "2.keratin");
  loaded.fit(Array::ones({5, 1}), Array::zeros({5, 1}), {.batch_size = 1, .verbose = 0});
  EXPECT_EQ(loaded.get_weights().at(0).item<double>(), fit.weights().at(2));
}

TEST(ModelCheckpoint, KeepsTheBestFromFitToFit) {
  const TemporaryFolder folder;
  ScriptedFit fit;
  const Ref<Callback> checkpoint =
      ModelCheckpoint(folder / "{val_loss:.1f}.keratin", {.save_best_only = true, .save_weights_only = true});
  fit.run({{"val_loss", {0.5, 0.4}}}, checkpoint);
  fit.run({{"val_loss", {0.6, 0.3}}}, checkpoint);
  EXPECT_EQ(names_in(folder), "0.3\n0.4\n0.5");
}

TEST(ModelCheckpoint, MakesTheFolders) {
  const TemporaryFolder folder;
  ScriptedFit fit;
  fit.run({{"val_loss", {0.5}}},
          ModelCheckpoint(folder / "of/epoch {epoch}/weights.keratin", {.save_weights_only = true}));
  EXPECT_TRUE(std::filesystem::exists(folder / "of/epoch 1/weights.keratin"));
}

TEST(ModelCheckpoint, SaysWhatItDidWhenAsked) {
  const TemporaryFolder folder;
  ScriptedFit fit;
  const std::string path = (folder / "best.keratin").string();
  ::testing::internal::CaptureStdout();
  fit.run({{"val_loss", {0.5, 0.75}}},
          ModelCheckpoint(path, {.verbose = 1, .save_best_only = true, .save_weights_only = true}));
  EXPECT_EQ(::testing::internal::GetCapturedStdout(),
            "\nEpoch 1: val_loss improved from None to 0.50000, saving model to " + path +
                "\n\nEpoch 1: finished saving model to " + path +
                "\n\nEpoch 2: val_loss did not improve from 0.50000\n");
}

TEST(ModelCheckpoint, RefusesAPathThatCannotBeFilledIn) {
  for (const char* path : {"{epoch", "epoch}", "{}", "{epoch:x}", "{epoch:02d", "{epo ch}"})
    EXPECT_THROWS(ValueError, ModelCheckpoint(path), "ModelCheckpoint: expected {name} or {name:format} in the path");
  const TemporaryFolder folder;
  ScriptedFit fit;
  EXPECT_THROWS(ValueError, fit.run({{"loss", {0.5}}}, ModelCheckpoint(folder / "{val_loss}.keratin")),
                "ModelCheckpoint: expected the path to name one of epoch, loss, accuracy, got {val_loss}");
  EXPECT_THROWS(ValueError, fit.run({{"loss", {0.5}}}, ModelCheckpoint(folder / "{loss:d}.keratin")),
                "loss, which is no whole number");
}

TEST(ModelCheckpoint, RefusesWhatItCannotDo) {
  EXPECT_THROWS(ValueError, ModelCheckpoint("x", {.save_freq = 0}), "ModelCheckpoint: expected save_freq > 0, got 0");
  const TemporaryFolder folder;
  folder.write("file", "mine");
  ScriptedFit fit;
  EXPECT_THROWS(DataError, fit.run({{"loss", {0.5}}}, ModelCheckpoint(folder / "file/weights.keratin")),
                "ModelCheckpoint: cannot make the folder ");
  EXPECT_EQ(folder.read("file"), "mine");
}

}  // namespace
}  // namespace keratin
