// Every layer against Keras: outputs and gradients in float64.
#include <gtest/gtest.h>

#include <algorithm>

#include "keratin/layers.h"
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
  for (const char* weight : {"kernel", "bias"})
    if (file.contains(name + "/" + weight + suffix)) weights.push_back(file[name + "/" + weight + suffix]);
  return weights;
}

TEST(Layers, AreKerasOnFloat64) {
  const Npz expected = golden("layers");
  for (const Case& c : cases()) {
    const std::string name = c.name;
    SCOPED_TRACE(name);
    const auto run = testing::run_layer(c.layer, inputs_of(expected, name), weights_of(expected, name),
                                        {.cotangent = expected[name + "/cotangent"]});
    const double tolerance = testing::tolerance::float64;
    EXPECT_CLOSE(run.output, expected[name + "/output"], tolerance);
    const std::vector<Array> inputs = inputs_of(expected, name, "_gradient"),
                             weights = weights_of(expected, name, "_gradient");
    ASSERT_EQ(run.input_gradients.size(), inputs.size());
    ASSERT_EQ(run.weight_gradients.size(), weights.size());
    for (std::size_t i = 0; i < inputs.size(); ++i) EXPECT_CLOSE(run.input_gradients[i], inputs[i], tolerance);
    for (std::size_t i = 0; i < weights.size(); ++i) EXPECT_CLOSE(run.weight_gradients[i], weights[i], tolerance);
  }
}

TEST(Layers, HaveAGoldenCaseEach) {
  const Npz expected = golden("layers");
  const std::vector<Case> all_cases = cases();
  for (const auto& [name, array] : expected.arrays()) {
    const std::string own = name.substr(0, name.find('/'));
    EXPECT_TRUE(std::any_of(all_cases.begin(), all_cases.end(), [&](const Case& c) { return c.name == own; })) << own;
  }
}

}  // namespace
}  // namespace keratin
