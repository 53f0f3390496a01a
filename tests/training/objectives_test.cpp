// Losses, their weights and metrics of one output and of several; what layers add.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "keratin/layers.h"
#include "keratin/model.h"
#include "keratin/ops.h"
#include "keratin/regularizers.h"
#include "support/approx.h"
#include "support/throws.h"

namespace keratin {
namespace {

using Names = std::vector<std::string>;

Names names_of(const Logs& logs) {
  Names names;
  for (const auto& [name, value] : logs) names.push_back(name);
  return names;
}

Tensor output_itself(Tensor, Tensor y_pred) { return y_pred; }

const Array kOnes = Array::ones({4, 1}), kZeros = Array::zeros({4, 1});

/// a(x) = x, b(x) = 2 x
Model two_outputs() {
  const Tensor x = Input({1});
  const auto scaled = [&](double scale, const char* name) {
    return layers::Dense(1, {.use_bias = false, .kernel_initializer = initializers::Constant(scale), .name = name})(x);
  };
  return Model(x, {scaled(1.0, "a"), scaled(2.0, "b")});
}

Sequential one_output() {
  return Sequential({Input({1}), layers::Dense(1, {.use_bias = false, .kernel_initializer = "ones"})});
}

// ---- several outputs
// ------------------------------------------------------------------------------------------------------

TEST(Objectives, OfSeveralOutputsAreTakenInOrderByNameOrOneForAll) {
  Model model = two_outputs();
  const auto losses = [&](const CompileOptions& options) {
    model.compile(options);
    const Logs logs = model.test_on_batch(kOnes, {kZeros, kZeros});
    EXPECT_EQ(names_of(logs), (Names{"loss", "a_loss", "b_loss"}));
    return std::vector<double>{logs.at("loss"), logs.at("a_loss"), logs.at("b_loss")};
  };
  using Values = std::vector<double>;
  EXPECT_EQ(losses({.loss = "mse"}), (Values{5, 1, 4}));
  EXPECT_EQ(losses({.loss = output_itself}), (Values{3, 1, 2}));
  EXPECT_EQ(losses({.loss = losses::MeanAbsoluteError()}), (Values{3, 1, 2}));
  EXPECT_EQ(losses({.loss = {"mae", "mse"}}), (Values{5, 1, 4}));
  EXPECT_EQ(losses({.loss = {{"b", "mae"}, {"a", "mse"}}}), (Values{3, 1, 2}));
  EXPECT_EQ(losses({.loss = {{"a", losses::MeanSquaredError()}, {"b", output_itself}}}), (Values{3, 1, 2}));
  EXPECT_EQ(losses({.loss = "mse", .loss_weights = {10.0, 0.5}}), (Values{12, 1, 4}));
  EXPECT_EQ(losses({.loss = "mse", .loss_weights = {{"b", 0.5}}}), (Values{3, 1, 4}));
  EXPECT_EQ(losses({.loss = "mse", .loss_weights = 2.0}), (Values{10, 1, 4}));
}

TEST(Objectives, OfSeveralOutputsNameTheirMetrics) {
  Model model = two_outputs();
  model.compile({.loss = {{"a", "mse"}, {"b", "mse"}}, .metrics_by_output = {{"b", {"mae", "mse"}}, {"a", {"mae"}}}});
  const Logs logs = model.test_on_batch(kOnes, {kZeros, kZeros});
  EXPECT_EQ(names_of(logs), (Names{"loss", "a_loss", "b_loss", "a_mae", "b_mae", "b_mse"}));
  EXPECT_EQ(logs.at("b_mse"), 4.0);
}

TEST(Objectives, NeedNoLossForEveryOutput) {
  Model model = two_outputs();
  model.compile({.loss = {{"b", "mse"}}});
  EXPECT_EQ(names_of(model.test_on_batch(kOnes, {kZeros, kZeros})), (Names{"loss"}));
  EXPECT_EQ(model.test_on_batch(kOnes, {kZeros, kZeros}).at("loss"), 4.0);
}

TEST(Objectives, GoThroughFitByName) {
  Model model = two_outputs();
  model.compile({.optimizer = optimizers::SGD(0.0), .loss = "mse", .metrics_by_output = {{"a", {"mae"}}}});
  const History history = model.fit(kOnes, {{"b", kOnes}, {"a", kZeros}}, {.verbose = 0, .validation_split = 0.5});
  EXPECT_EQ(history.at("a_loss")[0], 1.0);
  EXPECT_EQ(history.at("b_loss")[0], 1.0);
  EXPECT_EQ(history.at("val_a_mae")[0], 1.0);
  EXPECT_EQ(history.history.size(), 8U);
}

TEST(Objectives, OfOutputsThatAreNotThereAreRefused) {
  Model model = two_outputs();
  const auto compile = [&](const CompileOptions& options) {
    model.compile(options);
    model.test_on_batch(kOnes, {kZeros, kZeros});
  };
  for (int i = 0; i < 2; ++i) {  // the second time, too
    EXPECT_THROWS(ValueError, compile({.loss = {{"c", "mse"}}}),
                  "compile: expected losses for the outputs a, b, got one for c");
    EXPECT_THROWS(ValueError, model.test_on_batch(kOnes, {kZeros, kZeros}), "got one for c");
  }
  EXPECT_THROWS(ValueError, compile({.loss = {"mse", "mse", "mse"}}),
                "compile: expected 2 losses for the outputs a, b, got 3");
  EXPECT_THROWS(ValueError, compile({.loss = "mse", .loss_weights = {1.0}}),
                "compile: expected 2 loss weights for the outputs a, b, got 1");
  EXPECT_THROWS(ValueError, compile({.loss = "mse", .loss_weights = {{"c", 1.0}}}),
                "compile: expected loss weights for the outputs a, b, got one for c");
  EXPECT_THROWS(ValueError, compile({.loss = "mse", .metrics = {"mae"}}),
                "compile: expected metrics_by_output for a model with the outputs a, b, got metrics");
  EXPECT_THROWS(ValueError, compile({.loss = "mse", .metrics_by_output = {{"c", {"mae"}}}}),
                "compile: expected metrics for the outputs a, b, got one for c");
  EXPECT_THROWS(ValueError, compile({.metrics_by_output = {{"a", {"mae"}}}}),
                "compile: expected a loss, got none; give .loss or call add_loss() in a layer");
}

TEST(Objectives, OfSeveralOutputsNeedAsManyTargets) {
  Model model = two_outputs();
  model.compile({.loss = "mse"});
  EXPECT_THROWS(ValueError, model.fit(kOnes, kZeros, {.verbose = 0}), "fit: y: expected 2 arrays (a, b), got 1");
  EXPECT_THROWS(ValueError, model.fit(kOnes, {{"a", kZeros}, {"c", kZeros}}, {.verbose = 0}),
                "fit: y: expected an array named b, got a, c");
  EXPECT_THROWS(ValueError, model.fit(kOnes, {.verbose = 0}),
                "compute_loss: expected targets for the output a, got 0 arrays; give y to fit");
  EXPECT_THROWS(DataError, model.fit(kOnes, {kZeros, Array::zeros({3, 1})}, {.verbose = 0}),
                "fit: x has 4 samples but y[b] has 3");
}

// ---- one output
// -----------------------------------------------------------------------------------------------------------

TEST(Objectives, AreToldInTheOrderOfCompile) {
  Sequential model = one_output();
  model.compile({.loss = "mae",
                 .metrics = {"mse", "accuracy", metrics::MeanAbsoluteError({.name = "mine"})},
                 .weighted_metrics = {"mae"}});
  EXPECT_EQ(names_of(model.evaluate(kOnes, kZeros, {.verbose = 0})), (Names{"loss", "mse", "accuracy", "mine", "mae"}));
}

// As Keras does, or a History would mix their values.
TEST(Objectives, WithOneNameAreToldApart) {
  Sequential model = one_output();
  const auto twice = [](Tensor, Tensor y) { return y * 2.0; };
  model.compile({.optimizer = optimizers::SGD(0.0),
                 .loss = "mse",
                 .metrics = {"mae", output_itself, "mae", twice},
                 .weighted_metrics = {"mae", "mae"}});
  const Names expected{"loss",         "mae",           "mean_metric_wrapper", "mae_1", "mean_metric_wrapper_1",
                       "weighted_mae", "weighted_mae_1"};
  EXPECT_EQ(names_of(model.evaluate(kOnes, kZeros, {.verbose = 0})), expected);
  const History history = model.fit(kOnes, kZeros, {.epochs = 2, .verbose = 0});
  for (const std::string& name : expected) EXPECT_EQ(history.at(name).size(), 2U) << name;
  EXPECT_EQ(history.at("mean_metric_wrapper_1")[0], 2.0);
}

TEST(Objectives, TakeFunctionsOfTensors) {
  Sequential model = one_output();
  model.compile(
      {.optimizer = optimizers::SGD(0.5),
       .loss = [](Tensor y_true, Tensor y_pred) { return ops::mean(ops::square(y_true - y_pred), {.axis = -1}); },
       .metrics = {[](Tensor y_true, Tensor y_pred) { return ops::abs(y_true - y_pred); }}});
  const Logs logs = model.train_on_batch(kOnes, kZeros);
  EXPECT_EQ(logs.at("loss"), 1.0);
  EXPECT_EQ(logs.at("mean_metric_wrapper"), 1.0);
  EXPECT_EQ(model.get_weights()[0].item<float>(), 0.0F);
}

TEST(Objectives, WeighTheLossButNotItsMetrics) {
  Sequential model = one_output();
  model.compile({.loss = "mae", .loss_weights = 4.0, .metrics = {"mae"}});
  const Logs logs = model.test_on_batch(kOnes, kZeros);
  EXPECT_EQ(logs.at("loss"), 4.0);
  EXPECT_EQ(logs.at("mae"), 1.0);
}

TEST(Objectives, IncludeRegularizersOfWhatIsNotFrozen) {
  Sequential model({Input({1}), layers::Dense(1, {.use_bias = false,
                                                  .kernel_initializer = initializers::Constant(3.0),
                                                  .kernel_regularizer = regularizers::L2(0.5)})});
  model.compile({.optimizer = optimizers::SGD(0.1), .loss = [](Tensor, Tensor y) { return y * 0.0; }});
  EXPECT_EQ(model.test_on_batch(kOnes, kZeros).at("loss"), 4.5);
  model.train_on_batch(kOnes, kZeros);
  EXPECT_NEAR(model.get_weights()[0].item<float>(), 3.0 - 0.1 * 3.0, 1e-6);
  model.layers()[0]->set_trainable(false);
  EXPECT_EQ(model.test_on_batch(kOnes, kZeros).at("loss"), 0.0);
}

// ---- what layers add
// ------------------------------------------------------------------------------------------------------

/// Adds the mean of its input as a loss and as a metric.
class Adding final : public Layer {
 public:
  Tensor call(const Tensor& x, const CallContext&) override {
    add_loss(ops::mean(x));
    add_metric(ops::mean(x) * 10.0, "tenfold");
    return x;
  }
};

TEST(Objectives, IncludeWhatLayersAdd) {
  Sequential model = one_output();
  model.add(make<Adding>());
  model.compile({.optimizer = optimizers::SGD(1.0), .loss = "mae"});
  const Logs logs = model.train_on_batch(kOnes, kZeros);
  EXPECT_EQ(names_of(logs), (Names{"loss", "tenfold"}));
  EXPECT_EQ(logs.at("loss"), 2.0);
  EXPECT_EQ(logs.at("tenfold"), 10.0);
  EXPECT_EQ(model.get_weights()[0].item<float>(), -1.0F);
}

TEST(Objectives, MayBeWhatLayersAddAlone) {
  Sequential model = one_output();
  model.add(make<Adding>());
  model.compile({.optimizer = optimizers::SGD(1.0)});
  const History history = model.fit(kOnes, {.epochs = 2, .verbose = 0});
  EXPECT_EQ(history.at("loss"), (std::vector<double>{1.0, 0.0}));
  EXPECT_EQ(history.at("tenfold"), (std::vector<double>{10.0, 0.0}));
}

TEST(Objectives, OfTwoLayersThatAddOneNameAreToldApart) {
  Sequential model = one_output();
  model.add(make<Adding>());
  model.add(layers::Rescaling(2.0));
  model.add(make<Adding>());
  model.compile({.loss = "mae"});
  const Logs logs = model.test_on_batch(kOnes, kZeros);
  EXPECT_EQ(names_of(logs), (Names{"loss", "tenfold", "tenfold_1"}));
  EXPECT_EQ(logs.at("tenfold"), 10.0);
  EXPECT_EQ(logs.at("tenfold_1"), 20.0);
}

}  // namespace
}  // namespace keratin
