// Whole networks on a real device: as on the CPU, and every time the same bits.
#include <gtest/gtest.h>
#include <keratin/keratin.h>

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include "models/lenet5.h"
#include "models/mnist_mlp.h"

namespace keratin {
namespace {

struct Trained {
  std::vector<double> losses;  // an epoch each
  std::vector<Array> weights;
};

/// 200 steps: ten epochs of 20 batches of 50 drawn digits, shuffled.
Trained trained(Sequential model, const Shape& sample, const Ref<Optimizer>& optimizer, const std::string& device) {
  const datasets::Split digits = datasets::synthetic_digits({.train = 1000, .test = 10, .seed = 1}).train;
  Array x = digits.x.astype(float32).reshape(Shape({1000}) + sample);
  for (float& pixel : x.values<float>()) pixel /= 255.0F;
  model.compile(
      {.optimizer = optimizer, .loss = "sparse_categorical_crossentropy", .device = device, .threads = 1, .seed = 3});
  const History history = model.fit(x, digits.y, {.batch_size = 50, .epochs = 10, .verbose = 0});
  return {history.at("loss"), model.get_weights()};
}

void expect_as_on_the_cpu(Sequential (*network)(), const Shape& sample) {
  const Trained got = trained(network(), sample, optimizers::SGD(0.01), "cuda");
  const Trained expected = trained(network(), sample, optimizers::SGD(0.01), "cpu");
  ASSERT_EQ(got.losses.size(), 10U);
  EXPECT_LT(expected.losses.back(), 0.97 * expected.losses.front()) << "it does not learn: nothing is compared";
  for (std::size_t i = 0; i < got.losses.size(); ++i)
    EXPECT_NEAR(got.losses[i], expected.losses[i], 1e-4 * expected.losses[i]) << "epoch " << i;
}

void expect_equal_bits(Sequential (*network)(), const Shape& sample) {
  const Trained once = trained(network(), sample, optimizers::RMSprop(0.001), "cuda");
  const Trained again = trained(network(), sample, optimizers::RMSprop(0.001), "cuda");
  EXPECT_EQ(once.losses, again.losses);
  ASSERT_EQ(once.weights.size(), again.weights.size());
  for (std::size_t i = 0; i < once.weights.size(); ++i)
    EXPECT_TRUE(std::ranges::equal(once.weights[i].bytes(), again.weights[i].bytes())) << "weight " << i;
  EXPECT_LT(once.losses.back(), once.losses.front());
}

Sequential mnist_mlp() { return models::mnist_mlp(); }

TEST(OnADevice, TheTutorialsNetworkLearnsAsOnTheCpu) { expect_as_on_the_cpu(mnist_mlp, {784}); }
TEST(OnADevice, TheTutorialsNetworkHasTheSameBitsTwice) { expect_equal_bits(mnist_mlp, {784}); }
TEST(OnADevice, LeNet5LearnsAsOnTheCpu) { expect_as_on_the_cpu(models::lenet5, {28, 28, 1}); }
TEST(OnADevice, LeNet5HasTheSameBitsTwice) { expect_equal_bits(models::lenet5, {28, 28, 1}); }

}  // namespace
}  // namespace keratin
