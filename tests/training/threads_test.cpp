// A model's threads: the same bits for any number of them, whatever happens between two steps, and models that train
// side by side.
#include <gtest/gtest.h>

#include <functional>
#include <thread>

#include "keratin/callbacks.h"
#include "keratin/layers.h"
#include "keratin/model.h"

namespace keratin {
namespace {

constexpr std::int64_t kSamples = 130;  // the last batch of 40 is smaller

Array features() {
  std::vector<float> numbers;
  for (int i = 0; i < kSamples * 150; ++i) numbers.push_back(static_cast<float>(i * 37 % 101) / 50.0f - 1.0f);
  return {std::move(numbers), {kSamples, 150}};
}
Array classes() {
  std::vector<std::int32_t> numbers;
  for (int i = 0; i < kSamples; ++i) numbers.push_back(i * 7 % 5);
  return {std::move(numbers), {kSamples}};
}

/// Wide enough that threads own columns, with rows that are padded, and that they are worth their barriers.
Sequential network(int threads, const char* optimizer) {
  Sequential model({Input({150}), layers::Dense(301, {.activation = "relu"}), layers::Dropout(0.2),
                    layers::Dense(130, {.activation = "tanh", .kernel_regularizer = "l2"}),
                    layers::Dense(5, {.activation = "softmax"})});
  model.compile({.optimizer = optimizer,
                 .loss = "sparse_categorical_crossentropy",
                 .metrics = {"accuracy"},
                 .threads = threads,
                 .seed = 5});
  return model;
}

/// In the manner of LeNet-5, on images of 10 × 15.
Sequential convolutions(int threads) {
  Sequential model({Input({150}), layers::Reshape({10, 15, 1}),
                    layers::Conv2D(6, 5, {.padding = "same", .activation = "relu"}), layers::MaxPooling2D(2),
                    layers::Conv2D(16, 3, {.activation = "relu"}), layers::Flatten(),
                    layers::Dense(120, {.activation = "relu"}), layers::Dense(5, {.activation = "softmax"})});
  model.compile({.optimizer = "adam", .loss = "sparse_categorical_crossentropy", .threads = threads, .seed = 5});
  return model;
}

/// Means and variances over the batch, of images and of rows.
Sequential normalized(int threads) {
  Sequential model({Input({150}), layers::Reshape({10, 15, 1}),
                    layers::Conv2D(8, 3, {.padding = "same", .use_bias = false}), layers::BatchNormalization(),
                    layers::Activation("relu"), layers::MaxPooling2D(2), layers::Flatten(),
                    layers::Dense(200, {.use_bias = false}), layers::BatchNormalization(), layers::Activation("relu"),
                    layers::Dense(5, {.activation = "softmax"})});
  model.compile({.optimizer = "sgd", .loss = "sparse_categorical_crossentropy", .threads = threads, .seed = 5});
  return model;
}

class BetweenSteps final : public Callback {
 public:
  explicit BetweenSteps(std::function<void()> action) : action_(std::move(action)) {}
  void on_train_batch_end(std::int64_t, Logs&) override { action_(); }

 private:
  std::function<void()> action_;
};

std::vector<Array> trained(Sequential model, const std::function<void(Model&)>& between_steps = nullptr) {
  FitOptions options{.batch_size = 40, .epochs = 3, .verbose = 0};
  if (between_steps) options.callbacks = {make<BetweenSteps>([&] { between_steps(model); })};
  const History history = model.fit(features(), classes(), options);
  std::vector<Array> out = model.get_weights();
  for (const double loss : history.at("loss")) out.push_back(Array::full({}, loss, float64));
  return out;
}

void expect_same_bits(const std::vector<Array>& got, const std::vector<Array>& want) {
  ASSERT_EQ(got.size(), want.size());
  for (std::size_t i = 0; i < want.size(); ++i)
    EXPECT_TRUE(std::ranges::equal(got[i].bytes(), want[i].bytes())) << "array " << i;
}

class Threads : public ::testing::TestWithParam<const char*> {};

TEST_P(Threads, ChangeNoBit) {
  const std::vector<Array> alone = trained(network(1, GetParam()));
  for (const int threads : {2, 3, 5}) {
    SCOPED_TRACE(threads);
    expect_same_bits(trained(network(threads, GetParam())), alone);
  }
}

INSTANTIATE_TEST_SUITE_P(OfEachOptimizer, Threads, ::testing::Values("sgd", "rmsprop", "adam"));

TEST(Threads, ChangeNoBitOfConvolutions) {
  const std::vector<Array> alone = trained(convolutions(1));
  for (const int threads : {2, 3}) expect_same_bits(trained(convolutions(threads)), alone);
}

TEST(Threads, ChangeNoBitOfNormalizations) {
  const std::vector<Array> alone = trained(normalized(1));
  for (const int threads : {2, 3}) expect_same_bits(trained(normalized(threads)), alone);
}

TEST(Threads, MayBeInterruptedBetweenSteps) {
  const auto look = [](Model& model) { model.evaluate(features(), classes(), {.batch_size = 50, .verbose = 0}); };
  expect_same_bits(trained(network(2, "sgd"), look), trained(network(1, "sgd"), look));
}

TEST(Threads, MayTrainOnOtherDataBetweenSteps) {
  const auto train = [](Model& model) { model.train_on_batch(features().slice(0, 40), classes().slice(0, 40)); };
  expect_same_bits(trained(network(3, "sgd"), train), trained(network(1, "sgd"), train));
}

TEST(Threads, OfTwoModelsTrainSideBySide) {
  const std::vector<Array> alone = trained(network(1, "adam"));
  std::vector<Array> first, second;
  std::thread other([&] { second = trained(network(2, "adam")); });
  first = trained(network(2, "adam"));
  other.join();
  expect_same_bits(first, alone);
  expect_same_bits(second, alone);
}

}  // namespace
}  // namespace keratin
