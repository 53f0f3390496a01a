// Dense: conformance, options, regularizers, errors.
#include <gtest/gtest.h>

#include "base/text.h"
#include "functional/layer_config.h"
#include "keratin/error.h"
#include "keratin/layers.h"
#include "keratin/ops.h"
#include "support/approx.h"
#include "support/check_layer.h"
#include "support/throws.h"

namespace keratin {
namespace {

using testing::check_layer;
using testing::run_layer;

TEST(Dense, Conforms) {
  check_layer([] { return layers::Dense(3); }, {{4}}, {.output = {3}, .weights = {"kernel", "bias"}});
  check_layer([] { return layers::Dense(2, {.activation = "softmax"}); }, {{5, 4}},
              {.output = {5, 2}, .weights = {"kernel", "bias"}});
  check_layer(
      [] { return layers::Dense(3, {.activation = [](Tensor x) { return ops::square(x); }, .use_bias = false}); },
      {{4}}, {.output = {3}, .weights = {"kernel"}, .refused = "activation"});
}

TEST(Dense, ConformsWithAllItsOptions) {
  const auto make = [] {
    return layers::Dense(
        3, {.activation = "gelu",
            .kernel_initializer = initializers::VarianceScaling({.scale = 2.0, .mode = "fan_avg", .seed = 3}),
            .bias_initializer = initializers::Constant(0.5),
            .kernel_regularizer = regularizers::L1L2(0.1, 0.2),
            .bias_regularizer = "l2",
            .activity_regularizer = "l1"});
  };
  check_layer(make, {{4}}, {.output = {3}, .weights = {"kernel", "bias"}});
}

TEST(Dense, TakesIntegersWithoutRoundingThem) {
  const Ref<Layer> dense = layers::Dense(1, {.use_bias = false, .dtype = float64});
  const Array x = Array::of<std::int32_t>({{(1 << 24) + 1}});  // no float32
  EXPECT_EQ(run_layer(dense, {x}, {Array::of<double>({{1.0}})}).output.item(), 16777217.0);
}

TEST(Dense, AddsTheBiasToEveryRow) {
  const Array x = Array::of<float>({{1, 0}, {0, 1}}), kernel = Array::of<float>({{1, 2}, {3, 4}}),
              bias = Array::of<float>({10, 20});
  EXPECT_CLOSE(run_layer(layers::Dense(2), {x}, {kernel, bias}).output, Array::of<float>({{11, 22}, {13, 24}}), 0.0);
}

TEST(Dense, StartsWithItsInitializers) {
  const Ref<Layer> dense =
      layers::Dense(2, {.kernel_initializer = initializers::Constant(0.5), .bias_initializer = "ones"});
  dense(Input({3}));
  EXPECT_CLOSE(dense->weight("kernel").value(), Array::full({3, 2}, 0.5), 0.0);
  EXPECT_CLOSE(dense->weight("bias").value(), Array::ones({2}), 0.0);
  EXPECT_EQ(dense->count_params(), 8);
}

TEST(Dense, TakesNameDtypeAndTrainable) {
  const Ref<Layer> dense = layers::Dense(2, {.name = "head", .dtype = "float64", .trainable = false});
  dense(Input({3}));
  EXPECT_EQ(dense->name(), "head");
  EXPECT_EQ(dense->weight("kernel").path(), "head/kernel");
  EXPECT_EQ(dense->weight("kernel").dtype(), float64);
  EXPECT_TRUE(dense->trainable_weights().empty());
  EXPECT_EQ(dense->non_trainable_weights().size(), 2u);
}

TEST(Dense, AddsTheActivityRegularizerPerSample) {
  const Ref<Layer> dense = layers::Dense(1, {.use_bias = false, .activity_regularizer = regularizers::L2(0.5)});
  const auto run = run_layer(dense, {Array::of<float>({{1}, {3}})}, {Array::of<float>({{2}})});
  ASSERT_EQ(run.losses.size(), 1u);
  EXPECT_FLOAT_EQ(static_cast<float>(run.losses[0].item()), 0.5f * (4.0f + 36.0f) / 2.0f);
}

TEST(Dense, RefusesUnitsThatAreNone) {
  EXPECT_THROWS(ValueError, layers::Dense(0), "Dense: expected units > 0, got 0");
  EXPECT_THROWS(ValueError, layers::Dense(-3), "Dense: expected units > 0, got -3");
}

TEST(Dense, RefusesWhatAFileAsksForInVain) {
  for (const char* option :
       {"lora_rank", "lora_alpha", "kernel_constraint", "bias_constraint", "quantization_config"}) {
    const Json json = parse_json(concat(R"({"class_name": "Dense", "config": {"units": 1, ")", option, R"(": "x"}})"));
    EXPECT_THROWS(
        UnsupportedError, LayerReader(CustomObjects()).layer(ConfigPlace(json, "here")),
        concat("here.config.", option, ": expected null or false, which is all that is there yet, got \"x\""));
  }
}

TEST(Dense, RefusesInputsThatDoNotFit) {
  const Ref<Layer> dense = layers::Dense(2, {.name = "head"});
  EXPECT_THROWS(ShapeError, dense(Input({})), "head (Dense): expected an input (batch, …, features), got (batch,)");
  dense(Input({784}));
  EXPECT_THROWS(
      ShapeError, dense(Input({100})),
      "head (Dense): expected the last extent of the input to be 784, as when it was built, got (batch, 100)");
  EXPECT_THROWS(ValueError, dense(Tensors{Input({784}), Input({784})}), "head (Dense): expected one input, got 2");
}

}  // namespace
}  // namespace keratin
