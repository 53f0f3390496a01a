// BatchNormalization: conformance, moving statistics, freezing, numerics, errors.
#include <gtest/gtest.h>

#include <cmath>

#include "base/text.h"
#include "functional/layer_config.h"
#include "graph/differentiate.h"
#include "graph/trace.h"
#include "keratin/error.h"
#include "keratin/layers.h"
#include "keratin/model.h"
#include "keratin/ops.h"
#include "support/approx.h"
#include "support/check_gradient.h"
#include "support/check_layer.h"
#include "support/throws.h"

namespace keratin {
namespace {

using testing::check_layer;
using testing::run_layer;

TEST(BatchNormalization, Conforms) {
  check_layer([] { return layers::BatchNormalization(); }, {{3, 2, 2}},
              {.output = {3, 2, 2}, .weights = {"gamma", "beta"}, .trains_otherwise = true});
  const auto make = [] {
    return layers::BatchNormalization({.axis = 1,
                                       .momentum = 0.5,
                                       .epsilon = 0.25,
                                       .beta_initializer = "ones",
                                       .gamma_initializer = initializers::Constant(0.5),
                                       .moving_mean_initializer = initializers::Constant(0.25),
                                       .moving_variance_initializer = initializers::Constant(2.0),
                                       .beta_regularizer = "l1",
                                       .gamma_regularizer = "l2"});
  };
  check_layer(make, {{3, 2}}, {.output = {3, 2}, .weights = {"gamma", "beta"}, .trains_otherwise = true});
  check_layer([] { return layers::BatchNormalization({.center = false}); }, {{4}},
              {.output = {4}, .weights = {"gamma"}, .trains_otherwise = true});
  check_layer([] { return layers::BatchNormalization({.center = false, .scale = false}); }, {{4}},
              {.output = {4}, .trains_otherwise = true});
}

TEST(BatchNormalization, HasKerasOrderOfWeights) {
  const Ref<Layer> layer = layers::BatchNormalization({.name = "bn"});
  layer(Input({4, 3}));
  std::vector<std::string> paths;
  for (const Variable& weight : layer->weights()) paths.push_back(weight.path());
  EXPECT_EQ(paths, (std::vector<std::string>{"bn/gamma", "bn/beta", "bn/moving_mean", "bn/moving_variance"}));
  EXPECT_EQ(layer->non_trainable_weights().size(), 2u);
}

Sequential one_layer(bool trainable = true) {
  Sequential model({Input({2}), layers::BatchNormalization({.momentum = 0.75, .name = "bn", .trainable = trainable})});
  model.compile({.optimizer = optimizers::SGD(0.0), .loss = "mse"});
  return model;
}

const Array x = Array::of<float>({{1, 10}, {3, 30}});  // means 2 and 20, variances 1 and 100

TEST(BatchNormalization, MovesItsStatisticsWhileTraining) {
  Sequential model = one_layer();
  model.fit(x, x, {.batch_size = 2, .verbose = 0});
  const Ref<Layer> layer = model.layers().back();
  EXPECT_CLOSE(layer->weight("moving_mean").value(), Array::of<float>({0.5, 5}), 1e-6);
  EXPECT_CLOSE(layer->weight("moving_variance").value(), Array::of<float>({1, 25.75}), 1e-6);
  const Array before = layer->weight("moving_mean").value();
  model.predict(x, {.verbose = 0});
  EXPECT_CLOSE(layer->weight("moving_mean").value(), before, 0.0);
  model.fit(x, x, {.batch_size = 2, .verbose = 0});
  EXPECT_CLOSE(layer->weight("moving_mean").value(), Array::of<float>({0.875, 8.75}), 1e-6);
}

TEST(BatchNormalization, PredictsWithItsMovingStatistics) {
  Sequential model = one_layer();
  model.layers().back()->set_weights({Array::of<float>({2, 1}), Array::of<float>({1, 0}), Array::of<float>({1, 10}),
                                      Array::of<float>({3.999F, 99.999F})});
  EXPECT_CLOSE(model.predict(x, {.verbose = 0}), Array::of<float>({{1, 0}, {3, 2}}), 1e-6);
}

TEST(BatchNormalization, InfersWhereItIsFrozen) {
  Sequential model = one_layer();
  model.layers().back()->set_trainable(false);
  model.compile({.optimizer = optimizers::SGD(0.0), .loss = "mse"});
  model.fit(x, x, {.batch_size = 2, .verbose = 0});
  EXPECT_CLOSE(model.layers().back()->weight("moving_mean").value(), Array::zeros({2}), 0.0);
  EXPECT_CLOSE(model.layers().back()->weight("moving_variance").value(), Array::ones({2}), 0.0);
  model.layers().back()->set_trainable(true);
  model.fit(x, x, {.batch_size = 2, .verbose = 0});
  EXPECT_CLOSE(model.layers().back()->weight("moving_mean").value(), Array::of<float>({0.5, 5}), 1e-6);
}

TEST(BatchNormalization, KeepsItsPrecisionFarFromZero) {
  // One pass over x and x² would have 1e8 − 1e8 here, of which float32 keeps nothing.
  const Array far = Array::of<float>({{10001}, {10003}});
  const Array y = run_layer(layers::BatchNormalization({.epsilon = 0.0}), {far}, {}, {.training = true}).output;
  EXPECT_CLOSE(y, Array::of<float>({{-1}, {1}}), 1e-6);
}

TEST(BatchNormalization, TakesNoStatisticsOfWhatAMaskLeavesOut) {
  const auto expect_means_of_1_and_3 = [](float between, const Array& mask) {
    const Array steps = Array::of<float>({1, between, 3}).reshape({1, 3, 1});
    const auto run =
        run_layer(layers::BatchNormalization({.momentum = 0.0}), {steps}, {}, {.training = true, .mask = mask});
    ASSERT_EQ(run.assigned.size(), 2u);
    for (const auto& [name, value] : run.assigned)
      EXPECT_CLOSE(value, Array::of<float>({name == "moving_mean" ? 2.0F : 1.0F}), 1e-6) << name;
    EXPECT_EQ(run.output.values<float>()[0], -run.output.values<float>()[2]);
  };
  for (const float left_out : {7.0F, std::nanf(""), INFINITY, -INFINITY})
    expect_means_of_1_and_3(left_out, Array::of<bool>({{true, false, true}}));
  expect_means_of_1_and_3(7.0F, Array::of<std::int32_t>({{2, 0, 2}}));  // 2 is true, and no weight
}

TEST(BatchNormalization, HasTheGradientsOfItsGradients) {
  const testing::FloatX scope(float64);
  const Ref<Layer> layer = layers::BatchNormalization({.epsilon = 0.25});
  layer(Input({2}));
  const auto gradient_of_squares = [&](const Tensors& xs) {
    const Tensor y = layer({xs[0]}, {.training = true});
    return Tensors(differentiate(*Trace::current(), ops::sum(y * y * y), std::vector<Tensor>{xs[0]})[0]);
  };
  testing::check_gradient(gradient_of_squares, {testing::sample_values({5, 2}, "second order")},
                          {.batch = 5, .shapes = {Shape({unknown, 2})}});
}

TEST(BatchNormalization, RefusesWhatCannotBe) {
  EXPECT_THROWS(ValueError, layers::BatchNormalization({.momentum = 1.5}),
                "BatchNormalization: expected momentum in [0, 1], got 1.5");
  EXPECT_THROWS(ValueError, layers::BatchNormalization({.epsilon = -1.0}),
                "BatchNormalization: expected epsilon >= 0, got -1");
  EXPECT_THROWS(ShapeError, layers::BatchNormalization({.axis = 3, .name = "b"})(Input({4, 4})),
                "b (BatchNormalization): expected an input with axis 3, got (batch, 4, 4)");
  EXPECT_THROWS(ShapeError, layers::BatchNormalization({.axis = 0, .name = "b"})(Input({4})),
                "b (BatchNormalization): expected a known extent of 1 or more along axis 0, got (batch, 4)");
  EXPECT_THROWS(ShapeError, layers::BatchNormalization({.name = "b"})(Input({4, 3}).at({all, all, Slice{0, 0}})),
                "b (BatchNormalization): expected a known extent of 1 or more along axis -1, got (batch, 4, 0)");
  const Ref<Layer> built = layers::BatchNormalization({.name = "b"});
  built(Input({4}));
  EXPECT_THROWS(ShapeError, built(Input({5})),
                "b (BatchNormalization): expected extent 4 along axis -1, as when it was built, got (batch, 5)");
  EXPECT_THROWS(ShapeError, built(Input({3, 4})),
                "b (BatchNormalization): expected an input of rank 2, as when it was built, got (batch, 3, 4)");
  EXPECT_THROWS(ShapeError, layers::BatchNormalization({.axis = -5, .name = "b"})(Input({4, 4, 4})),
                "b (BatchNormalization): expected an input with axis -5, got (batch, 4, 4, 4)");
  for (const bool training : {true, false})
    EXPECT_THROWS(
        ShapeError,
        run_layer(layers::BatchNormalization({.name = "b"}), {Array::zeros({2, 3, 4})}, {},
                  {.training = training, .mask = Array::of<bool>({true, false})}),
        "b (BatchNormalization): expected a mask of the input's shape without its last axis, got (batch,) for "
        "(batch, 3, 4)");
  for (const char* option : {"renorm", "synchronized"}) {
    const Json json =
        parse_json(concat(R"({"class_name": "BatchNormalization", "config": {")", option, R"(": true}})"));
    EXPECT_THROWS(UnsupportedError, LayerReader(CustomObjects()).layer(ConfigPlace(json, "here")),
                  concat("here.config.", option, ": expected null or false, which is all that is there yet, got true"));
  }
}

}  // namespace
}  // namespace keratin
