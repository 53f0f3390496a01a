// Models by subclassing: call(), train_step() of one's own, two optimizers, parts that are models.
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "keratin/layers.h"
#include "keratin/model.h"
#include "keratin/ops.h"
#include "support/approx.h"
#include "support/throws.h"

namespace keratin {
namespace {

using Names = std::vector<std::string>;

const Array kOnes = Array::ones({4, 1}), kZeros = Array::zeros({4, 1});

Ref<Layer> scaling(double scale) {
  return layers::Dense(1, {.use_bias = false, .kernel_initializer = initializers::Constant(scale)});
}

Names paths_of(const Variables& weights) {
  Names paths;
  for (const Variable& weight : weights) paths.push_back(weight.path());
  return paths;
}

/// y = second(first(x))
class Chain : public Model {
 public:
  explicit Chain(ModelOptions options = {}) : Model(std::move(options)) {}

 protected:
  Tensor call(const Tensor& x, const CallContext&) override { return second_(first_(x)); }

 private:
  Ref<Layer> first_ = scaling(2.0), second_ = scaling(3.0);
};

TEST(Subclass, TrainsEvaluatesAndPredicts) {
  Chain model;
  EXPECT_TRUE(model.weights().empty());
  EXPECT_CLOSE(model.predict(kOnes, {.verbose = 0}), Array::full({4, 1}, 6.0), 0.0);
  EXPECT_EQ(paths_of(model.weights()), (Names{"model/dense/kernel", "model/dense_1/kernel"}));
  model.compile({.optimizer = optimizers::SGD(0.5), .loss = [](Tensor, Tensor y) { return y; }, .metrics = {"mae"}});
  const History history = model.fit(kOnes, kZeros, {.epochs = 2, .verbose = 0, .validation_split = 0.5});
  EXPECT_EQ(history.at("loss")[0], 6.0);
  EXPECT_EQ(history.at("val_mae")[0], 0.5 * 2.0);  // weights 2 - 3/2 and 3 - 2/2
  EXPECT_EQ(model.layers().size(), 2U);
  EXPECT_EQ(model.get_layer("dense_1")->class_name(), "Dense");
  EXPECT_THROWS(ValueError, model.inputs(), "model: expected a model with known inputs");
}

TEST(Subclass, DrawsItsWeightsOfTheSeed) {
  class Net final : public Model {
   protected:
    Tensor call(const Tensor& x, const CallContext&) override { return dense_(x); }

   private:
    Ref<Layer> dense_ = layers::Dense(3);
  };
  const auto kernel = [](std::uint64_t seed) {
    Net model;
    model.compile({.loss = "mse", .seed = seed});
    model.predict(kOnes, {.verbose = 0});
    return model.get_weights()[0];
  };
  EXPECT_CLOSE(kernel(1), kernel(1), 0.0);
  EXPECT_FALSE(testing::close(kernel(1), kernel(2), 0.0));
}

TEST(Subclass, TakesSeveralInputsAndGivesSeveralOutputs) {
  class Both final : public Model {
   protected:
    Tensors call_many(const Tensors& xs, const CallContext&) override { return {scale_(xs[0]) + xs[1], xs[1]}; }

   private:
    Ref<Layer> scale_ = scaling(3.0);
  };
  Both model;
  const std::vector<Array> out = model.predict_all({kOnes, kOnes}, {.verbose = 0});
  ASSERT_EQ(out.size(), 2U);
  EXPECT_CLOSE(out[0], Array::full({4, 1}, 4.0), 0.0);
  model.compile({.loss = {"mae", "mse"}});
  const Logs logs = model.test_on_batch({kOnes, kOnes}, {kZeros, kZeros});
  EXPECT_EQ(logs.at("loss"), 5.0);
}

TEST(Subclass, IsALayerOfAnotherModel) {
  Chain chain({.name = "chain"});
  Sequential model({Input({1}), chain, scaling(10.0)});
  EXPECT_CLOSE(model.predict(kOnes, {.verbose = 0}), Array::full({4, 1}, 60.0), 0.0);
  EXPECT_EQ(paths_of(model.weights()), (Names{"chain/dense/kernel", "chain/dense_1/kernel", "dense/kernel"}));
}

TEST(Subclass, OfWhichNothingIsLeftSaysSo) {
  std::optional<Chain> chain(std::in_place, ModelOptions{.name = "chain"});
  Sequential model({Input({1}), *chain});
  chain.reset();
  EXPECT_THROWS(ValueError, model.predict(kOnes, {.verbose = 0}),
                "chain: expected the model to live as long as those it is part of");
}

TEST(Subclass, WithoutACallSaysWhatToOverride) {
  class Nothing final : public Model {};
  Nothing model;
  EXPECT_THROWS(ValueError, model.predict(kOnes, {.verbose = 0}),
                "model: expected a subclass of Model to override call() or train_step()");
}

// ---- a step of one's own
// --------------------------------------------------------------------------------------------------

/// A generator g·x and a discriminator d·x that want opposite things, each with an optimizer of its own.
class Gan final : public Model {
 public:
  Ref<Layer> generator = scaling(2.0), discriminator = scaling(3.0);
  Ref<Optimizer> generator_optimizer = optimizers::SGD(0.5), discriminator_optimizer = optimizers::SGD(0.25);
  Ref<metrics::MeanMetric> generator_loss = metrics::Mean({.name = "generator_loss"});

