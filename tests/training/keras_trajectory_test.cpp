// Steps of the tutorial's network and of LeNet-5 on real MNIST against pinned Keras, from the same weights on the same
// batches.
#include <gtest/gtest.h>

#include <cmath>
#include <string>
#include <tuple>
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

constexpr std::int64_t batch_size = 50;

/// As tests/golden/cases/training_run.py has them.
struct Network {
  std::int64_t steps;
  std::string stream;  // what the names of its kernels' streams begin with
  Shape image;
  std::vector<Shape> kernels;
  std::vector<Ref<Layer>> (*layers)();
};

std::vector<Ref<Layer>> tutorials_layers() {
  return {layers::Dense(300, {.activation = "relu"}), layers::Dense(100, {.activation = "relu"}), layers::Dense(10)};
}

std::vector<Ref<Layer>> lenet5s_layers() {
  return {layers::Conv2D(6, 5, {.padding = "same", .activation = "relu"}),
          layers::MaxPooling2D(2),
          layers::Conv2D(16, 5, {.activation = "relu"}),
          layers::MaxPooling2D(2),
          layers::Flatten(),
          layers::Dense(120, {.activation = "relu"}),
          layers::Dense(84, {.activation = "relu"}),
          layers::Dense(10)};
}

Network network_called(const std::string& name) {
  if (name == "mnist") return {200, "trajectory", {784}, {{784, 300}, {300, 100}, {100, 10}}, tutorials_layers};
  return {50,
          "trajectory/lenet5",
          {28, 28, 1},
          {{5, 5, 1, 6}, {5, 5, 6, 16}, {400, 120}, {120, 84}, {84, 10}},
          lenet5s_layers};
}

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

/// Within Glorot's limit.
Array initial_kernel(const Network& network, std::size_t layer, int seed, DType dtype) {
  const Shape& shape = network.kernels[layer];
  const std::int64_t fans = shape.until(-2).size() * (shape[-2] + shape[-1]);
  const IntegerGenerator stream(network.stream + "/seed_" + std::to_string(seed) + "/kernel_" + std::to_string(layer));
  return Array(stream.uniform_values<double>(static_cast<std::size_t>(shape.size()),
                                             std::sqrt(6.0 / static_cast<double>(fans))),
               shape)
      .astype(dtype);
}

Sequential made(const Network& network, int seed, DType dtype) {
  Sequential model({Input(network.image, {.dtype = dtype})});
  for (const Ref<Layer>& layer : network.layers()) model.add(layer);
  std::vector<Array> weights;
  for (std::size_t layer = 0; layer < network.kernels.size(); ++layer) {
    weights.push_back(initial_kernel(network, layer, seed, dtype));
    weights.push_back(Array::zeros(Shape({network.kernels[layer].back()}), dtype));
  }
  model.set_weights(weights);
  return model;
}

std::vector<double> sampled_weights(const Sequential& model) {
  std::vector<double> out;
  const std::vector<Array> weights = model.get_weights();
  for (std::size_t layer = 0; layer < weights.size() / 2; ++layer) {
    const Array kernel = weights[2 * layer].astype(float64), bias = weights[2 * layer + 1].astype(float64);
    const std::span<const double> entries = kernel.values<double>();
    for (const std::int64_t at :
         IntegerGenerator("trajectory/positions/kernel_" + std::to_string(layer)).positions(256, kernel.size()))
      out.push_back(entries[static_cast<std::size_t>(at)]);
    for (const double entry : bias.values<double>()) out.push_back(entry);
  }
  return out;
}

Trajectory train(const Network& network, const std::string& optimizer, int seed, DType dtype,
                 const datasets::Split& mnist) {
  const Floatx floatx(dtype);
  Sequential model = made(network, seed, dtype);
  model.compile({.optimizer = optimizer, .loss = losses::CategoricalCrossentropy({.from_logits = true})});
  const std::vector<std::int64_t> order =
      IntegerGenerator("trajectory/seed_" + std::to_string(seed) + "/order").permutation(60000);
  Trajectory out;
  for (std::int64_t step = 0; step < network.steps; ++step) {
    const std::span<const std::int64_t> rows =
        std::span(order).subspan(static_cast<std::size_t>(step * batch_size), batch_size);
    Array x = mnist.x.take(rows).reshape(Shape({batch_size}) + network.image).astype(dtype);
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
  for (int layer = 0; golden.contains(run + "/kernel_" + std::to_string(layer)); ++layer) {
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

class KerasTrajectory : public ::testing::TestWithParam<std::tuple<std::string, std::string>> {
 protected:
  const std::string& name() const { return std::get<0>(GetParam()); }
  const std::string& optimizer() const { return std::get<1>(GetParam()); }
  testing::Npz golden() const { return testing::golden("trajectory_" + name() + "_" + optimizer()); }
};

TEST_P(KerasTrajectory, IsKerassToNineDigitsInFloat64) {
  KERATIN_DATA_FOLDER_OR_SKIP(folder, "mnist");
  const datasets::Pair mnist = datasets::mnist({.directory = folder});
  const Trajectory ours = train(network_called(name()), optimizer(), 0, float64, mnist.train),
                   theirs = keras_run(golden(), "float64/seed_0");
  ASSERT_EQ(ours.losses.size(), theirs.losses.size());
  ASSERT_EQ(ours.weights.size(), theirs.weights.size());
  EXPECT_LE(largest_relative_difference(ours.losses, theirs.losses), 1e-9);
  EXPECT_LE(largest_difference(ours.weights, theirs.weights), 1e-8);
}

TEST_P(KerasTrajectory, IsAsNearToKerasInFloat32AsItsBackendsAreToEachOther) {
  KERATIN_DATA_FOLDER_OR_SKIP(folder, "mnist");
  const datasets::Pair mnist = datasets::mnist({.directory = folder});
  const testing::Npz golden = this->golden();
  const double losses = golden["spread/losses"].item<double>(), weights = golden["spread/weights"].item<double>();
  for (const int seed : {0, 1, 2}) {
    const Trajectory ours = train(network_called(name()), optimizer(), seed, float32, mnist.train),
                     theirs = keras_run(golden, "float32/seed_" + std::to_string(seed));
    EXPECT_LE(l2_distance(ours.losses, theirs.losses), losses) << "seed " << seed;
    EXPECT_LE(l2_distance(ours.weights, theirs.weights), weights) << "seed " << seed;
    RecordProperty("seed_" + std::to_string(seed) + "_losses",
                   std::to_string(l2_distance(ours.losses, theirs.losses) / losses));
    RecordProperty("seed_" + std::to_string(seed) + "_weights",
                   std::to_string(l2_distance(ours.weights, theirs.weights) / weights));
  }
}

INSTANTIATE_TEST_SUITE_P(OfEachOptimizer, KerasTrajectory,
                         ::testing::Combine(::testing::Values("mnist", "lenet5"),
                                            ::testing::Values("sgd", "rmsprop", "adam")),
                         [](const auto& test) { return std::get<0>(test.param) + "_" + std::get<1>(test.param); });

}  // namespace
}  // namespace keratin
