// Models on the device "cuda", for which the host stands in: the backend, its executables and its kernels, against the
// CPU.
#include "cuda/cuda_backend.h"

#include <gtest/gtest.h>

#include <cmath>
#include <thread>

#include "keratin/keratin.h"
#include "stand_in/runtime.h"
#include "support/approx.h"
#include "support/throws.h"

namespace keratin {
namespace {

Array numbers(Shape shape, double low, double high, std::uint64_t seed) {
  std::vector<double> values(static_cast<std::size_t>(shape.size()));
  for (std::size_t i = 0; i < values.size(); ++i)
    values[i] = low + (high - low) * (0.5 + 0.5 * std::sin(static_cast<double>((i + 1) * (seed + 3))));
  return Array(std::move(values), shape).astype(float32);
}

Sequential small_network(double dropout = 0.0) {
  return Sequential({Input({20}), layers::Dense(33, {.activation = "relu"}), layers::Dropout(dropout),
                     layers::Dense(17, {.activation = "tanh"}), layers::BatchNormalization(),
                     layers::Dense(5, {.activation = "softmax"})});
}

struct Trained {
  std::vector<double> losses;
  std::vector<Array> weights;
};

/// 70 samples in batches of 32: the last one is ragged.
Trained trained_on(const std::string& device, const Ref<Optimizer>& optimizer, double dropout = 0.0) {
  Sequential model = small_network(dropout);
  model.compile({.optimizer = optimizer,
                 .loss = "sparse_categorical_crossentropy",
                 .metrics = {"accuracy"},
                 .device = device,
                 .threads = 1,
                 .seed = 5});
  std::vector<int> classes(70);
  for (std::size_t i = 0; i < classes.size(); ++i) classes[i] = static_cast<int>(i * 7 % 5);
  const History history =
      model.fit(numbers({70, 20}, -1, 1, 1), Array(classes, {70}), {.batch_size = 32, .epochs = 3, .verbose = 0});
  return {history.at("loss"), model.get_weights()};
}

void expect_close(const Trained& got, const Trained& expected) {
  ASSERT_EQ(got.losses.size(), expected.losses.size());
  for (std::size_t i = 0; i < got.losses.size(); ++i)
    EXPECT_NEAR(got.losses[i], expected.losses[i], 1e-5 * std::abs(expected.losses[i])) << "epoch " << i;
  for (std::size_t i = 0; i < got.weights.size(); ++i) {
    SCOPED_TRACE(i);
    EXPECT_CLOSE(got.weights[i], expected.weights[i], 2e-5);  // nine steps of updates that divide by small numbers
  }
}

TEST(CudaTraining, IsThatOfTheCpu) {
  for (const char* optimizer : {"sgd", "rmsprop", "adam"}) {
    SCOPED_TRACE(optimizer);
    expect_close(trained_on("cuda", optimizer), trained_on("cpu", optimizer));
  }
}

TEST(CudaTraining, DropsOutTheSameUnits) {
  expect_close(trained_on("cuda", "sgd", 0.4), trained_on("cpu", "sgd", 0.4));
}

TEST(CudaTraining, RoundsWhereTheCpuDoesUnderMixedPolicies) {
  for (const char* policy : {"mixed_bfloat16", "mixed_float16"}) {
    SCOPED_TRACE(policy);
    std::vector<double> losses;
    for (const char* device : {"cpu", "cuda"}) {
      Sequential model({Input({20}), layers::Dense(33, {.activation = "relu", .dtype = policy}),
                        layers::Dense(5, {.dtype = policy})});
      model.compile({.optimizer = "sgd", .loss = "mse", .device = device, .seed = 5});
      losses.push_back(model.fit(numbers({32, 20}, -1, 1, 1), numbers({32, 5}, 0, 1, 2), {.epochs = 3, .verbose = 0})
                           .at("loss")
                           .back());
    }
    EXPECT_NEAR(losses[1], losses[0], 2e-3 * losses[0]);  // sums in another order, rounded to 8 or 11 bits
  }
}

TEST(CudaTraining, HasTheSameBitsAgain) {
  const Trained once = trained_on("cuda", "adam", 0.2), again = trained_on("cuda", "adam", 0.2);
  for (std::size_t i = 0; i < once.weights.size(); ++i)
    EXPECT_TRUE(std::ranges::equal(once.weights[i].bytes(), again.weights[i].bytes())) << i;
}

TEST(CudaModel, PredictsAndEvaluatesAsOnTheCpu) {
  const Array x = numbers({13, 20}, -1, 1, 2), y = numbers({13, 5}, 0, 1, 3);
  std::vector<Array> outputs;
  std::vector<double> losses;
  for (const char* device : {"cpu", "cuda:0"}) {
    Sequential model = small_network();
    model.compile({.loss = "mse", .device = device, .seed = 1});
    EXPECT_EQ(model.device(), device);
    outputs.push_back(model.predict(x, {.batch_size = 4, .verbose = 0}));
    losses.push_back(model.evaluate(x, y, {.batch_size = 4, .verbose = 0}).at("loss"));
  }
  EXPECT_CLOSE(outputs[1], outputs[0], testing::tolerance::float32);
  EXPECT_NEAR(losses[1], losses[0], 1e-6 * losses[0]);
}

TEST(CudaModel, KeepsItsWeightsWhenItChangesDevices) {
  Sequential model = small_network();
  model.compile({.loss = "mse", .device = "cuda", .seed = 1});
  const Array x = numbers({8, 20}, -1, 1, 2), y = numbers({8, 5}, 0, 1, 3);
  model.fit(x, y, {.verbose = 0});
  const Array before = model.predict(x, {.verbose = 0});
  model.compile({.loss = "mse", .device = "cpu"});
  EXPECT_CLOSE(model.predict(x, {.verbose = 0}), before, testing::tolerance::float32);
}

TEST(CudaModel, MovesToTheDeviceWhatThePredictionBeforeLeftOnTheCpu) {
  Sequential model = small_network();
  const Array x = numbers({8, 20}, -1, 1, 2);
  const Array before = model.predict(x, {.verbose = 0});
  const std::vector<Array> weights = model.get_weights();
  model.compile({.loss = "mse", .device = "cuda"});
  EXPECT_CLOSE(model.predict(x, {.verbose = 0}), before, testing::tolerance::float32);
  for (std::size_t i = 0; i < weights.size(); ++i) EXPECT_CLOSE(model.get_weights()[i], weights[i], 0.0);
}

TEST(CudaDevices, AreListed) {
  const std::vector<Device> found = devices();
  ASSERT_EQ(found.size(), 2u);
  EXPECT_EQ(found[1].name, "cuda:0");
  EXPECT_EQ(found[1].description, "stand-in");
  EXPECT_GT(found[1].memory_bytes, 0u);
}

TEST(CudaDevices, SayWhyThereIsNone) {
  Sequential model = small_network();
  cuda::stand_in::fail_next("cudaGetDeviceCount", cudaErrorNoDevice);
  EXPECT_THROWS(UnsupportedError, model.compile({.device = "cuda"}), "there is a CUDA driver, but no device");
  cuda::stand_in::fail_next("cudaDriverGetVersion", cudaErrorInsufficientDriver);
  EXPECT_EQ(devices()[1].unusable, "there is no CUDA driver");
  cuda::stand_in::fail_next("cudaGetDeviceCount", cudaErrorInsufficientDriver);
  EXPECT_THROWS(UnsupportedError, model.compile({.device = "cuda"}), "install a newer driver");
}

TEST(CudaMemory, ThatIsNotThereIsToldAndHarmsNothing) {
  Sequential model = small_network();
  model.compile({.loss = "mse", .device = "cuda", .seed = 1});
  const Array x = numbers({64, 20}, -1, 1, 2), y = numbers({64, 5}, 0, 1, 3);
  model.fit(x, y, {.batch_size = 4, .verbose = 0});
  const std::vector<Array> before = model.get_weights();
  cuda::stand_in::set_free_memory(1000);
  EXPECT_THROWS(DeviceError, model.fit(x, y, {.batch_size = 64, .verbose = 0}),
                "bytes of device memory, got 1000 free");
  EXPECT_THROWS(DeviceError, model.fit(x, y, {.batch_size = 64, .verbose = 0}), "a batch of about");
  cuda::stand_in::set_free_memory(std::size_t{8} << 30);
  for (std::size_t i = 0; i < before.size(); ++i) EXPECT_CLOSE(model.get_weights()[i], before[i], 0.0);
  model.fit(x, y, {.batch_size = 64, .verbose = 0});
}

TEST(CudaErrors, NameTheCallAndLeaveTheCpuUsable) {
  Sequential model = small_network();
  model.compile({.loss = "mse", .device = "cuda", .seed = 1});
  const Array x = numbers({8, 20}, -1, 1, 2), y = numbers({8, 5}, 0, 1, 3);
  model.fit(x, y, {.verbose = 0});
  cuda::stand_in::fail_next("cudaGraphLaunch", cudaErrorLaunchFailure);
  EXPECT_THROWS(DeviceError, model.fit(x, y, {.verbose = 0}), "cuda: expected cudaGraphLaunch(");
  Sequential other = small_network();
  other.compile({.loss = "mse", .device = "cpu"});
  other.fit(x, y, {.verbose = 0});
}

TEST(CudaModels, TrainInTwoThreadsAsInOne) {
  const Trained alone = trained_on("cuda", "sgd", 0.1);
  Trained first, second;
  std::thread one([&] { first = trained_on("cuda", "sgd", 0.1); });
  std::thread other([&] { second = trained_on("cuda", "sgd", 0.1); });
  one.join();
  other.join();
  for (const Trained* each : {&first, &second})
    for (std::size_t i = 0; i < alone.weights.size(); ++i) EXPECT_CLOSE(each->weights[i], alone.weights[i], 0.0);
}

}  // namespace
}  // namespace keratin
