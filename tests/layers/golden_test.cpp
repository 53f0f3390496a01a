// Every layer against Keras: outputs and gradients in float64.
#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "keratin/layers.h"
#include "keratin/model.h"
#include "layers/layer_state.h"
#include "layers/registry.h"
#include "support/approx.h"
#include "support/check_layer.h"
#include "support/npz.h"

namespace keratin {
namespace {

using testing::golden;
using testing::Npz;

struct Case {
  const char* name;
  Ref<Layer> layer;
  bool training = false;
};

/// The cases of tests/golden/cases/layers.py.
std::vector<Case> cases() {
  const testing::FloatX scope(float64);
  return {
      {"dense", layers::Dense(3)},
      {"dense_no_bias", layers::Dense(3, {.use_bias = false})},
      {"dense_activation", layers::Dense(3, {.activation = "tanh"})},
      {"dense_rank_3", layers::Dense(3, {.activation = "sigmoid"})},
      {"flatten", layers::Flatten()},
      {"flatten_rank_1", layers::Flatten()},
      {"reshape", layers::Reshape({4, 2})},
      {"reshape_rest", layers::Reshape({2, -1, 2})},
      {"reshape_flat", layers::Reshape({-1})},
      {"activation", layers::Activation("elu")},
      {"relu", layers::ReLU()},
      {"relu_max_value", layers::ReLU({.max_value = 1.5})},
      {"relu_negative_slope", layers::ReLU({.negative_slope = 0.25})},
      {"relu_threshold", layers::ReLU({.threshold = 0.75})},
      {"relu_all", layers::ReLU({.max_value = 1.0, .negative_slope = 0.25, .threshold = 0.75})},
      {"leaky_relu", layers::LeakyReLU()},
      {"leaky_relu_negative_slope", layers::LeakyReLU({.negative_slope = 0.125})},
      {"softmax", layers::Softmax()},
      {"softmax_axis", layers::Softmax({.axis = 1})},
      {"rescaling", layers::Rescaling(0.375)},
      {"rescaling_offset", layers::Rescaling(-1.75, {.offset = 0.625})},
      {"add", layers::Add()},
      {"add_three", layers::Add()},
      {"add_broadcast", layers::Add()},
      {"concatenate", layers::Concatenate()},
      {"concatenate_axis", layers::Concatenate({.axis = 1})},
      {"dropout", layers::Dropout(0.375)},
  };
}

std::vector<Case> convolution_cases() {
  const testing::FloatX scope(float64);
  return {
      {"conv2d", layers::Conv2D(3, 3)},
      {"conv2d_kernel_size", layers::Conv2D(2, {2, 4})},
      {"conv2d_strides", layers::Conv2D(2, 3, {.strides = {2, 1}})},
      {"conv2d_same", layers::Conv2D(2, {3, 2}, {.padding = "same"})},
      {"conv2d_same_strides", layers::Conv2D(2, 3, {.strides = {2, 3}, .padding = "same"})},
      {"conv2d_dilation_rate", layers::Conv2D(2, 2, {.dilation_rate = {3, 2}})},
      {"conv2d_same_dilation_rate", layers::Conv2D(2, 3, {.padding = "same", .dilation_rate = 2})},
      {"conv2d_groups", layers::Conv2D(6, 2, {.groups = 2})},
      {"conv2d_groups_of_one", layers::Conv2D(4, 2, {.groups = 4})},
      {"conv2d_activation", layers::Conv2D(2, 1, {.activation = "tanh"})},
      {"conv2d_no_bias", layers::Conv2D(2, {4, 5}, {.use_bias = false})},
      {"conv2d_weights", layers::Conv2D(2, 2,
                                        {.kernel_initializer = initializers::Constant(0.375),
                                         .bias_initializer = initializers::Constant(-0.25),
                                         .kernel_regularizer = regularizers::L2(0.5),
                                         .bias_regularizer = regularizers::L1(0.25),
                                         .activity_regularizer = regularizers::L1(0.125)})},
      {"conv2d_groups_same_strides", layers::Conv2D(2, 2, {.strides = 2, .padding = "same", .groups = 2})},
      {"conv2d_groups_same_dilation_rate",
       layers::Conv2D(2, 2, {.padding = "same", .dilation_rate = {1, 2}, .groups = 2})},
      {"depthwise_conv2d", layers::DepthwiseConv2D({3, 2})},
      {"depthwise_conv2d_strides", layers::DepthwiseConv2D(2, {.strides = 2})},
      {"depthwise_conv2d_same", layers::DepthwiseConv2D(3, {.strides = 2, .padding = "same"})},
      {"depthwise_conv2d_depth_multiplier", layers::DepthwiseConv2D(2, {.depth_multiplier = 3})},
      {"depthwise_conv2d_dilation_rate", layers::DepthwiseConv2D(2, {.dilation_rate = {2, 3}})},
      {"depthwise_conv2d_activation", layers::DepthwiseConv2D(2, {.activation = "sigmoid", .use_bias = false})},
      {"depthwise_conv2d_same_unit_strides", layers::DepthwiseConv2D({2, 3}, {.padding = "same"})},
      {"depthwise_conv2d_unequal_strides", layers::DepthwiseConv2D(2, {.strides = {1, 2}})},
      {"depthwise_conv2d_strides_dilation_rate", layers::DepthwiseConv2D(2, {.strides = 2, .dilation_rate = {2, 3}})},
      {"depthwise_conv2d_weights", layers::DepthwiseConv2D(2, {.depthwise_initializer = initializers::Constant(0.375),
                                                               .bias_initializer = initializers::Constant(-0.25),
                                                               .depthwise_regularizer = regularizers::L2(0.5),
                                                               .bias_regularizer = regularizers::L1(0.25),
                                                               .activity_regularizer = regularizers::L2(0.125)})},
  };
}

std::vector<Case> pooling_and_padding_cases() {
  const testing::FloatX scope(float64);
  return {
      {"max_pooling2d", layers::MaxPooling2D()},
      {"max_pooling2d_strides", layers::MaxPooling2D({3, 2}, {.strides = {{1, 2}}})},
      {"max_pooling2d_same", layers::MaxPooling2D(3, {.strides = 2, .padding = "same"})},
      {"max_pooling2d_same_unit_strides", layers::MaxPooling2D({3, 2}, {.strides = 1, .padding = "same"})},
      {"max_pooling2d_same_default_strides", layers::MaxPooling2D(2, {.padding = "same"})},
      {"average_pooling2d", layers::AveragePooling2D(2)},
      {"average_pooling2d_strides", layers::AveragePooling2D({3, 2}, {.strides = {{1, 2}}})},
      {"average_pooling2d_same", layers::AveragePooling2D(3, {.strides = 2, .padding = "same"})},
      {"average_pooling2d_same_unit_strides", layers::AveragePooling2D({3, 2}, {.strides = 1, .padding = "same"})},
      {"average_pooling2d_same_default_strides", layers::AveragePooling2D(2, {.padding = "same"})},
      {"global_average_pooling2d", layers::GlobalAveragePooling2D()},
      {"global_average_pooling2d_keepdims", layers::GlobalAveragePooling2D({.keepdims = true})},
      {"global_max_pooling2d", layers::GlobalMaxPooling2D()},
      {"global_max_pooling2d_keepdims", layers::GlobalMaxPooling2D({.keepdims = true})},
      {"zero_padding2d", layers::ZeroPadding2D()},
      {"zero_padding2d_pair", layers::ZeroPadding2D({1, 2})},
      {"zero_padding2d_sides", layers::ZeroPadding2D({{1, 0}, {2, 3}})},
  };
}

std::vector<Case> normalization_cases() {
  const testing::FloatX scope(float64);
  return {
      {"batch_normalization", layers::BatchNormalization()},
      {"batch_normalization_training", layers::BatchNormalization(), true},
      {"batch_normalization_axis", layers::BatchNormalization({.axis = 1}), true},
      {"batch_normalization_momentum", layers::BatchNormalization({.momentum = 0.75, .epsilon = 0.125}), true},
      {"batch_normalization_no_center", layers::BatchNormalization({.center = false}), true},
      {"batch_normalization_no_scale", layers::BatchNormalization({.scale = false}), true},
      {"batch_normalization_plain", layers::BatchNormalization({.center = false, .scale = false})},
      {"batch_normalization_frozen", layers::BatchNormalization({.trainable = false}), true},
      {"batch_normalization_mask", layers::BatchNormalization(), true},
      {"batch_normalization_mask_nan", layers::BatchNormalization(), true},
      {"batch_normalization_axis_inference", layers::BatchNormalization({.axis = 1})},
      {"batch_normalization_plain_training", layers::BatchNormalization({.center = false, .scale = false}), true},
      {"batch_normalization_weights",
       layers::BatchNormalization({.beta_initializer = initializers::Constant(0.375),
                                   .gamma_initializer = initializers::Constant(-0.25),
                                   .moving_mean_initializer = initializers::Constant(0.75),
                                   .moving_variance_initializer = initializers::Constant(2.5),
                                   .beta_regularizer = regularizers::L1(0.25),
                                   .gamma_regularizer = regularizers::L2(0.5)})},
  };
}

std::vector<Case> image_cases() {
  std::vector<Case> all = convolution_cases();
  for (const std::vector<Case>& more : {pooling_and_padding_cases(), normalization_cases()})
    all.insert(all.end(), more.begin(), more.end());
  return all;
}

/// The arrays of a case whose names begin so and go on with a number or end: x, or x_0, x_1, ….
std::vector<Array> inputs_of(const Npz& file, const std::string& name, const std::string& suffix = "") {
  if (file.contains(name + "/x" + suffix)) return {file[name + "/x" + suffix]};
  std::vector<Array> inputs;
  while (file.contains(name + "/x_" + std::to_string(inputs.size()) + suffix))
    inputs.push_back(file[name + "/x_" + std::to_string(inputs.size()) + suffix]);
  return inputs;
}

std::vector<Array> weights_of(const Npz& file, const std::string& name, const std::string& suffix = "") {
  std::vector<Array> weights;
  for (const char* weight : {"kernel", "gamma", "beta", "bias"})
    if (file.contains(name + "/" + weight + suffix)) weights.push_back(file[name + "/" + weight + suffix]);
  return weights;
}

/// Gives the weights that do not train what the file has for them.
void set_state(const Ref<Layer>& layer, const Npz& file, const std::string& name) {
  for (const Variable& weight : layer->non_trainable_weights()) weight.assign(Tensor(file[name + "/" + weight.name()]));
}

/// What constant initializers gave the weights.
void expect_initial_weights(const Ref<Layer>& layer, const Npz& expected, const std::string& name) {
  for (const Variable& weight : layer->weights()) {
    const std::string initial = name + "/initial_" + weight.name();
    if (!expected.contains(initial)) continue;
    EXPECT_CLOSE(weight.value(), expected[initial], testing::tolerance::float64) << weight.name();
  }
}

/// Keras's layer.losses: of the activity, then of the weights with these values, in the order of trainable_weights().
std::vector<Array> losses_of(const Ref<Layer>& layer, const std::vector<Array>& weights, const testing::LayerRun& run) {
  std::vector<Array> losses = run.losses;
  const Variables trainable = layer->trainable_weights();
  for (const RegularizedWeight& regularized : LayerAccess::regularized(*layer))
    for (std::size_t i = 0; i < trainable.size(); ++i)
      if (trainable[i].path() == regularized.weight.path())
        losses.push_back((*regularized.regularizer)(Tensor(weights.at(i))).evaluate());
  return losses;
}

void expect_kerass_numbers(const Case& c, const Npz& expected) {
  const std::string name = c.name;
  SCOPED_TRACE(name);
  const double tolerance = testing::tolerance::float64;
  const std::vector<Array> x = inputs_of(expected, name);
  if (x.size() == 1) c.layer(Input(x[0].shape().from(1), {.dtype = float64}));
  expect_initial_weights(c.layer, expected, name);
  set_state(c.layer, expected, name);
  testing::LayerRunOptions options{.training = c.training, .cotangent = expected[name + "/cotangent"]};
  if (expected.contains(name + "/mask")) options.mask = expected[name + "/mask"];
  const std::vector<Array> own = c.layer->trainable() ? weights_of(expected, name) : std::vector<Array>();
  const auto run = testing::run_layer(c.layer, x, own, options);
  EXPECT_CLOSE(run.output, expected[name + "/output"], tolerance);
  const std::vector<Array> inputs = inputs_of(expected, name, "_gradient"),
                           weights = weights_of(expected, name, "_gradient");
  ASSERT_EQ(run.input_gradients.size(), inputs.size());
  ASSERT_EQ(run.weight_gradients.size(), weights.size());
  for (std::size_t i = 0; i < inputs.size(); ++i) EXPECT_CLOSE(run.input_gradients[i], inputs[i], tolerance);
  for (std::size_t i = 0; i < weights.size(); ++i) EXPECT_CLOSE(run.weight_gradients[i], weights[i], tolerance);
  for (const auto& [variable, value] : run.assigned)
    EXPECT_CLOSE(value, expected[name + "/new_" + variable], tolerance);
  if (expected.contains(name + "/losses")) {
    const std::vector<Array> losses = losses_of(c.layer, own, run);
    const Array& theirs = expected[name + "/losses"];
    ASSERT_EQ(static_cast<std::int64_t>(losses.size()), theirs.size());
    for (std::size_t i = 0; i < losses.size(); ++i)
      EXPECT_CLOSE(losses[i], theirs[static_cast<std::int64_t>(i)], tolerance) << "loss " << i;
  }
  EXPECT_EQ(run.assigned.empty(), !c.layer->trainable() || !expected.contains(name + "/new_moving_mean"));
}

void expect_every_case_of_the_file(const std::vector<Case>& cases, const Npz& expected) {
  for (const auto& [name, array] : expected.arrays()) {
    const std::string own = name.substr(0, name.find('/'));
    EXPECT_TRUE(std::any_of(cases.begin(), cases.end(), [&](const Case& c) { return c.name == own; })) << own;
  }
}

TEST(Layers, AreKerasOnFloat64) {
  const Npz expected = golden("layers");
  for (const Case& c : cases()) expect_kerass_numbers(c, expected);
}
TEST(Layers, AreAllThatTheFileHas) { expect_every_case_of_the_file(cases(), golden("layers")); }

TEST(ImageLayers, AreKerasOnFloat64) {
  const Npz expected = golden("image_layers");
  for (const Case& c : image_cases()) expect_kerass_numbers(c, expected);
}
TEST(ImageLayers, AreAllThatTheFileHas) { expect_every_case_of_the_file(image_cases(), golden("image_layers")); }

TEST(Layers, HaveAGoldenCaseEach) {
  std::set<std::string> seen{"InputLayer"};  // computes nothing
  for (const std::vector<Case>& all : {cases(), image_cases()})
    for (const Case& c : all) seen.insert(c.layer->class_name());
  for (const std::string_view name : layer_class_names()) EXPECT_TRUE(seen.contains(std::string(name))) << name;
}

}  // namespace
}  // namespace keratin
