// Models in files: they come back, and training goes on as if it had never stopped.
#include <gtest/gtest.h>

#include <filesystem>

#include "keratin/layers.h"
#include "keratin/ops.h"
#include "keratin/random.h"
#include "keratin/saving.h"
#include "support/temporary_folder.h"
#include "support/throws.h"
#include "trained_model.h"

namespace keratin {
namespace {

using testing::bytes_of;
using testing::compiled;
using testing::expect_equal_weights;
using testing::network;
using testing::TemporaryFolder;
using testing::train;
using testing::x;
using testing::y;

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

}  // namespace
}  // namespace keratin
