// compile(): what works without it, what it does to the weights, and what it forgets.
#include <gtest/gtest.h>

#include <vector>

#include "keratin/layers.h"
#include "keratin/model.h"
#include "support/approx.h"
#include "support/throws.h"
#include "tiny_model.h"

namespace keratin {
namespace {

using testing::same;

const Array kX = Array::ones({20, 4}), kY = Array::zeros({20, 1});

TEST(Compile, IsNotNeededToPredict) {
  Sequential model({Input({2}), layers::Dense(1)});
  const Array before = model.predict(Array::ones({1, 2}), {.verbose = 0});
  EXPECT_CLOSE(model.predict_on_batch(Array::ones({1, 2}))[0], before, 0.0);
  for (int i = 0; i < 2; ++i) {  // also after a prediction
    EXPECT_THROWS(ValueError, model.fit(kX, kY), "fit: expected a compiled model; call compile() first");
    EXPECT_THROWS(ValueError, model.evaluate(kX, kY), "evaluate: expected a compiled model; call compile() first");
    EXPECT_THROWS(ValueError, model.train_on_batch(kX, kY),
                  "train_on_batch: expected a compiled model; call compile() first");
    EXPECT_THROWS(ValueError, model.test_on_batch(kX, kY),
                  "test_on_batch: expected a compiled model; call compile() first");
    EXPECT_THROWS(ValueError, model.optimizer(), "sequential: expected a compiled model; call compile() first");
    model.predict(Array::ones({1, 2}), {.verbose = 0});
  }
}

TEST(Compile, WithoutASeedLeavesTheWeightsAlone) {
  Sequential model({Input({2}), layers::Dense(3)});
  const std::vector<Array> before = model.get_weights();
  model.compile({.loss = "mse"});
  EXPECT_TRUE(same(model.get_weights(), before));
}

TEST(Compile, WithASeedDrawsTheWeightsThatNobodySet) {
  const auto weights = [](std::uint64_t seed) {
    Sequential model({Input({2}), layers::Dense(3), layers::Dense(2)});
    model.get_layer("dense")->weight("kernel").assign(Tensor(Array::full({2, 3}, 5.0)));
    model.compile({.loss = "mse", .seed = seed});
    return model.get_weights();
  };
  EXPECT_TRUE(same(weights(1), weights(1)));
  EXPECT_CLOSE(weights(1)[0], Array::full({2, 3}, 5.0), 0.0);
  EXPECT_FALSE(testing::close(weights(1)[2], weights(2)[2], 0.0));
}

TEST(Compile, AgainKeepsTrainedWeightsAndForgetsTheRest) {
  Sequential model({Input({4}), layers::Dense(8, {.activation = "tanh"}), layers::Dense(1)});
  model.compile({.optimizer = "adam", .loss = "mse", .seed = 1});
  model.fit(kX, kY, {.verbose = 0});
  const std::vector<Array> trained = model.get_weights();
  model.compile({.optimizer = optimizers::SGD(0.0), .loss = "mae", .metrics = {"mse"}, .seed = 2});
  EXPECT_TRUE(same(model.get_weights(), trained));
  EXPECT_EQ(model.optimizer().iterations(), 0);
  const Logs logs = model.evaluate(kX, kY, {.verbose = 0});
  EXPECT_NE(logs.at("loss"), logs.at("mse"));
}

TEST(Compile, LetsTwoModelsShareALayer) {
  const Ref<Layer> shared = layers::Dense(1, {.use_bias = false, .kernel_initializer = "ones"});
  const auto model_with = [&](double scale) {
    const Tensor x = Input({1});
    Model model(x, shared(x) * scale);
    model.compile({.optimizer = optimizers::SGD(1.0), .loss = [](Tensor, Tensor y) { return y; }});
    return model;
  };
  Model a = model_with(1.0), b = model_with(10.0);
  a.train_on_batch(Array::ones({1, 1}), Array::ones({1, 1}));
  b.train_on_batch(Array::ones({1, 1}), Array::ones({1, 1}));
  a.train_on_batch(Array::ones({1, 1}), Array::ones({1, 1}));
  EXPECT_EQ(shared->get_weights()[0].item<float>(), 1.0F - 1.0F - 10.0F - 1.0F);
}

/// w x, with the loss w x.
Sequential one_weight(const Ref<Optimizer>& optimizer, const std::vector<Ref<Metric>>& metrics = {}) {
  Sequential model({Input({1}), layers::Dense(1, {.use_bias = false, .kernel_initializer = "ones"})});
  model.compile({.optimizer = optimizer, .loss = [](Tensor, Tensor y) { return y; }, .metrics = metrics});
  return model;
}

TEST(Compile, RefusesAnOptimizerThatHasTrainedAnotherModel) {
  const Ref<Optimizer> shared = optimizers::Adam(0.5);
  const Array x = Array::ones({1, 1});
  Sequential a = one_weight(shared), b = one_weight(shared);
  a.train_on_batch(x, x);
  const char* message =
      "adam: expected variables of the model that it has trained, got dense/kernel of another model; compile each "
      "model with an optimizer of its own";
  EXPECT_THROWS(ValueError, b.train_on_batch(x, x), message);
  EXPECT_EQ(shared->iterations(), 1);
  EXPECT_EQ(shared->variables().size(), 4U);  // iteration, learning_rate, two slots: none of b's
  EXPECT_EQ(b.get_weights()[0].item<float>(), 1.0F);
  a.train_on_batch(x, x);
  a.compile({.optimizer = shared, .loss = "mse"});  // the same model may go on with it
  a.train_on_batch(x, x);
  EXPECT_EQ(shared->iterations(), 3);
  const Ref<Optimizer> left = optimizers::SGD(0.5);
  one_weight(left).train_on_batch(x, x);  // of a model that is no more
  b.compile({.optimizer = left, .loss = "mse"});
  EXPECT_THROWS(ValueError, b.train_on_batch(x, x), "of another model");
}

TEST(Compile, LeavesWeightsThatNoLossDependsOnAlone) {
  const Tensor x = Input({1});
  Model model(x, {layers::Dense(1, {.kernel_initializer = "ones", .name = "judged"})(x),
                  layers::Dense(1, {.kernel_initializer = "ones", .name = "free"})(x)});
  model.compile({.optimizer = optimizers::AdamW(0.5, {.weight_decay = 0.5}), .loss = {{"judged", "mse"}}});
  model.train_on_batch(Array::ones({1, 1}), {Array::zeros({1, 1}), Array::zeros({1, 1})});
  EXPECT_NE(model.get_weights()[0].item<float>(), 1.0F);
  EXPECT_EQ(model.get_weights()[2].item<float>(), 1.0F) << "not decayed, as in Keras";
  EXPECT_EQ(model.optimizer().variables().size(), 2U + 2U * 4U) << "slots of all, as in Keras";
}

TEST(Compile, LetsTwoModelsOfTheSameWeightsShareAnOptimizer) {
  const Ref<Optimizer> shared = optimizers::SGD(1.0);
  const Ref<Layer> dense = layers::Dense(1, {.use_bias = false, .kernel_initializer = "ones"});
  const auto model_with = [&](double scale) {
    const Tensor x = Input({1});
    Model model(x, dense(x) * scale);
    model.compile({.optimizer = shared, .loss = [](Tensor, Tensor y) { return y; }});
    return model;
  };
  Model a = model_with(1.0), b = model_with(10.0);
  a.train_on_batch(Array::ones({1, 1}), Array::ones({1, 1}));
  b.train_on_batch(Array::ones({1, 1}), Array::ones({1, 1}));
  EXPECT_EQ(dense->get_weights()[0].item<float>(), 1.0F - 1.0F - 10.0F);
  EXPECT_EQ(shared->iterations(), 2);
}

TEST(Compile, LetsTwoModelsTellTheirOwnNumbersByOneMetric) {
  const Ref<Metric> shared = metrics::MeanAbsoluteError();
  const Array zeros = Array::zeros({4, 1});
  Sequential a = one_weight(optimizers::SGD(0.0), {shared}), b = one_weight(optimizers::SGD(0.0), {shared});
  const auto error = [&](Sequential& model, double x) {
    return model.evaluate(Array::full({4, 1}, x), zeros, {.batch_size = 2, .verbose = 0}).at("mean_absolute_error");
  };
  EXPECT_EQ(error(a, 1.0), 1.0);
  EXPECT_EQ(error(b, 5.0), 5.0);
  EXPECT_EQ(error(a, 2.0), 2.0);
  EXPECT_EQ(b.fit(Array::full({4, 1}, 3.0), zeros, {.epochs = 2, .verbose = 0}).at("mean_absolute_error")[1], 3.0);
}

TEST(Compile, RefusesABudgetOfNoThreads) {
  Sequential model({Input({3}), layers::Dense(2)});
  EXPECT_THROWS(ValueError, model.compile({.threads = 0}), "compile: expected threads in [1, 1024], got 0");
}

}  // namespace
}  // namespace keratin
