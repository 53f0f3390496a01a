// Five epochs against pinned Keras in float64: the history, evaluate, predict and the weights afterwards.
#include <gtest/gtest.h>

#include <optional>
#include <string>

#include "keratin/layers.h"
#include "keratin/model.h"
#include "keratin/regularizers.h"
#include "support/approx.h"
#include "support/npz.h"

namespace keratin {
namespace {

namespace tolerance = testing::tolerance;

struct FitCase {
  const char* name;  // in fit_curve.npz
  Ref<Optimizer> (*optimizer)();
  FitOptions (*options)(const testing::Npz& golden);
  double l2 = 0.0;
  bool weighted_metrics = false;
};

Ref<Optimizer> sgd() { return optimizers::SGD(0.25, {.momentum = 0.5}); }
Ref<Optimizer> rmsprop() { return optimizers::RMSprop(0.0625, {.rho = 0.75}); }
Ref<Optimizer> adam() { return optimizers::Adam(0.0625, {.beta_1 = 0.75, .beta_2 = 0.875}); }
FitOptions split(const testing::Npz&) { return {.validation_split = 0.25}; }
FitOptions split_and_weights(const testing::Npz& golden) {
  return {.validation_split = 0.25, .sample_weight = golden["sample_weight"]};
}

/// tests/golden/cases/fit_curve.py
const FitCase runs[] = {
    {"plain", sgd, [](const testing::Npz&) { return FitOptions{}; }},
    {"validation_split", sgd, split},
    {"validation_data", sgd,
     [](const testing::Npz& golden) {
       return FitOptions{.validation_data = {golden["x_validation"], golden["y_validation"]}};
     }},
    {"validation_data_weighted", sgd,
     [](const testing::Npz& golden) {
       return FitOptions{
           .validation_data = {golden["x_validation"], golden["y_validation"], golden["weights_validation"]}};
     }},
    {"validation_freq", sgd,
     [](const testing::Npz&) { return FitOptions{.validation_split = 0.25, .validation_freq = 2}; }},
    {"class_weight", sgd,
     [](const testing::Npz&) {
       return FitOptions{.validation_split = 0.25, .class_weight = {{0, 0.5}, {1, 1.5}, {2, 2.0}}};
     }},
    {"sample_weight", sgd, split_and_weights},
    {"weighted_metrics", sgd, split_and_weights, 0.0, true},
    {"l2", sgd, split, 0.015625},
    {"l2_sample_weight", sgd, split_and_weights, 0.015625},
    {"initial_epoch", sgd,
     [](const testing::Npz&) { return FitOptions{.validation_split = 0.25, .initial_epoch = 2}; }},
    {"steps_per_epoch", sgd,
     [](const testing::Npz&) { return FitOptions{.validation_split = 0.25, .steps_per_epoch = 3}; }},
    {"rmsprop", rmsprop, split},
    {"adam", adam, split},
};

Sequential network(const FitCase& run, const testing::Npz& golden) {
  layers::DenseOptions first{.activation = "tanh", .dtype = float64}, second{.activation = "softmax", .dtype = float64};
  if (run.l2 != 0.0) first.kernel_regularizer = second.kernel_regularizer = regularizers::L2(run.l2);
  Sequential model({Input({6}, {.dtype = float64}), layers::Dense(16, first), layers::Dense(3, second)});
  model.set_weights(
      {golden["initial_kernel_0"], golden["initial_bias_0"], golden["initial_kernel_1"], golden["initial_bias_1"]});
  CompileOptions options{.optimizer = run.optimizer(), .loss = "sparse_categorical_crossentropy"};
  (run.weighted_metrics ? options.weighted_metrics : options.metrics) = {"accuracy"};
  model.compile(options);
  return model;
}

class FitCurve : public ::testing::TestWithParam<FitCase> {};

TEST_P(FitCurve, IsKerass) {
  const FitCase& run = GetParam();
  const testing::Npz golden = testing::golden("fit_curve");
  const auto expected = [&](const std::string& name) { return golden[std::string(run.name) + "/" + name]; };
  set_floatx(float64);
  Sequential model = network(run, golden);
  set_floatx(float32);
  FitOptions options = run.options(golden);
  options.batch_size = 8;
  options.epochs = 5;
  options.shuffle = false;
  options.verbose = 0;
  const History history = model.fit(golden["x"], golden["y"], options);
  for (const auto& [name, curve] : history.history)
    EXPECT_CLOSE(Array(curve, Shape({curve.size()})), expected(name), tolerance::golden_float64) << name;
  EXPECT_EQ(history.history.count("val_loss"), golden.contains(std::string(run.name) + "/val_loss") ? 1U : 0U);
  const Logs evaluated = model.evaluate(golden["x"], golden["y"], {.batch_size = 8, .verbose = 0});
  EXPECT_CLOSE(Array::of<double>({evaluated.at("loss"), evaluated.at("accuracy")}), expected("evaluate"),
               tolerance::golden_float64);
  EXPECT_CLOSE(model.predict(golden["x_validation"], {.batch_size = 8, .verbose = 0}), expected("predict"),
               tolerance::golden_float64);
  EXPECT_CLOSE(model.get_weights()[2], expected("kernel_1"), tolerance::golden_float64);
}

INSTANTIATE_TEST_SUITE_P(OfEachCase, FitCurve, ::testing::ValuesIn(runs),
                         [](const auto& test) { return std::string(test.param.name); });

}  // namespace
}  // namespace keratin
