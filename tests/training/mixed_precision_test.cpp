// Training under the mixed policies: against pinned Keras, and what compile, files and formats make of them.
#include <gtest/gtest.h>

#include <cmath>
#include <string>
#include <vector>

#include "keratin/layers.h"
#include "keratin/model.h"
#include "keratin/saving.h"
#include "support/approx.h"
#include "support/check_layer.h"
#include "support/npz.h"
#include "support/temporary_folder.h"
#include "support/throws.h"
#include "tiny_model.h"

namespace keratin {
namespace {

using testing::Policy;

const char* const weight_names[] = {"kernel_0", "bias_0", "kernel_1", "bias_1"};

/// tests/golden/cases/mixed.py
Sequential keras_model(const testing::Npz& golden, const Ref<Optimizer>& optimizer) {
  Sequential model({Input({6}), layers::Dense(12, {.activation = "tanh"}), layers::Dense(3)});
  std::vector<Array> weights;
  for (const std::string name : weight_names) weights.push_back(golden["initial_" + name]);
  model.set_weights(weights);
  model.compile({.optimizer = optimizer, .loss = losses::SparseCategoricalCrossentropy({.from_logits = true})});
  return model;
}

Array minus(const Array& a, const Array& b) { return (Tensor(a) - Tensor(b)).evaluate(); }

struct MixedCase {
  const char* policy;
  DType compute;
  /// Half a unit in the last place of the dtype's 8 or 11 bits is 2^-9 or 2^-12 of a number. Keras's backends, of
  /// which XLA does not round between fused operations, are up to five such units from each other: gradients of biases,
  /// sums of numbers of both signs.
  double tolerance;
};

class MixedPrecision : public ::testing::TestWithParam<MixedCase> {};

TEST_P(MixedPrecision, FollowsKeras) {
  const Policy policy(GetParam().policy);
  const double tolerance = GetParam().tolerance;
  const testing::Npz golden = testing::golden("mixed");
  const auto expected = [&](const std::string& name) { return golden[std::string(GetParam().policy) + "/" + name]; };
  const Array &x = golden["x"], &y = golden["y"];

  Sequential unit = keras_model(golden, optimizers::SGD(1.0));
  const Array output = unit.predict(x, {.verbose = 0});
  EXPECT_EQ(output.dtype(), GetParam().compute);
  EXPECT_CLOSE(output.astype(float32), expected("output"), tolerance);
  unit.train_on_batch(x, y);
  const std::vector<Array> after = unit.get_weights();
  for (std::size_t i = 0; i < after.size(); ++i) {
    const std::string name = weight_names[i];
    EXPECT_EQ(after[i].dtype(), float32) << name;
    EXPECT_CLOSE(minus(golden["initial_" + name], after[i]), expected(name + "_gradient"), tolerance) << name;
  }

  Sequential model = keras_model(golden, optimizers::SGD(0.25, {.momentum = 0.5}));
  std::vector<float> losses;
  for (int step = 0; step < 10; ++step) losses.push_back(static_cast<float>(model.train_on_batch(x, y).at("loss")));
  EXPECT_CLOSE(Array(losses, {10}), expected("losses"), tolerance);
  EXPECT_CLOSE(model.get_weights()[2], expected("kernel_1"), tolerance);
}

TEST_P(MixedPrecision, RoundsToSixteenBits) {
  const testing::Npz golden = testing::golden("mixed");
  const auto output = [&](const char* name) {
    const Policy policy(name);
    return keras_model(golden, optimizers::SGD()).predict(golden["x"], {.verbose = 0}).astype(float32);
  };
  EXPECT_FALSE(testing::close(output(GetParam().policy), output("float32"), testing::tolerance::float32));
}

INSTANTIATE_TEST_SUITE_P(Policies, MixedPrecision,
                         ::testing::Values(MixedCase{"mixed_bfloat16", bfloat16, 3e-2},
                                           MixedCase{"mixed_float16", float16, 4e-3}),
                         [](const auto& tested) { return std::string(tested.param.policy); });

double value_of(const Optimizer& optimizer, const std::string& name) {
  for (const Variable& variable : optimizer.variables())
    if (variable.name() == name) return variable.value().item<double>();
  return std::nan("");
}

TEST(LossScale, ScalesAndSkipsAsKerasDoes) {
  const Policy policy("mixed_float16");
  const testing::Npz golden = testing::golden("mixed");
  Sequential model = keras_model(
      golden,
      optimizers::LossScaleOptimizer(optimizers::SGD(0.25), {.initial_scale = 16777216.0, .dynamic_growth_steps = 2}));
  for (int step = 0; step < 14; ++step) {
    model.train_on_batch(golden["x"], golden["y"]);
    EXPECT_EQ(value_of(model.optimizer(), "dynamic_scale"), golden["loss_scale/scales"].at<double>(step)) << step;
    EXPECT_EQ(value_of(model.optimizer(), "step_counter"),
              static_cast<double>(golden["loss_scale/step_counters"].at<std::int64_t>(step)));
    EXPECT_EQ(model.optimizer().iterations(), golden["loss_scale/iterations"].at<std::int64_t>(step)) << step;
    EXPECT_CLOSE(model.get_weights()[3], golden["loss_scale/biases"][step].copy(), 4e-3) << step;
  }
}

// ---- compile
// ----------------------------------------------------------------------------------------------------------------

Sequential one_layer() { return Sequential({Input({1}), layers::Dense(2)}); }

std::string optimizer_of(const Model& model) { return model.optimizer().class_name(); }

TEST(AutoScaleLoss, WrapsTheOptimizerUnderMixedFloat16Alone) {
  const auto optimizer_under = [](const char* name, bool scales, const Ref<Optimizer>& optimizer) {
    const Policy policy(name);
    Sequential model = one_layer();
    model.compile({.optimizer = optimizer, .loss = "mse", .auto_scale_loss = scales});
    return optimizer_of(model);
  };
  EXPECT_EQ(optimizer_under("mixed_float16", true, "adam"), "LossScaleOptimizer");
  EXPECT_EQ(optimizer_under("mixed_float16", false, "adam"), "Adam");
  EXPECT_EQ(optimizer_under("mixed_bfloat16", true, "adam"), "Adam");
  EXPECT_EQ(optimizer_under("float32", true, "adam"), "Adam");
  const Policy policy("mixed_float16");
  Sequential model = one_layer();
  const Ref<Optimizer> own = optimizers::LossScaleOptimizer("adam");
  model.compile({.optimizer = own, .loss = "mse"});
  EXPECT_EQ(&model.optimizer(), &*own);
}

TEST(AutoScaleLoss, LeavesTheRateToTheInnerOptimizer) {
  const Policy policy("mixed_float16");
  const Ref<Optimizer> sgd = optimizers::SGD(0.25);
  Sequential model = one_layer();
  model.compile({.optimizer = sgd, .loss = "mse"});
  EXPECT_EQ(model.optimizer().learning_rate(), 0.25);
  model.optimizer().set_learning_rate(0.0);
  EXPECT_EQ(sgd->learning_rate(), 0.0);
  const std::vector<Array> before = model.get_weights();
  model.train_on_batch(testing::column(4), Array::ones({4, 2}));
  EXPECT_EQ(sgd->iterations(), 1);
  EXPECT_TRUE(testing::same(model.get_weights(), before));
}

// ---- configurations and files
// -------------------------------------------------------------------------------------------

TEST(MixedConfig, ComesBack) {
  const auto text = [](bool functional) {
    const Policy policy("mixed_float16");
    const Tensor x = Input({1});
    Model model = functional ? Model(x, layers::Dense(2)(x), {.name = "model"}) : Model(one_layer());
    model.compile({.optimizer = "adam", .loss = "mse"});
    return model.to_json();
  };
  for (const bool functional : {false, true}) {
    const std::string written = text(functional);
    EXPECT_NE(written.find(R"("dtype":{"module":"keras","class_name":"DTypePolicy","config":{"name":"mixed_float16"})"),
              std::string::npos);
    EXPECT_NE(written.find(R"("optimizer":{"module":"keras.optimizers","class_name":"Adam")"), std::string::npos);
    EXPECT_EQ(written.find("auto_scale_loss"), std::string::npos);
    const Model read = model_from_json(written);  // under float32
    EXPECT_EQ(read.to_json(), written);
    EXPECT_EQ(optimizer_of(read), "LossScaleOptimizer");
    EXPECT_EQ(read.outputs()[0].dtype(), float16);
  }
}

TEST(MixedConfig, KeepsWhatCompileWasGiven) {
  const Policy policy("mixed_float16");
  Sequential plain = one_layer(), scaled = one_layer();
  plain.compile({.optimizer = "adam", .loss = "mse", .auto_scale_loss = false});
  EXPECT_EQ(optimizer_of(model_from_json(plain.to_json())), "Adam");
  scaled.compile(
      {.optimizer = optimizers::LossScaleOptimizer(optimizers::Adam(0.5), {.initial_scale = 8.0}), .loss = "mse"});
  const Model read = model_from_json(scaled.to_json());
  EXPECT_EQ(read.to_json(), scaled.to_json());
  EXPECT_EQ(read.optimizer().learning_rate(), 0.5);
  EXPECT_EQ(value_of(read.optimizer(), "dynamic_scale"), 8.0);
}

Sequential network(const Ref<Optimizer>& inner) {
  Sequential model(
      {Input({1}), layers::Dense(4, {.activation = "tanh"}), layers::BatchNormalization(), layers::Dense(1)});
  model.compile(
      {.optimizer = optimizers::LossScaleOptimizer(inner, {.dynamic_growth_steps = 2}), .loss = "mse", .seed = 3});
  return model;
}

void train(Model& model, int from, int to) {
  model.fit(testing::column(10, -5.0F), testing::column(10, -4.0F),
            {.batch_size = 5, .epochs = to, .verbose = 0, .initial_epoch = from});
}

TEST(MixedFile, GoesOnWithTheBitsOfOneRun) {
  const testing::TemporaryFolder folder;
  for (const char* const name : {"mixed_float16", "mixed_bfloat16", "float16"}) {
    const Policy policy(name);
    Sequential whole = network(optimizers::Adam(0.05)), model = network(optimizers::Adam(0.05));
    train(whole, 0, 4);
    train(model, 0, 2);
    model.save(folder / "model.keratin");
    const double scale = value_of(model.optimizer(), "dynamic_scale");
    EXPECT_NE(scale, 32768.0) << name;
    Model loaded = load_model(folder / "model.keratin");
    EXPECT_EQ(value_of(loaded.optimizer(), "dynamic_scale"), scale) << name;
    train(loaded, 2, 4);
    EXPECT_TRUE(testing::same(loaded.get_weights(), whole.get_weights())) << name;
    EXPECT_EQ(value_of(loaded.optimizer(), "dynamic_scale"), value_of(whole.optimizer(), "dynamic_scale")) << name;
  }
}

TEST(MixedFile, GivesNoStateToAnotherInnerOptimizer) {
  const testing::TemporaryFolder folder;
  const Policy policy("mixed_float16");
  Sequential model = network(optimizers::Adam(0.05)), other = network(optimizers::SGD(0.25));
  train(model, 0, 2);
  model.save_weights(folder / "weights.keratin");
  other.load_weights(folder / "weights.keratin");
  EXPECT_TRUE(testing::same(other.get_weights(), model.get_weights()));
  EXPECT_EQ(other.optimizer().iterations(), 0);
  EXPECT_EQ(value_of(other.optimizer(), "dynamic_scale"), 32768.0);
}

// ---- losses and metrics
// -------------------------------------------------------------------------------------------------

/// 400 · 400 is more than float16 holds, and 257 less than bfloat16 tells from 256.
TEST(MixedObjectives, AreComputedInFloat32) {
  for (const char* const name : {"mixed_float16", "mixed_bfloat16"}) {
    const Policy policy(name);
    Sequential model({Input({1}), layers::Activation("linear")});
    model.compile({.loss = "mse", .metrics = {"mae", metrics::MeanSquaredError()}});
    const Logs logs = model.evaluate(Array::full({3, 1}, 400.0), Array::full({3, 1}, 143.0), {.verbose = 0});
    EXPECT_EQ(logs.at("loss"), 66049.0) << name;
    EXPECT_EQ(logs.at("mae"), 257.0) << name;
    EXPECT_EQ(logs.at("mean_squared_error"), 66049.0) << name;
  }
}

TEST(MixedObjectives, SumActivityPenaltiesInFloat32) {
  const Policy policy("mixed_float16");
  Sequential model({Input({1}), layers::Dense(1, {.use_bias = false,
                                                  .kernel_initializer = "ones",
                                                  .activity_regularizer = regularizers::L2(1.0)})});
  model.compile({.loss = [](Tensor, Tensor y) { return y * 0.0; }});
  EXPECT_EQ(model.evaluate(Array::full({2, 1}, 400.0), Array::ones({2, 1}), {.verbose = 0}).at("loss"), 160000.0);
}

}  // namespace
}  // namespace keratin
