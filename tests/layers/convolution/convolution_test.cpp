// Conv2D and DepthwiseConv2D: conformance, options, what they start with, errors.
#include <gtest/gtest.h>

#include <cmath>

#include "base/text.h"
#include "functional/layer_config.h"
#include "keratin/error.h"
#include "keratin/layers.h"
#include "keratin/model.h"
#include "support/approx.h"
#include "support/check_layer.h"
#include "support/throws.h"

namespace keratin {
namespace {

using testing::check_layer;
using testing::run_layer;

/// A layer from a configuration with these members.
Ref<Layer> read_layer(const std::string& class_name, const std::string& members) {
  const Json json = parse_json(concat(R"({"class_name": ")", class_name, R"(", "config": {)", members, "}}"));
  return LayerReader(CustomObjects()).layer(ConfigPlace(json, "here"));
}

TEST(Conv2D, Conforms) {
  check_layer([] { return layers::Conv2D(3, 2); }, {{4, 5, 2}}, {.output = {3, 4, 3}, .weights = {"kernel", "bias"}});
  check_layer(
      [] {
        return layers::Conv2D(2, {3, 1}, {.strides = {2, 1}, .padding = "same", .use_bias = false});
      },
      {{5, 3, 1}}, {.output = {3, 3, 2}, .weights = {"kernel"}});
}

TEST(Conv2D, ConformsWithAllItsOptions) {
  const auto make = [] {
    return layers::Conv2D(
        4, 2,
        {.padding = "same",
         .dilation_rate = {1, 2},
         .groups = 2,
         .activation = "gelu",
         .kernel_initializer = initializers::VarianceScaling({.scale = 2.0, .mode = "fan_avg", .seed = 3}),
         .bias_initializer = initializers::Constant(0.5),
         .kernel_regularizer = regularizers::L1L2(0.1, 0.2),
         .bias_regularizer = "l2",
         .activity_regularizer = "l1"});
  };
  check_layer(make, {{3, 4, 2}}, {.output = {3, 4, 4}, .weights = {"kernel", "bias"}});
}

TEST(DepthwiseConv2D, Conforms) {
  check_layer([] { return layers::DepthwiseConv2D(2); }, {{3, 4, 2}},
              {.output = {2, 3, 2}, .weights = {"kernel", "bias"}});
  const auto make = [] {
    return layers::DepthwiseConv2D({2, 3}, {.strides = 2,
                                            .padding = "same",
                                            .depth_multiplier = 3,
                                            .activation = "tanh",
                                            .depthwise_initializer = "he_normal",
                                            .bias_initializer = "ones",
                                            .depthwise_regularizer = "l2",
                                            .bias_regularizer = "l1",
                                            .activity_regularizer = "l2"});
  };
  check_layer(make, {{5, 4, 2}}, {.output = {3, 2, 6}, .weights = {"kernel", "bias"}});
}

/// Where Conv2D refuses it, as Keras does.
TEST(DepthwiseConv2D, TakesStridesTogetherWithADilationRate) {
  check_layer(
      [] {
        return layers::DepthwiseConv2D(2, {.strides = {2, 1}, .dilation_rate = {2, 3}});
      },
      {{5, 5, 2}}, {.output = {2, 2, 2}, .weights = {"kernel", "bias"}});
}

TEST(Convolutions, TakePaddingInAnyCase) {
  for (const Ref<Layer>& layer :
       {layers::Conv2D(2, 3, {.padding = "SAME"}), layers::DepthwiseConv2D(3, {.padding = "Same"}),
        read_layer("Conv2D", R"("filters": 2, "kernel_size": [3, 3], "padding": "SAME")")}) {
    EXPECT_EQ(layer(Input({4, 5, 2})).shape(), Shape({unknown, 4, 5, 2}));
    EXPECT_NE(layer->to_json().find(R"("padding":"same")"), std::string::npos);
  }
  EXPECT_THROWS(ValueError, layers::DepthwiseConv2D(3, {.padding = "FULL"}),
                "DepthwiseConv2D: expected padding valid or same, got \"full\"");
}

TEST(Conv2D, TakesBytes) {
  const Ref<Layer> conv = layers::Conv2D(1, 1, {.use_bias = false});
  const Array x = Array::of<std::uint8_t>({200, 255}).reshape({1, 1, 2, 1});
  EXPECT_CLOSE(run_layer(conv, {x}, {Array::full({1, 1, 1, 1}, 2.0)}).output,
               Array::of<float>({400, 510}).reshape({1, 1, 2, 1}), 0.0);
}

/// Keras's compute_fans: the kernel's area times channels, and times filters.
TEST(Conv2D, StartsWithinGlorotsLimit) {
  const Ref<Layer> conv = layers::Conv2D(32, {3, 5}, {.groups = 2});
  conv(Input({8, 8, 16}));
  const Array kernel = conv->weight("kernel").value();
  ASSERT_EQ(kernel.shape(), Shape({3, 5, 8, 32}));
  const double limit = std::sqrt(6.0 / (15.0 * 8.0 + 15.0 * 32.0));
  double largest = 0.0;
  for (const float value : kernel.values<float>()) largest = std::max(largest, std::abs(static_cast<double>(value)));
  EXPECT_LE(largest, limit);
  EXPECT_GT(largest, 0.98 * limit);
  EXPECT_EQ(conv->count_params(), 3 * 5 * 8 * 32 + 32);
}

TEST(Conv2D, AddsTheActivityRegularizerPerSample) {
  const Ref<Layer> conv = layers::Conv2D(1, 1, {.use_bias = false, .activity_regularizer = regularizers::L2(0.5)});
  const Array x = Array::of<float>({1, 3}).reshape({2, 1, 1, 1});
  const auto run = run_layer(conv, {x}, {Array::full({1, 1, 1, 1}, 2.0)});
  ASSERT_EQ(run.losses.size(), 1u);
  EXPECT_FLOAT_EQ(static_cast<float>(run.losses[0].item()), 0.5f * (4.0f + 36.0f) / 2.0f);
}

TEST(Conv2D, KeepsANanToTheWindowsThatSeeIt) {
  Array x = Array::ones({1, 4, 4, 1});
  x.values<float>()[0] = std::nanf("");
  const Array y = run_layer(layers::Conv2D(1, 2, {.use_bias = false}), {x}, {Array::ones({2, 2, 1, 1})}).output;
  const auto values = y.values<float>();
  EXPECT_TRUE(std::isnan(values[0]));
  for (std::size_t i = 1; i < values.size(); ++i) EXPECT_EQ(values[i], 4.0f) << i;
}

TEST(DepthwiseConv2D, KeepsANanToItsChannel) {
  Array x = Array::ones({1, 3, 3, 2});
  x.at<float>(0, 0, 0, 1) = std::nanf("");
  const Ref<Layer> layer = layers::DepthwiseConv2D(2, {.use_bias = false});
  const Array y = run_layer(layer, {x}, {Array::ones({2, 2, 2, 1})}).output;
  for (int row = 0; row < 2; ++row)
    for (int column = 0; column < 2; ++column) {
      EXPECT_EQ(y.at<float>(0, row, column, 0), 4.0f);
      EXPECT_EQ(std::isnan(y.at<float>(0, row, column, 1)), row + column == 0);
    }
}

TEST(Conv2D, KeepsANanToItsGroup) {
  Array x = Array::ones({1, 2, 2, 4});
  x.at<float>(0, 1, 1, 3) = std::nanf("");
  const Array y =
      run_layer(layers::Conv2D(4, 1, {.groups = 2, .use_bias = false}), {x}, {Array::ones({1, 1, 2, 4})}).output;
  for (int filter = 0; filter < 4; ++filter) {
    EXPECT_EQ(y.at<float>(0, 0, 0, filter), 2.0f);
    EXPECT_EQ(std::isnan(y.at<float>(0, 1, 1, filter)), filter >= 2);
  }
}

TEST(Conv2D, RefusesOptionsThatCannotBe) {
  EXPECT_THROWS(ValueError, layers::Conv2D(0, 3), "Conv2D: expected filters > 0, got 0");
  EXPECT_THROWS(ValueError, layers::Conv2D(2, {3, 0}), "Conv2D: expected kernel_size > 0, got (3, 0)");
  EXPECT_THROWS(ValueError, layers::Conv2D(2, 3, {.strides = 0}), "Conv2D: expected strides > 0, got (0, 0)");
  EXPECT_THROWS(ValueError, layers::Conv2D(2, 3, {.dilation_rate = {1, -1}}),
                "Conv2D: expected dilation_rate > 0, got (1, -1)");
  EXPECT_THROWS(ValueError, layers::Conv2D(4, 3, {.groups = 0}), "Conv2D: expected groups > 0, got 0");
  EXPECT_THROWS(ValueError, layers::Conv2D(4, 3, {.groups = 3}), "Conv2D: expected groups to divide 4 filters, got 3");
  EXPECT_THROWS(ValueError, layers::Conv2D(4, 3, {.strides = {2, 1}, .dilation_rate = {1, 2}}),
                "Conv2D: expected strides or dilation_rate to be 1, got (2, 1) and (1, 2)");
  EXPECT_THROWS(ValueError, layers::Conv2D(4, 3, {.padding = "causal"}),
                "Conv2D: expected padding valid or same, got \"causal\"");
  EXPECT_THROWS(ValueError, layers::Conv2D(4, 3, {.data_format = "nhwc"}),
                "Conv2D: expected data_format channels_last, got \"nhwc\"");
  EXPECT_THROWS(UnsupportedError, layers::Conv2D(4, 3, {.data_format = "channels_first"}),
                "Conv2D: expected data_format channels_last, got channels_first, which is not there");
}

TEST(Conv2D, RefusesInputsThatDoNotFit) {
  const auto conv = [](layers::Conv2DOptions options = {}) {
    options.name = "c";
    return layers::Conv2D(4, 3, options);
  };
  EXPECT_THROWS(ShapeError, conv()(Input({28, 28})),
                "c (Conv2D): expected images (batch, height, width, channels), got (batch, 28, 28)");
  EXPECT_THROWS(ShapeError, conv()(Input({2, 5, 1})), "c (Conv2D): expected an input with at least 3 rows");
  EXPECT_THROWS(ShapeError, conv({.dilation_rate = 2})(Input({5, 4, 1})),
                "c (Conv2D): expected an input with at least 5 columns");
  EXPECT_THROWS(ShapeError, conv({.padding = "same"})(Input({5, 5, 1}).at({all, Slice{0, 0}})),
                "c (Conv2D): expected images of 1 row, column and channel or more, got (batch, 0, 5, 1)");
  EXPECT_THROWS(ShapeError, conv({.groups = 2})(Input({5, 5, 3})),
                "c (Conv2D): expected channels that 2 groups can share, got (batch, 5, 5, 3)");
  EXPECT_THROWS(ShapeError, conv()(Input({5, 5, 1}).at({all, all, all, Slice{0, 0}})),
                "c (Conv2D): expected images of 1 row, column and channel or more, got (batch, 5, 5, 0)");
  const Ref<Layer> built = conv();
  built(Input({5, 5, 3}));
  EXPECT_THROWS(ShapeError, built(Input({5, 5, 1})),
                "c (Conv2D): expected images of 3 channels, as when it was built, got (batch, 5, 5, 1)");
  EXPECT_THROWS(ShapeError, built(Input({5, 2, 3})), "c (Conv2D): expected an input with at least 3 columns");
  EXPECT_NO_THROW(built(Input({8, 3, 3})));
}

TEST(Convolutions, RefuseWhatAFileAsksForInVain) {
  const std::string conv = R"("filters": 2, "kernel_size": [1, 1], )", depthwise = R"("kernel_size": [1, 1], )";
  EXPECT_NO_THROW(read_layer("Conv2D", conv + R"("lora_rank": null, "kernel_constraint": null)"));
  EXPECT_THROWS(UnsupportedError, read_layer("Conv2D", conv + R"("lora_rank": 4, "lora_alpha": 8)"),
                "here.config.lora_rank: expected null or false, which is all that is there yet, got 4");
  EXPECT_THROWS(UnsupportedError, read_layer("Conv2D", conv + R"("lora_alpha": 8)"), "here.config.lora_alpha");
  EXPECT_THROWS(UnsupportedError, read_layer("Conv2D", conv + R"("bias_constraint": "non_neg")"),
                "here.config.bias_constraint");
  for (const char* constraint : {R"("max_norm")", R"({"class_name": "MaxNorm", "config": {}})"}) {
    EXPECT_THROWS(UnsupportedError, read_layer("Conv2D", concat(conv, R"("kernel_constraint": )", constraint)),
                  "here.config.kernel_constraint: expected null");
    EXPECT_THROWS(UnsupportedError,
                  read_layer("DepthwiseConv2D", concat(depthwise, R"("depthwise_constraint": )", constraint)),
                  "here.config.depthwise_constraint: expected null");
  }
}

TEST(Convolutions, AreNotBuiltByACallThatIsRefused) {
  for (const Ref<Layer>& layer : {layers::Conv2D(2, 3), layers::DepthwiseConv2D(3)}) {
    EXPECT_THROWS(ShapeError, layer(Input({2, 5, 1})), "expected an input with at least 3 rows");
    EXPECT_FALSE(layer->built());
    EXPECT_TRUE(layer->weights().empty());
    layer(Input({4, 5, 3}));  // of other channels
    EXPECT_EQ(layer->weight("kernel").shape()[2], 3);
  }
}

TEST(DepthwiseConv2D, RefusesWhatCannotBe) {
  EXPECT_THROWS(ValueError, layers::DepthwiseConv2D(0), "DepthwiseConv2D: expected kernel_size > 0, got (0, 0)");
  EXPECT_THROWS(ValueError, layers::DepthwiseConv2D(3, {.depth_multiplier = 0}),
                "DepthwiseConv2D: expected depth_multiplier > 0, got 0");
  EXPECT_THROWS(ValueError, layers::DepthwiseConv2D(3, {.strides = {1, 0}}),
                "DepthwiseConv2D: expected strides > 0, got (1, 0)");
  EXPECT_THROWS(ValueError, layers::DepthwiseConv2D(3, {.dilation_rate = 0}),
                "DepthwiseConv2D: expected dilation_rate > 0, got (0, 0)");
  EXPECT_THROWS(ValueError, layers::DepthwiseConv2D(3, {.padding = "causal"}),
                "DepthwiseConv2D: expected padding valid or same, got \"causal\"");
  EXPECT_THROWS(ValueError, layers::DepthwiseConv2D(3, {.data_format = "nhwc"}),
                "DepthwiseConv2D: expected data_format channels_last, got \"nhwc\"");
  EXPECT_THROWS(UnsupportedError, layers::DepthwiseConv2D(3, {.data_format = "channels_first"}),
                "DepthwiseConv2D: expected data_format channels_last, got channels_first, which is not there");
  const Ref<Layer> built = layers::DepthwiseConv2D(3, {.name = "d"});
  built(Input({5, 5, 3}));
  EXPECT_THROWS(ShapeError, built(Input({5, 5, 1})),
                "d (DepthwiseConv2D): expected images of 3 channels, as when it was built, got (batch, 5, 5, 1)");
  EXPECT_THROWS(ShapeError, layers::DepthwiseConv2D(3, {.name = "d"})(Input({28, 28})),
                "d (DepthwiseConv2D): expected images");
  EXPECT_THROWS(ShapeError, layers::DepthwiseConv2D(3, {.name = "d"})(Input({28, 2, 1})),
                "d (DepthwiseConv2D): expected an input with at least 3 columns");
  EXPECT_THROWS(ShapeError,
                layers::DepthwiseConv2D(3, {.name = "d"})(Input({5, 5, 1}).at({all, all, all, Slice{0, 0}})),
                "d (DepthwiseConv2D): expected images of 1 row, column and channel or more, got (batch, 5, 5, 0)");
}

}  // namespace
}  // namespace keratin
