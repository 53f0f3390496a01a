// Models in files: they come back, training goes on as if it had never stopped, and what cannot be read changes
// nothing.
#include <gtest/gtest.h>
#include <sys/resource.h>

#include <csignal>
#include <filesystem>

#include "base/scope_guard.h"
#include "formats/checkpoint/checkpoint_file.h"
#include "keratin/layers.h"
#include "keratin/ops.h"
#include "keratin/random.h"
#include "keratin/saving.h"
#include "support/integer_generator.h"
#include "support/temporary_folder.h"
#include "support/throws.h"

namespace keratin {
namespace {

using testing::TemporaryFolder;

constexpr std::int64_t samples = 50;

Array numbers(const char* name, const Shape& shape) {
  return Array(testing::IntegerGenerator(name).uniform_values<float>(static_cast<std::size_t>(shape.size())), shape);
}
Array x() { return numbers("checkpoint/x", {samples, 6}); }
Array y() { return numbers("checkpoint/y", {samples, 2}); }

Sequential network(bool with_input = true) {
  Sequential model({.name = "network"});
  if (with_input) model.add(Input({6}));
  model.add(layers::Dense(8, {.activation = "relu", .kernel_regularizer = "l2"}));
  model.add(layers::Dropout(0.25));
  model.add(layers::Dense(8, {.activation = "tanh", .trainable = false}));
  model.add(layers::Dropout(0.5));
  model.add(layers::Dense(2));
  return model;
}

Ref<Optimizer> optimizer(const std::string& name) {
  if (name == "sgd") return optimizers::SGD(0.05, {.momentum = 0.5, .nesterov = true, .weight_decay = 0.01});
  if (name == "rmsprop") return optimizers::RMSprop(0.01, {.momentum = 0.5, .centered = true, .clipnorm = 1.0});
  if (name == "adagrad") return optimizers::Adagrad(0.05);
  return optimizers::Adam(0.01, {.amsgrad = true});
}

Sequential compiled(const std::string& name = "adam", bool with_input = true, std::uint64_t seed = 7) {
  Sequential model = network(with_input);
  model.compile({.optimizer = optimizer(name), .loss = "mse", .metrics = {"mae"}, .seed = seed});
  return model;
}

/// Shuffled, the last batch partial, the learning rate another one in every epoch.
History train(Model& model, int from, int to) {
  return model.fit(x(), y(),
                   {.batch_size = 8,
                    .epochs = to,
                    .verbose = 0,
                    .callbacks = {callbacks::LearningRateScheduler([](int, double rate) { return rate * 0.875; })},
                    .validation_split = 0.125,
                    .initial_epoch = from});
}

std::string bytes_of(const Model& model) {
  const TemporaryFolder folder;
  model.save(folder / "model.keratin");
  return folder.read("model.keratin");
}

void expect_equal_weights(const Model& a, const Model& b) {
  ASSERT_EQ(a.weights().size(), b.weights().size());
  for (std::size_t i = 0; i < a.weights().size(); ++i)
    EXPECT_TRUE(std::ranges::equal(a.get_weights()[i].bytes(), b.get_weights()[i].bytes())) << a.weights()[i].path();
}

// ---- what comes back
// ------------------------------------------------------------------------------------------------------

TEST(Checkpoint, KeepsAModel) {
  const TemporaryFolder folder;
  Sequential model = compiled();
  train(model, 0, 2);
  model.save(folder / "a/b/model.keratin");
  Model loaded = load_model(folder / "a/b/model.keratin");
  EXPECT_EQ(loaded.to_json(), model.to_json());
  EXPECT_EQ(loaded.optimizer().iterations(), model.optimizer().iterations());
  EXPECT_EQ(loaded.optimizer().learning_rate(), model.optimizer().learning_rate());
  expect_equal_weights(loaded, model);
  EXPECT_TRUE(std::ranges::equal(std::as_const(loaded).get_weights()[0].bytes(), model.get_weights()[0].bytes()));
  EXPECT_EQ(loaded.evaluate(x(), y(), {.verbose = 0}).at("mae"), model.evaluate(x(), y(), {.verbose = 0}).at("mae"));
  EXPECT_EQ(bytes_of(loaded), folder.read("a/b/model.keratin"));
}

TEST(Checkpoint, HasEqualBytesForEqualModels) {
  Sequential a = compiled(), b = compiled();
  train(a, 0, 2);
  train(b, 0, 2);
  EXPECT_EQ(bytes_of(a), bytes_of(b));
  train(b, 2, 3);
  EXPECT_NE(bytes_of(a), bytes_of(b));
}

TEST(Checkpoint, KeepsAModelThatIsNotCompiled) {
  const TemporaryFolder folder;
  Sequential model = network();
  model.save(folder / "model.keratin");
  Model loaded = load_model(folder / "model.keratin");
  expect_equal_weights(loaded, model);
  EXPECT_THROWS(ValueError, loaded.optimizer(), "expected a compiled model");
  const Array data = x();
  EXPECT_TRUE(
      std::ranges::equal(loaded.predict(data, {.verbose = 0}).bytes(), model.predict(data, {.verbose = 0}).bytes()));
}

TEST(Checkpoint, LoadsWithoutCompilingOnDemand) {
  const TemporaryFolder folder;
  Sequential model = compiled();
  train(model, 0, 1);
  model.save(folder / "model.keratin");
  Model loaded = load_model(folder / "model.keratin", {.compile = false});
  EXPECT_THROWS(ValueError, loaded.optimizer(), "expected a compiled model");
  loaded.compile({.loss = "mae", .seed = 99});  // weights that were loaded are not drawn again
  expect_equal_weights(loaded, model);
}

class Shift final : public Layer {
 public:
  void build(const Shape& input) override { shift_ = add_weight("shift", {input.back()}, {.initializer = "ones"}); }
  Tensor call(const Tensor& x, const CallContext&) override { return x + shift_; }