 protected:
  std::vector<Ref<Metric>> metrics() const override { return {generator_loss}; }
  StepResults train_step(const StepData& batch) override {
    const Tensor judged = ops::mean(discriminator(generator(batch.x)));
    const Variables g = generator->trainable_weights(), d = discriminator->trainable_weights();
    generator_optimizer->apply(gradients(judged, g), g);
    discriminator_optimizer->apply(gradients(-judged, d), d);
    generator_loss->update_state(judged);
    return {{"generator_loss", generator_loss->result()}, {"judged", judged}};
  }
};

TEST(TrainStep, MayHaveTwoOptimizers) {
  Gan model;
  model.compile();
  const Logs logs = model.train_on_batch(kOnes, {});
  EXPECT_EQ(logs.at("generator_loss"), 6.0);
  EXPECT_EQ(model.generator->get_weights()[0].item<float>(), 2.0F - 0.5F * 3.0F);
  EXPECT_EQ(model.discriminator->get_weights()[0].item<float>(), 3.0F + 0.25F * 2.0F) << "by the generator as it was";
  EXPECT_EQ(model.generator_optimizer->iterations(), 1);
  EXPECT_EQ(paths_of(model.weights()), (Names{"model/dense/kernel", "model/dense_1/kernel"}))
      << "what a step calls is part of the model";
}

TEST(TrainStep, TellsFitWhatItReturns) {
  Gan model;
  model.compile({.seed = 3});
  const History history = model.fit(kOnes, {.batch_size = 2, .epochs = 3, .verbose = 0});
  EXPECT_EQ(history.history.size(), 2U);
  EXPECT_EQ(history.at("generator_loss").size(), 3U);
  EXPECT_EQ(model.generator_optimizer->iterations(), 6);
}

/// Gradients of its own, loss and metrics as compile() asked for.
class Doubled : public Model {
 public:
  using Model::Model;
  Doubled(const Tensors& inputs, const Tensors& outputs) : Model(inputs, outputs) {}

