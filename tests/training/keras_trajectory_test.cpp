// 200 steps of the tutorial network on real MNIST against pinned Keras, from the same weights on the same batches.
#include <gtest/gtest.h>

#include <cmath>
#include <string>
#include <vector>

#include "keratin/datasets.h"
#include "keratin/layers.h"
#include "keratin/losses.h"
#include "keratin/model.h"
#include "support/data_folder.h"
#include "support/integer_generator.h"
#include "support/npz.h"

namespace keratin {
namespace {

using testing::IntegerGenerator;

constexpr std::int64_t steps = 200, batch_size = 50;
constexpr std::int64_t widths[] = {784, 300, 100, 10};

struct Trajectory {
  std::vector<double> losses;
  std::vector<double> weights;  // sampled kernels and whole biases, as the golden file orders them
};

/// In its lifetime layers are made in that dtype.
class Floatx {
 public:
  explicit Floatx(DType dtype) { set_floatx(dtype); }
  Floatx(const Floatx&) = delete;
  Floatx& operator=(const Floatx&) = delete;
  ~Floatx() { set_floatx(float32); }
};

Array initial_kernel(int layer, int seed, DType dtype) {
  const std::int64_t rows = widths[layer], columns = widths[layer + 1];
  const double limit = std::sqrt(6.0 / static_cast<double>(rows + columns));
  const IntegerGenerator stream("trajectory/seed_" + std::to_string(seed) + "/kernel_" + std::to_string(layer));
  return Array(stream.uniform_values<double>(static_cast<std::size_t>(rows * columns), limit), Shape({rows, columns}))
      .astype(dtype);
}

Sequential tutorial_network(int seed, DType dtype) {
  Sequential model({Input({784}, {.dtype = dtype}), layers::Dense(300, {.activation = "relu"}),
                    layers::Dense(100, {.activation = "relu"}), layers::Dense(10)});
  std::vector<Array> weights;
  for (int layer = 0; layer < 3; ++layer) {
    weights.push_back(initial_kernel(layer, seed, dtype));
    weights.push_back(Array::zeros(Shape({widths[layer + 1]}), dtype));
  }
  model.set_weights(weights);
  return model;
}

std::vector<double> sampled_weights(const Sequential& model) {
  std::vector<double> out;
  const std::vector<Array> weights = model.get_weights();
  for (int layer = 0; layer < 3; ++layer) {
    const Array kernel = weights[static_cast<std::size_t>(2 * layer)].astype(float64),
                bias = weights[static_cast<std::size_t>(2 * layer + 1)].astype(float64);
    const std::span<const double> entries = kernel.values<double>();
    for (const std::int64_t at :
         IntegerGenerator("trajectory/positions/kernel_" + std::to_string(layer)).positions(256, kernel.size()))
      out.push_back(entries[static_cast<std::size_t>(at)]);
    for (const double entry : bias.values<double>()) out.push_back(entry);
  }
  return out;
}

Trajectory train(const std::string& optimizer, int seed, DType dtype, const datasets::Split& mnist) {
  const Floatx floatx(dtype);
  Sequential model = tutorial_network(seed, dtype);
  model.compile({.optimizer = optimizer, .loss = losses::CategoricalCrossentropy({.from_logits = true})});
  const std::vector<std::int64_t> order =
      IntegerGenerator("trajectory/seed_" + std::to_string(seed) + "/order").permutation(60000);
  Trajectory out;
  for (std::int64_t step = 0; step < steps; ++step) {
    const std::span<const std::int64_t> rows =
        std::span(order).subspan(static_cast<std::size_t>(step * batch_size), batch_size);
    Array x = mnist.x.take(rows).reshape(Shape({batch_size, 784})).astype(dtype);
    if (dtype == float32) {
      for (float& pixel : x.values<float>()) pixel /= 255.0f;
    } else {
      for (double& pixel : x.values<double>()) pixel /= 255.0;
    }
    const Array y = datasets::to_categorical(mnist.y.take(rows), 10).astype(dtype);
    out.losses.push_back(model.train_on_batch(x, y).at("loss"));
  }
  out.weights = sampled_weights(model);
  return out;
}

Trajectory keras_run(const testing::Npz& golden, const std::string& run) {
  Trajectory out;
  const auto append = [&](std::vector<double>& to, const std::string& name) {
    const Array values = golden[run + "/" + name].astype(float64);
    to.insert(to.end(), values.values<double>().begin(), values.values<double>().end());
  };
  append(out.losses, "losses");
  for (int layer = 0; layer < 3; ++layer) {
    append(out.weights, "kernel_" + std::to_string(layer));
    append(out.weights, "bias_" + std::to_string(layer));
  }
  return out;
}

double largest_relative_difference(const std::vector<double>& ours, const std::vector<double>& theirs) {
  double largest = 0.0;
  for (std::size_t i = 0; i < ours.size(); ++i)
    largest = std::max(largest, std::abs(ours[i] - theirs[i]) / std::abs(theirs[i]));
  return largest;
}

/// max |a − b| relative to max |b|: docs/architecture.md section 8.
double largest_difference(const std::vector<double>& ours, const std::vector<double>& theirs) {
  double difference = 0.0, size = 0.0;
  for (std::size_t i = 0; i < ours.size(); ++i) {
    difference = std::max(difference, std::abs(ours[i] - theirs[i]));
    size = std::max(size, std::abs(theirs[i]));
  }
  return difference / size;
}

double l2_distance(const std::vector<double>& ours, const std::vector<double>& theirs) {
  double difference = 0.0, size = 0.0;
  for (std::size_t i = 0; i < ours.size(); ++i) {
    difference += (ours[i] - theirs[i]) * (ours[i] - theirs[i]);
    size += theirs[i] * theirs[i];
  }
  return std::sqrt(difference / size);
}

class KerasTrajectory : public ::testing::TestWithParam<const char*> {};

TEST_P(KerasTrajectory, IsKerassToNineDigitsInFloat64) {
  KERATIN_DATA_FOLDER_OR_SKIP(folder, "mnist");
  const datasets::Pair mnist = datasets::mnist({.directory = folder});
  const testing::Npz golden = testing::golden("trajectory_mnist_" + std::string(GetParam()));
  const Trajectory ours = train(GetParam(), 0, float64, mnist.train), theirs = keras_run(golden, "float64/seed_0");
  ASSERT_EQ(ours.losses.size(), theirs.losses.size());
  ASSERT_EQ(ours.weights.size(), theirs.weights.size());
  EXPECT_LE(largest_relative_difference(ours.losses, theirs.losses), 1e-9);
  EXPECT_LE(largest_difference(ours.weights, theirs.weights), 1e-8);
}

TEST_P(KerasTrajectory, IsAsNearToKerasInFloat32AsItsBackendsAreToEachOther) {
  KERATIN_DATA_FOLDER_OR_SKIP(folder, "mnist");
  const datasets::Pair mnist = datasets::mnist({.directory = folder});
  const testing::Npz golden = testing::golden("trajectory_mnist_" + std::string(GetParam()));
  const double losses = golden["spread/losses"].item<double>(), weights = golden["spread/weights"].item<double>();
  for (const int seed : {0, 1, 2}) {
    const Trajectory ours = train(GetParam(), seed, float32, mnist.train),
                     theirs = keras_run(golden, "float32/seed_" + std::to_string(seed));
    EXPECT_LE(l2_distance(ours.losses, theirs.losses), losses) << "seed " << seed;
    EXPECT_LE(l2_distance(ours.weights, theirs.weights), weights) << "seed " << seed;
    RecordProperty("seed_" + std::to_string(seed) + "_losses",
                   std::to_string(l2_distance(ours.losses, theirs.losses) / losses));
    RecordProperty("seed_" + std::to_string(seed) + "_weights",
                   std::to_string(l2_distance(ours.weights, theirs.weights) / weights));
  }
}

INSTANTIATE_TEST_SUITE_P(OfEachOptimizer, KerasTrajectory, ::testing::Values("sgd", "rmsprop", "adam"),
                         [](const auto& test) { return std::string(test.param); });

}  // namespace
}  // namespace keratin
