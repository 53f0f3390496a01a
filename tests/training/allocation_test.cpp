// The promise that a step allocates nothing, counted at malloc; and that models share nothing.
#include <gtest/gtest.h>

#include <thread>
#include <vector>

#include "keratin/layers.h"
#include "keratin/model.h"
#include "models/lenet5.h"
#include "support/approx.h"
#include "support/malloc_counter.h"

namespace keratin {
namespace {

constexpr std::int64_t kSteps = 40;

/// Counts what was allocated from one batch's beginning to the next one's.
class Counting final : public Callback {
 public:
  void on_epoch_begin(int, Logs&) override { last_ = -1; }
  void on_train_batch_begin(std::int64_t batch, Logs&) override {
    const std::int64_t now = testing::allocation_count();
    if (batch > 0) allocations_[static_cast<std::size_t>(batch - 1)] += now - last_;
    last_ = now;
  }
  const std::vector<std::int64_t>& allocations() const { return allocations_; }

 private:
  std::vector<std::int64_t> allocations_ = std::vector<std::int64_t>(kSteps, 0);
  std::int64_t last_ = -1;
};

Sequential tutorial_network(const char* optimizer) {
  Sequential model({Input({784}, {.dtype = uint8}), layers::Rescaling(1.0 / 255),
                    layers::Dense(300, {.activation = "relu"}), layers::Dropout(0.1),
                    layers::Dense(100, {.activation = "relu", .kernel_regularizer = "l2"}),
                    layers::Dense(10, {.activation = "softmax"})});
  model.compile(
      {.optimizer = optimizer, .loss = "sparse_categorical_crossentropy", .metrics = {"accuracy"}, .seed = 1});
  return model;
}

class Allocations : public ::testing::TestWithParam<const char*> {};

TEST_P(Allocations, OfAStepAreNone) {
  Sequential model = tutorial_network(GetParam());
  const Array x = Array::full({50 * kSteps - 7, 784}, 3, uint8),
              y = Array::zeros({50 * kSteps - 7}, uint8);  // the last batch is smaller
  const Ref<Counting> counting = make<Counting>();
  model.fit(x, y,
            {.batch_size = 50,
             .epochs = 2,
             .verbose = 0,
             .callbacks = {counting},
             .validation_data = {x.slice(0, 70), y.slice(0, 70)},
             .class_weight = {{0, 0.5}}});
  for (std::size_t step = 1; step < kSteps; ++step) EXPECT_EQ(counting->allocations()[step], 0) << "step " << step;
}

INSTANTIATE_TEST_SUITE_P(OfEachOptimizer, Allocations, ::testing::Values("sgd", "rmsprop", "adam", "adamw", "adagrad"),
                         [](const auto& test) { return std::string(test.param); });

TEST(LeNet5, AllocatesNothingInAStep) {
  Sequential model = models::lenet5();
  model.compile({.optimizer = "adam", .loss = "sparse_categorical_crossentropy", .metrics = {"accuracy"}, .seed = 1});
  const Array x = Array::full({10 * kSteps - 3, 28, 28, 1}, 0.5), y = Array::zeros({10 * kSteps - 3}, uint8);
  const Ref<Counting> counting = make<Counting>();
  model.fit(x, y, {.batch_size = 10, .verbose = 0, .callbacks = {counting}});
  for (std::size_t step = 1; step < kSteps; ++step) EXPECT_EQ(counting->allocations()[step], 0) << "step " << step;
}

TEST(Models, InTwoThreadsGiveTheBitsThatTheyGiveAlone) {
  const auto train = [](std::uint64_t seed) {
    Sequential model({Input({8}), layers::Dense(16, {.activation = "relu"}), layers::Dropout(0.5), layers::Dense(1)});
    model.compile({.optimizer = "adam", .loss = "mse", .seed = seed});
    const Array x = Array::ones({64, 8}), y = Array::zeros({64, 1});
    model.fit(x, y, {.batch_size = 10, .epochs = 20, .verbose = 0});
    return model.get_weights();
  };
  std::vector<Array> first, second;
  std::thread one([&] { first = train(1); });
  std::thread two([&] { second = train(2); });
  one.join();
  two.join();
  const std::vector<Array> first_alone = train(1), second_alone = train(2);
  for (std::size_t i = 0; i < first.size(); ++i) {
    EXPECT_CLOSE(first[i], first_alone[i], 0.0);
    EXPECT_CLOSE(second[i], second_alone[i], 0.0);
  }
}

}  // namespace
}  // namespace keratin