 private:
  Variable shift_;
};

TEST(Checkpoint, KeepsLayersAndFunctionsOfTheUsers) {
  const TemporaryFolder folder;
  const auto halved = [](Tensor y_true, Tensor y_pred) {
    return ops::mean(ops::abs(y_true - y_pred), {.axis = -1}) * 0.5;
  };
  Sequential model({Input({6}), layers::Dense(2), make<Shift>()});
  model.compile({.loss = Loss::from_function(halved, "halved")});
  train(model, 0, 1);
  model.save(folder / "model.keratin");
  const auto custom = CustomObjects().add<Shift>("Shift").add_loss("halved", halved);
  Model loaded = load_model(folder / "model.keratin", {.custom_objects = custom});
  train(loaded, 1, 2);
  train(model, 1, 2);
  expect_equal_weights(loaded, model);
  EXPECT_THROWS(ValueError, load_model(folder / "model.keratin"),
                (folder / "model.keratin: model.config.layers[2]: expected a known layer").c_str());
}

TEST(Checkpoint, KeepsWhatIsExemptFromWeightDecay) {
  const TemporaryFolder folder;
  Sequential model = compiled("sgd");
  model.optimizer().exclude_from_weight_decay(std::vector<std::string>{"bias"});
  model.optimizer().exclude_from_weight_decay(Variables{model.layers().back()->weight("kernel")});
  train(model, 0, 1);
  model.save(folder / "model.keratin");
  Model loaded = load_model(folder / "model.keratin");
  train(loaded, 1, 2);
  train(model, 1, 2);
  expect_equal_weights(loaded, model);
}

// ---- going on
// -------------------------------------------------------------------------------------------------------------

class Resuming : public ::testing::TestWithParam<const char*> {};

TEST_P(Resuming, EqualsNeverHavingStopped) {
  Sequential whole = compiled(GetParam());
  const History all = train(whole, 0, 5);
  const TemporaryFolder folder;
  {
    Sequential first = compiled(GetParam());
    train(first, 0, 2);
    first.save(folder / "model.keratin");
  }
  set_random_seed(1234);  // nothing of this thread's is needed
  Model second = load_model(folder / "model.keratin");
  const History rest = train(second, 2, 5);
  EXPECT_EQ(rest.at("loss"), std::vector<double>(all.at("loss").begin() + 2, all.at("loss").end()));
  EXPECT_EQ(rest.at("val_mae"), std::vector<double>(all.at("val_mae").begin() + 2, all.at("val_mae").end()));
  EXPECT_EQ(bytes_of(second), bytes_of(whole));
}

TEST_P(Resuming, FromWeightsEqualsNeverHavingStopped) {
  Sequential whole = compiled(GetParam());
  train(whole, 0, 2);
  const TemporaryFolder folder;
  whole.save_weights(folder / "two.weights.keratin");
  train(whole, 2, 5);
  Sequential other = compiled(GetParam(), true, 99);
  train(other, 0, 1);  // its programs are made, its slots hold something
  other.load_weights(folder / "two.weights.keratin");
  train(other, 2, 5);
  EXPECT_EQ(bytes_of(other), bytes_of(whole));
}

INSTANTIATE_TEST_SUITE_P(Checkpoint, Resuming, ::testing::Values("sgd", "rmsprop", "adam", "adagrad"));

TEST(Checkpoint, GoesBackToBeforeTheFirstStep) {
  const TemporaryFolder folder;
  Sequential model = compiled();
  model.save_weights(folder / "fresh.keratin");
  const std::string fresh = bytes_of(model);
  train(model, 0, 1);
  const std::string trained = bytes_of(model);
  model.load_weights(folder / "fresh.keratin");
  train(model, 0, 1);
  EXPECT_EQ(bytes_of(model), trained);
}

TEST(Checkpoint, BuildsALaterModelFromTheSavedSeed) {
  const TemporaryFolder folder;
  Sequential whole = compiled("adam", false), saved = compiled("adam", false);
  saved.save(folder / "model.keratin");
  Model loaded = load_model(folder / "model.keratin");
  train(whole, 0, 1);
  train(loaded, 0, 1);
  expect_equal_weights(loaded, whole);
}

TEST(Checkpoint, KeepsARandomStreamOfALayerInTwoModelsOnce) {
  const TemporaryFolder folder;
  const Ref<Layer> dropout = layers::Dropout(0.5, {.name = "shared"});
  const Tensor a = Input({6}), b = Input({6});
  const Model inner(a, dropout(a), {.name = "inner"});
  Model model(b, layers::Dense(2)(inner(dropout(b))));
  model.compile({.loss = "mse", .seed = 3});
  train(model, 0, 1);
  model.save(folder / "model.keratin");
  Model loaded = load_model(folder / "model.keratin");
  train(loaded, 1, 2);
  train(model, 1, 2);
  expect_equal_weights(loaded, model);
}

// ---- weights alone
// --------------------------------------------------------------------------------------------------------

TEST(Checkpoint, GivesWeightsToAModelWithOtherNames) {
  const TemporaryFolder folder;
  Sequential model({Input({6}), layers::Dense(3, {.name = "a"}), layers::Dense(2, {.name = "b"})});
  model.save_weights(folder / "w.keratin");
  Sequential other({Input({6}), layers::Dense(3, {.name = "c"}), layers::Dense(2, {.name = "d"})});
  other.load_weights(folder / "w.keratin");
  expect_equal_weights(other, model);
}

TEST(Checkpoint, GivesWeightsOfAWholeModel) {
  const TemporaryFolder folder;
  Sequential model = compiled();
  train(model, 0, 1);
  model.save(folder / "model.keratin");
  Sequential other = network();
  other.load_weights(folder / "model.keratin");
  expect_equal_weights(other, model);
}

TEST(Checkpoint, LeavesAnOptimizerOfAnotherClassAlone) {
  const TemporaryFolder folder;
  Sequential model = compiled("adam"), other = compiled("sgd");
  train(model, 0, 1);
  model.save_weights(folder / "w.keratin");
  other.load_weights(folder / "w.keratin");
  EXPECT_EQ(other.optimizer().iterations(), 0);
  EXPECT_EQ(other.optimizer().learning_rate(), 0.05);
  expect_equal_weights(other, model);
}

TEST(Checkpoint, ConvertsBetweenFloats) {
  const TemporaryFolder folder;
  Sequential model({Input({6}), layers::Dense(2)}), doubles({Input({6}), layers::Dense(2, {.dtype = float64})});
  model.save_weights(folder / "w.keratin");
  doubles.load_weights(folder / "w.keratin");
  EXPECT_EQ(doubles.get_weights()[0].dtype(), float64);
  EXPECT_EQ(doubles.get_weights()[0].at<double>(1, 1), static_cast<double>(model.get_weights()[0].at(1, 1)));
}

class Subclassed final : public Model {
 protected:
  Tensor call(const Tensor& inputs, const CallContext&) override { return dense_(inputs); }

 private:
  Ref<Layer> dense_ = layers::Dense(2);
};

TEST(Checkpoint, KeepsTheWeightsOfASubclassedModel) {
  const TemporaryFolder folder;
  Subclassed model, other;
  model.compile({.loss = "mse", .seed = 5});
  train(model, 0, 1);
  EXPECT_THROWS(UnsupportedError, model.save(folder / "model.keratin"),
                "a model made by subclassing cannot be saved whole");
  EXPECT_FALSE(std::filesystem::exists(folder / "model.keratin"));
  model.save_weights(folder / "w.keratin");
  EXPECT_THROWS(DataError, other.load_weights(folder / "w.keratin"),
                "expected 0 weights as model has, got 2; the model is not built yet");
  other.compile({.loss = "mse", .seed = 5});
  train(other, 0, 1);
  train(other, 1, 2);
  other.load_weights(folder / "w.keratin");
  train(model, 1, 2);
  train(other, 1, 2);
  expect_equal_weights(other, model);
}

// ---- what is refused
// ------------------------------------------------------------------------------------------------------

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
