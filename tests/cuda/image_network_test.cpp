// A network of images on the device "cuda", for which the host stands in, against the CPU: convolutions, poolings and
// all that comes between.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include "keratin/keratin.h"
#include "support/approx.h"

namespace keratin {
namespace {

constexpr std::int64_t samples = 14;  // in batches of 8: the last one is ragged

Array images() {
  const Shape shape{samples, 12, 12, 3};
  std::vector<double> values(static_cast<std::size_t>(shape.size()));
  for (std::size_t i = 0; i < values.size(); ++i) values[i] = std::sin(static_cast<double>(i) * 1.7);
  return Array(std::move(values), shape).astype(float32);
}

/// Strides, padding, groups and overlapping windows among the layers. (No bias before the normalization: its gradient
/// is 0 but for rounding.)
Sequential network() {
  return Sequential({
      Input({12, 12, 3}),
      layers::Conv2D(6, 5, {.padding = "same", .activation = "relu"}),
      layers::MaxPooling2D(3, {.strides = 2, .padding = "same"}),
      layers::DepthwiseConv2D(3, {.padding = "same", .depth_multiplier = 2, .use_bias = false}),
      layers::BatchNormalization(),
      layers::Conv2D(16, 3, {.strides = 2, .padding = "same", .groups = 2, .activation = "tanh"}),
      layers::AveragePooling2D(2, {.strides = 1, .padding = "same"}),
      layers::Conv2D(20, 2),
      layers::GlobalAveragePooling2D(),
      layers::Dense(4, {.activation = "softmax"}),
  });
}

struct Trained {
  std::vector<double> losses;
  std::vector<Array> weights;
  Array predicted;
};

Trained trained_on(const std::string& device, const Ref<Optimizer>& optimizer) {
  Sequential model = network();
  model.compile(
      {.optimizer = optimizer, .loss = "sparse_categorical_crossentropy", .device = device, .threads = 1, .seed = 5});
  std::vector<int> classes(static_cast<std::size_t>(samples));
  for (std::size_t i = 0; i < classes.size(); ++i) classes[i] = static_cast<int>(i * 7 % 4);
  const History history = model.fit(images(), Array(classes, {samples}), {.batch_size = 8, .epochs = 2, .verbose = 0});
  return {history.at("loss"), model.get_weights(), model.predict(images(), {.batch_size = 8, .verbose = 0})};
}

TEST(CudaImageNetwork, TrainsAsOnTheCpu) {
  for (const char* optimizer : {"sgd", "rmsprop"}) {
    SCOPED_TRACE(optimizer);
    const Trained got = trained_on("cuda", optimizer), expected = trained_on("cpu", optimizer);
    ASSERT_EQ(got.losses.size(), expected.losses.size());
    for (std::size_t i = 0; i < got.losses.size(); ++i)
      EXPECT_NEAR(got.losses[i], expected.losses[i], 1e-5 * std::abs(expected.losses[i])) << "epoch " << i;
    for (std::size_t i = 0; i < got.weights.size(); ++i) {
      SCOPED_TRACE(i);
      EXPECT_CLOSE(got.weights[i], expected.weights[i], 2e-5);  // four steps of updates that divide by small numbers
    }
    EXPECT_CLOSE(got.predicted, expected.predicted, 2e-5);
  }
}

TEST(CudaImageNetwork, HasTheSameBitsAgain) {
  const Trained once = trained_on("cuda", "sgd"), again = trained_on("cuda", "sgd");
  for (std::size_t i = 0; i < once.weights.size(); ++i)
    EXPECT_TRUE(std::ranges::equal(once.weights[i].bytes(), again.weights[i].bytes())) << i;
}

}  // namespace
}  // namespace keratin
