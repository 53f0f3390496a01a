// Files of models that cannot be read or written: the error says why, and nothing has changed.
#include <gtest/gtest.h>
#include <sys/resource.h>

#include <csignal>
#include <filesystem>

#include "base/scope_guard.h"
#include "formats/checkpoint/checkpoint_file.h"
#include "keratin/layers.h"
#include "keratin/saving.h"
#include "support/temporary_folder.h"
#include "support/throws.h"
#include "trained_model.h"

namespace keratin {
namespace {

using testing::bytes_of;
using testing::compiled;
using testing::network;
using testing::TemporaryFolder;
using testing::train;

/// Loading must fail and change nothing.
void expect_refused(Model& model, const TemporaryFolder& folder, std::string_view name, const char* message) {
  const std::string before = bytes_of(model);
  EXPECT_THROWS(DataError, model.load_weights(folder / name), message);
  EXPECT_EQ(bytes_of(model), before);
}

TEST(Checkpoint, RefusesAnotherModelsWeights) {
  const TemporaryFolder folder;
  Sequential model = compiled();
  train(model, 0, 1);
  Sequential({Input({6}), layers::Dense(8), layers::Dense(8), layers::Dense(3)}).save(folder / "wide.keratin");
  Sequential({Input({6}), layers::Dense(8)}).save(folder / "short.keratin");
  Sequential({Input({6}), layers::Dense(8), layers::Dense(8), layers::Dense(2)}).save(folder / "certain.keratin");
  expect_refused(
      model, folder, "wide.keratin",
      "wide.keratin: expected dense_2/kernel of shape (8, 2), got (8, 3); the file belongs to another model");
  expect_refused(model, folder, "short.keratin",
                 "short.keratin: expected 6 weights as network has, got 2; the file belongs to another model");
  expect_refused(model, folder, "certain.keratin", "certain.keratin: expected 2 seed generators as network has, got 0");
}

TEST(Checkpoint, RefusesADamagedFileWithoutChangingAnything) {
  const TemporaryFolder folder;
  Sequential model({Input({2}), layers::Dense(2)});
  model.compile({.optimizer = "adam", .loss = "mse"});
  model.train_on_batch(Array::ones({4, 2}), Array::zeros({4, 2}));
  const std::string whole = bytes_of(model), before = whole;
  for (std::size_t at = 0; at < whole.size(); at += 13) {  // checkpoint_file_test.cpp flips every one
    std::string flipped = whole;
    flipped[at] = static_cast<char>(flipped[at] ^ (1 << (at % 8)));
    folder.write("flipped.keratin", flipped);
    EXPECT_THROWS(DataError, load_model(folder / "flipped.keratin"), "flipped.keratin: expected");
    EXPECT_THROWS(DataError, model.load_weights(folder / "flipped.keratin"), "flipped.keratin: expected");
  }
  for (std::size_t size = 0; size < whole.size(); size += 97) {
    folder.write("cut.keratin", std::string_view(whole).substr(0, size));
    EXPECT_THROWS(DataError, load_model(folder / "cut.keratin"), "cut.keratin: expected");
  }
  EXPECT_EQ(bytes_of(model), before);
}

TEST(Checkpoint, RefusesFilesOfOthers) {
  const TemporaryFolder folder;
  EXPECT_THROWS(DataError, load_model(folder / "missing.keratin"), "missing.keratin: expected a file that can be read");
  folder.write("text.keratin", "The quick brown fox jumps over the lazy dog.");
  EXPECT_THROWS(DataError, load_model(folder / "text.keratin"), "text.keratin: expected the first bytes KERATIN");
  network().save_weights(folder / "w.keratin");
  EXPECT_THROWS(DataError, load_model(folder / "w.keratin"), "w.keratin: expected a whole model, got weights alone");
}

TEST(Checkpoint, RefusesAnUndamagedFileThatMakesNoSense) {
  const TemporaryFolder folder;
  Sequential model({Input({2}), layers::Dense(2)});
  model.compile({.optimizer = optimizers::SGD(0.5, {.momentum = 0.5}), .loss = "mse"});
  model.train_on_batch(Array::ones({4, 2}), Array::zeros({4, 2}));
  model.save_weights(folder / "good.keratin");
  const CheckpointFile good = read_checkpoint(folder / "good.keratin");
  const auto refuses = [&](const std::string& from, const std::string& to, const char* message) {
    CheckpointFile broken = good;
    const std::size_t at = broken.metadata.find(from);
    ASSERT_NE(at, std::string::npos) << from << " in " << broken.metadata;
    broken.metadata.replace(at, from.size(), to);
    write_checkpoint(folder / "broken.keratin", broken);
    expect_refused(model, folder, "broken.keratin", message);
  };
  refuses(R"("weights":2)", R"("weights":3)", "broken.keratin: expected more than 6 arrays");
  refuses(R"("weights":2)", R"("weights":-1)", "metadata.state.weights: expected a number of 0 or more, got -1");
  refuses(R"("weights":2)", R"("weights":2000000000)", "expected more than 6 arrays");
  refuses(R"("weights":2,"seed_generators":0)", R"("weights":1,"seed_generators":1)",
          "broken.keratin: expected 2 weights");
  refuses(R"("state")", R"("estate")", R"(metadata: expected an object with "state")");
  refuses(R"("slots":[["momentum",0])", R"("slots":[["momentum",9])",
          "expected weights below 2 for the optimizer, got 9");
  refuses(R"("slots":[["momentum",0])", R"("slots":[["momentum",1])",
          "expected momentum of dense/bias of shape (2,), got (2, 2)");
  refuses(R"("updated":[0,1])", R"("updated":[0])", "expected slots of updated weights, got momentum of dense/bias");
  refuses(R"("slots":[["momentum",0],)", R"("slots":[)", "arrays");
}

TEST(Checkpoint, ChoosesTheFormatByThePath) {
  const TemporaryFolder folder;
  const Sequential model = network();
  EXPECT_THROWS(UnsupportedError, model.save(folder / "m.keras"), "save: Keras's own files are not there yet");
  EXPECT_THROWS(UnsupportedError, model.save_weights(folder / "m.weights.h5"), "use a path that ends in .keratin");
  EXPECT_THROWS(ValueError, model.save(folder / "model"), "save: expected a path that ends in .keratin, got");
  EXPECT_THROWS(UnsupportedError, load_model(folder / "m.keras"), "load_model: Keras's own files");
  EXPECT_THROWS(ValueError, load_model(folder.path()), "load_model: expected a path that ends in .keratin");
}

TEST(Checkpoint, LeavesTheOldFileWhenTheDiskIsFull) {
  const TemporaryFolder folder;
  Sequential model = compiled();
  model.save(folder / "model.keratin");
  const std::string old = folder.read("model.keratin");
  train(model, 0, 1);
  {
    rlimit limit{};
    ASSERT_EQ(getrlimit(RLIMIT_FSIZE, &limit), 0);
    const rlimit small{static_cast<rlim_t>(old.size() / 2), limit.rlim_max};
    const auto handler = std::signal(SIGXFSZ, SIG_IGN);
    ASSERT_EQ(setrlimit(RLIMIT_FSIZE, &small), 0);
    const ScopeGuard undo([&] {
      setrlimit(RLIMIT_FSIZE, &limit);
      std::signal(SIGXFSZ, handler);
    });
    EXPECT_THROWS(DataError, model.save(folder / "model.keratin"),
                  "model.keratin: expected to write the file, got \"File too large\"");
  }
  EXPECT_EQ(folder.read("model.keratin"), old);
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(folder.path()), {}), 1);
  model.save(folder / "model.keratin");
  EXPECT_NE(folder.read("model.keratin"), old);
}

TEST(Checkpoint, RefusesAFolderThatCannotBe) {
  const TemporaryFolder folder;
  folder.write("file", "x");
  EXPECT_THROWS(DataError, network().save(folder / "file/model.keratin"), "file");
}

}  // namespace
}  // namespace keratin
