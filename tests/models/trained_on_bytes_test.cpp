// TrainedOnBytes: what a step makes of bytes, and that nobody else notices.
#include "models/trained_on_bytes.h"

#include <gtest/gtest.h>

#include <bit>
#include <numeric>
#include <vector>

#include "keratin/datasets.h"
#include "keratin/layers.h"
#include "models/mnist_mlp.h"
#include "support/approx.h"
#include "support/temporary_folder.h"

namespace keratin::models {
namespace {

Array every_byte() {
  std::vector<std::uint8_t> bytes(256);
  std::iota(bytes.begin(), bytes.end(), std::uint8_t{0});
  return {std::move(bytes), {256, 1}};
}

/// As a program without the class would write them.
Array divided(const Array& bytes) {
  std::vector<float> numbers;
  for (const std::uint8_t byte : bytes.values<std::uint8_t>()) numbers.push_back(static_cast<float>(byte / 255.0));
  return {std::move(numbers), bytes.shape()};
}

Array digits() { return datasets::synthetic_digits({.train = 120, .test = 0}).train.x.reshape({120, 784}); }
Array labels() { return datasets::to_categorical(datasets::synthetic_digits({.train = 120, .test = 0}).train.y, 10); }

CompileOptions options() {
  return {.optimizer = "rmsprop", .loss = "categorical_crossentropy", .metrics = {"accuracy"}, .seed = 7};
}
FitOptions two_epochs() { return {.batch_size = 50, .epochs = 2, .verbose = 0, .validation_split = 0.25}; }
Sequential network() { return mnist_mlp({.first_layer_neurons = 17, .second_layer_neurons = 9}); }

TEST(TrainedOnBytes, DividesEveryByteBy255ToTheBit) {
  TrainedOnBytes model(Sequential({Input({1}), layers::Dense(1, {.use_bias = false, .kernel_initializer = "ones"})}));
  model.compile({.optimizer = optimizers::SGD(0.0), .loss = [](Tensor, Tensor pixel) { return pixel; }});
  const Array bytes = every_byte(), expected = divided(bytes), y = Array::zeros({1, 1});
  for (std::int64_t byte = 0; byte < 256; ++byte) {
    const Array x = bytes.slice(byte, byte + 1);
    const auto bits = std::bit_cast<std::uint32_t>(expected.at(byte, 0));
    EXPECT_EQ(std::bit_cast<std::uint32_t>(static_cast<float>(model.train_on_batch(x, y).at("loss"))), bits) << byte;
    EXPECT_EQ(std::bit_cast<std::uint32_t>(static_cast<float>(model.test_on_batch(x, y).at("loss"))), bits) << byte;
  }
}

TEST(TrainedOnBytes, TrainsToTheSameBitsAsTheNetworkOnFloats) {
  const testing::TemporaryFolder folder;
  Sequential plain = network();
  plain.compile(options());
  const History on_floats = plain.fit(divided(digits()), labels(), two_epochs());
  TrainedOnBytes model(network());
  model.compile(options());
  const History on_bytes = model.fit(digits(), labels(), two_epochs());
  EXPECT_EQ(on_bytes.history, on_floats.history);
  const std::vector<Array> weights = model.get_weights(), expected = plain.get_weights();
  ASSERT_EQ(weights.size(), expected.size());
  for (std::size_t i = 0; i < weights.size(); ++i) EXPECT_CLOSE(weights[i], expected[i], 0.0);
  EXPECT_EQ(model.evaluate(digits(), labels(), {.verbose = 0}).at("loss"),
            plain.evaluate(divided(digits()), labels(), {.verbose = 0}).at("loss"));
  plain.save(folder / "plain.keratin");
  model.save(folder / "model.keratin");
  EXPECT_EQ(folder.read("model.keratin"), folder.read("plain.keratin"));
}

TEST(TrainedOnBytes, PredictsFromWhatTheNetworkTakes) {
  Sequential plain = network();
  TrainedOnBytes model(plain);
  model.compile(options());
  model.fit(digits(), labels(), two_epochs());
  const Array x = divided(digits());
  EXPECT_CLOSE(model.predict(x, {.verbose = 0}), plain.predict(x, {.verbose = 0}), 0.0);
  EXPECT_EQ(model.inputs()[0].dtype(), float32);
  EXPECT_EQ(model.summary(), plain.summary());
}

TEST(TrainedOnBytes, TakesFloatsAsTheyAre) {
  TrainedOnBytes on_floats(network()), on_bytes(network());
  on_floats.compile(options());
  on_bytes.compile(options());
  EXPECT_EQ(on_floats.fit(divided(digits()), labels(), two_epochs()).history,
            on_bytes.fit(digits(), labels(), two_epochs()).history);
}

}  // namespace
}  // namespace keratin::models