 protected:
  StepResults train_step(const StepData& batch) override {
    const Tensors y_pred = outputs(batch.x, {.training = true});
    const Tensor loss = compute_loss(batch, y_pred);
    Tensors doubled;
    for (const Tensor& gradient : gradients(loss, trainable_weights())) doubled.push_back(gradient * 2.0);
    optimizer().apply(doubled, trainable_weights());
    return update_metrics(batch, y_pred, loss);
  }
};

TEST(TrainStep, OfAFunctionalModelUsesWhatCompileWasGiven) {
  const Tensor x = Input({1});
  Doubled model(x, scaling(1.0)(x));
  model.compile({.optimizer = optimizers::SGD(0.25), .loss = [](Tensor, Tensor y) { return y; }, .metrics = {"mae"}});
  const Logs logs = model.train_on_batch(kOnes, kZeros);
  EXPECT_EQ(logs.at("mae"), 1.0);
  EXPECT_EQ(model.get_weights()[0].item<float>(), 0.5F);
  EXPECT_EQ(model.evaluate(kOnes, kZeros, {.verbose = 0}).at("loss"), 0.5);
}

TEST(TrainStep, MayUpdateMetricsWithoutTheLossOfCompile) {
  class Own final : public Model {
   public:
    Own(const Tensors& inputs, const Tensors& outputs) : Model(inputs, outputs) {}

   protected:
    StepResults train_step(const StepData& batch) override {
      const Tensors y_pred = outputs(batch.x, {.training = true});
      return update_metrics(batch, y_pred, ops::mean(y_pred[0]) * 7.0);
    }
  };
  const Tensor x = Input({1});
  Own model(x, {scaling(1.0)(x), scaling(2.0)(x)});
  model.compile({.loss = "mse", .metrics_by_output = {{"dense_1", {"mae"}}}});
  for (int i = 0; i < 2; ++i) {
    const Logs logs = model.train_on_batch(kOnes, {kZeros, kZeros});
    EXPECT_EQ(logs.at("loss"), 7.0);
    EXPECT_EQ(logs.at("dense_1_mae"), 2.0);
    EXPECT_EQ(model.test_on_batch(kOnes, {kZeros, kZeros}).at("loss"), 5.0);
    model.compile({.loss = "mse", .metrics_by_output = {{"dense_1", {"mae"}}}});
  }
}

TEST(TrainStep, ThatReturnsNoScalarsIsRefused) {
  class Odd final : public Model {
   protected:
    StepResults train_step(const StepData& batch) override { return {{"odd", batch.x[0]}}; }
  };
  Odd model;
  model.compile();
  EXPECT_THROWS(ShapeError, model.train_on_batch(kOnes, {}),
                "train_step: expected scalars as results, got odd of shape");
}

/// An autoencoder whose reconstruction error is a loss that the model adds in its own call.
TEST(TrainStep, OfAnAutoencoderNeedsNoTargets) {
  class Reconstruction final : public Layer {
   public:
    Tensors call_many(const Tensors& xs, const CallContext&) override {
      add_loss(ops::mean(ops::square(xs[0] - xs[1])));
      return {xs[1]};
    }
  };
  const Tensor x = Input({3});
  const Tensor code = layers::Dense(2, {.activation = "tanh"})(x);
  Model model(x, make<Reconstruction>()({x, layers::Dense(3)(code)}));
  model.compile({.optimizer = optimizers::Adam(0.05), .seed = 1});
  const Array data = Array::of<float>({{1, 0, -1}, {0.5, 0, -0.5}, {-1, 0, 1}, {0, 0, 0}});
  const History history = model.fit(data, {.epochs = 100, .verbose = 0});
  EXPECT_LT(history.at("loss").back(), 0.05 * history.at("loss").front());
}

TEST(TrainStep, IsToldThatThereIsNoY) {
  class Wanting final : public Model {
   protected:
    StepResults train_step(const StepData& batch) override { return {{"loss", ops::mean(batch.y[0])}}; }
  };
  Wanting model;
  model.compile();
  EXPECT_THROWS(ValueError, model.train_on_batch(kOnes, {}), "expected an index below 0, got 0");
}

TEST(Subclass, OutlivesItsCopies) {
  auto original = std::make_unique<Chain>();
  const Ref<Layer> layer = *original;
  {
    Chain copy = *original;
    EXPECT_CLOSE(copy.predict(kOnes, {.verbose = 0}), Array::full({4, 1}, 6.0), 0.0);
  }
  Sequential around({Input({1}), layer});
  EXPECT_CLOSE(around.predict(kOnes, {.verbose = 0}), Array::full({4, 1}, 6.0), 0.0);
  const Chain copy = *original;
  original = nullptr;  // the copy has not been used yet, but is there
  EXPECT_CLOSE(Sequential({Input({1}), layer}).predict(kOnes, {.verbose = 0}), Array::full({4, 1}, 6.0), 0.0);
}

TEST(Subclass, ThatIsAssignedToIsNoCopyOfTheOldOneAnyMore) {
  Chain assigned;
  const Ref<Layer> layer = assigned;
  assigned = Chain();
  EXPECT_THROWS(ValueError, layer(Input({1})), "expected the model to live");
}

/// Fails when the optimizer has already been used.
class FailsLate final : public Chain {
 protected:
  StepResults train_step(const StepData& batch) override {
    Chain::train_step(batch);
    throw ValueError("late");
  }
};

TEST(TrainStep, ThatFailsLeavesTheOptimizerFree) {
  const Ref<Optimizer> optimizer = optimizers::Adam(0.1);
  FailsLate fails;
  fails.compile({.optimizer = optimizer, .loss = "mse"});
  EXPECT_THROWS(ValueError, fails.fit(kOnes, kZeros, {.verbose = 0}), "late");
  EXPECT_EQ(optimizer->variables().size(), 2u);  // no slots
  Chain other;
  other.compile({.optimizer = optimizer, .loss = "mse"});
  EXPECT_EQ(other.fit(kOnes, kZeros, {.verbose = 0}).epoch.size(), 1u);
}

}  // namespace
}  // namespace keratin
