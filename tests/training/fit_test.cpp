// fit: passes, batches, validation, stopping and seeds.
#include <gtest/gtest.h>

#include <cmath>
#include <set>
#include <stop_token>
#include <string>
#include <vector>

#include "keratin/callbacks.h"
#include "keratin/layers.h"
#include "keratin/model.h"
#include "keratin/ops.h"
#include "keratin/random.h"
#include "support/approx.h"
#include "support/throws.h"
#include "tiny_model.h"

namespace keratin {
namespace {

using testing::column;
using testing::mean_of_x;
using testing::same;

/// A network with something random in all its parts.
Sequential noisy(std::optional<std::uint64_t> seed, double dropout = 0.25) {
  Sequential model({Input({4}), layers::Dense(8, {.activation = "tanh"}), layers::Dropout(dropout), layers::Dense(1)});
  model.compile({.optimizer = "adam", .loss = "mse", .seed = seed});
  return model;
}

Array numbers(Shape shape, float step = 0.37F) {
  Array out = Array::zeros(shape);
  float value = 0.0F;
  for (float& number : out.values()) {
    value += step;
    number = value - static_cast<float>(static_cast<int>(value));
  }
  return out;
}

const Array kX = numbers({20, 4}), kY = numbers({20, 1}, 0.61F);

/// The values that x had in each batch, in order.
class Seen final : public Callback {
 public:
  void on_train_batch_end(std::int64_t, Logs& logs) override { losses.push_back(logs.at("loss")); }
  std::vector<double> losses;  // running means: batch means where batches are alone in an epoch
};

// ---- batches
// --------------------------------------------------------------------------------------------------------------

TEST(Fit, UsesTheLastPartialBatchByItsSize) {
  Sequential model = mean_of_x();
  const Ref<Seen> seen = make<Seen>();
  const History history =
      model.fit(column(7), column(7), {.batch_size = 3, .verbose = 0, .callbacks = {seen}, .shuffle = false});
  EXPECT_EQ(seen->losses, (std::vector<double>{1.0, 2.5, 3.0}));
  EXPECT_EQ(history.at("loss"), (std::vector<double>{3.0}));
  EXPECT_EQ(history.params.steps, 3);
  EXPECT_EQ(model.evaluate(column(7), column(7), {.batch_size = 3, .verbose = 0}).at("loss"), 3.0);
  EXPECT_CLOSE(model.predict(column(7), {.batch_size = 3, .verbose = 0}), column(7), 0.0);
}

TEST(Fit, TakesABatchLargerThanTheData) {
  Sequential model = mean_of_x();
  EXPECT_EQ(model.fit(column(3), column(3), {.batch_size = 100, .verbose = 0}).at("loss"), (std::vector<double>{1.0}));
}

TEST(Fit, ValidatesWithTheLastPartAsItCame) {
  Sequential model = mean_of_x();
  const History history =
      model.fit(column(10), column(10), {.batch_size = 4, .epochs = 2, .verbose = 0, .validation_split = 0.2});
  EXPECT_EQ(history.at("loss"), (std::vector<double>{3.5, 3.5}));
  EXPECT_EQ(history.at("val_loss"), (std::vector<double>{8.5, 8.5}));
}

TEST(Fit, PrefersValidationDataToASplit) {
  Sequential model = mean_of_x();
  const History history = model.fit(
      column(4), column(4), {.verbose = 0, .validation_split = 0.5, .validation_data = {column(2, 100), column(2)}});
  EXPECT_EQ(history.at("loss")[0], 1.5);
  EXPECT_EQ(history.at("val_loss")[0], 100.5);
}

TEST(Fit, ValidatesInBatchesOfItsOwnAndAsManyAsAsked) {
  Sequential model = mean_of_x();
  std::int64_t batches = 0;
  const Ref<Callback> count = callbacks::LambdaCallback({.on_test_batch_end = [&](std::int64_t, Logs&) { ++batches; }});
  const History history = model.fit(column(4), column(4),
                                    {.batch_size = 4,
                                     .verbose = 0,
                                     .callbacks = {count},
                                     .validation_data = {column(10), column(10)},
                                     .validation_steps = 2,
                                     .validation_batch_size = 3});
  EXPECT_EQ(batches, 2);
  EXPECT_EQ(history.at("val_loss")[0], 2.5);
}

TEST(Fit, StartsAtTheInitialEpoch) {
  Sequential model = mean_of_x();
  EXPECT_EQ(model.fit(column(2), column(2), {.epochs = 5, .verbose = 0, .initial_epoch = 3}).epoch,
            (std::vector<int>{3, 4}));
  const History none = model.fit(column(2), column(2), {.epochs = 3, .verbose = 0, .initial_epoch = 3});
  EXPECT_TRUE(none.epoch.empty());
  EXPECT_TRUE(none.history.empty());
  EXPECT_THROWS(ValueError, none.at("loss"), "History: expected one of no names at all, got loss");
}

TEST(Fit, GoesOnWhereAnEpochOfFewerStepsEnded) {
  Sequential model = mean_of_x();
  const History history = model.fit(
      column(10), column(10), {.batch_size = 2, .epochs = 3, .verbose = 0, .shuffle = false, .steps_per_epoch = 3});
  EXPECT_EQ(history.at("loss"), (std::vector<double>{2.5, 7.5, 2.5}));  // batches 0-2, 3-4, 0-2
}

// ---- shuffling and seeds
// --------------------------------------------------------------------------------------------------

TEST(Fit, ShufflesEachPassAnewAndSeesEverySampleOnce) {
  Sequential model = mean_of_x();
  std::vector<std::vector<double>> orders;
  for (int epoch = 0; epoch < 2; ++epoch) {
    const Ref<Seen> seen = make<Seen>();
    model.fit(column(9), column(9), {.batch_size = 1, .verbose = 0, .callbacks = {seen}});
    std::vector<double> order;
    double before = 0.0;
    for (std::size_t i = 0; i < seen->losses.size(); ++i) {
      const double sum = seen->losses[i] * static_cast<double>(i + 1);
      order.push_back(std::round(sum - before));
      before = sum;
    }
    EXPECT_EQ(std::set<double>(order.begin(), order.end()).size(), 9U);
    orders.push_back(order);
  }
  EXPECT_NE(orders[0], orders[1]);
}

TEST(Fit, GivesTheSameBitsForTheSameSeed) {
  const auto run = [](std::optional<std::uint64_t> seed, bool shuffle) {
    Sequential model = noisy(seed);
    model.fit(kX, kY, {.batch_size = 6, .epochs = 3, .verbose = 0, .shuffle = shuffle});
    return model.get_weights();
  };
  EXPECT_TRUE(same(run(7, true), run(7, true)));
  EXPECT_FALSE(same(run(7, true), run(8, true)));
  EXPECT_FALSE(same(run(7, true), run(7, false)));
  set_random_seed(1);
  const std::vector<Array> first = run(std::nullopt, true), second = run(std::nullopt, true);
  set_random_seed(1);
  EXPECT_TRUE(same(run(std::nullopt, true), first));
  EXPECT_FALSE(same(first, second));
}

TEST(Fit, AgainGoesOnAsIfItHadNotStopped) {
  Sequential once = noisy(3), twice = noisy(3);
  once.fit(kX, kY, {.batch_size = 6, .epochs = 4, .verbose = 0});
  twice.fit(kX, kY, {.batch_size = 6, .epochs = 3, .verbose = 0});
  twice.fit(kX, kY, {.batch_size = 6, .epochs = 4, .verbose = 0, .initial_epoch = 3});
  EXPECT_TRUE(same(once.get_weights(), twice.get_weights()));
}

TEST(Fit, DropsOutOtherUnitsInEachStepAndNoneWhenPredicting) {
  Sequential model({Input({200}), layers::Dropout(0.5)});
  model.compile({.optimizer = "sgd", .loss = [](Tensor, Tensor y) { return y; }, .seed = 1});
  const Array ones = Array::ones({1, 200});
  std::set<double> losses;
  for (int step = 0; step < 4; ++step) losses.insert(model.train_on_batch(ones, ones).at("loss"));
  EXPECT_GT(losses.size(), 2U);
  EXPECT_EQ(model.test_on_batch(ones, ones).at("loss"), 1.0);
  EXPECT_CLOSE(model.predict(ones, {.verbose = 0}), ones, 0.0);
}

TEST(Fit, DoesNotDisturbAnotherModel) {
  const auto alone = [](std::uint64_t seed) {
    Sequential model = noisy(seed);
    for (int i = 0; i < 3; ++i) model.fit(kX, kY, {.batch_size = 6, .verbose = 0});
    return model.get_weights();
  };
  Sequential a = noisy(1), b = noisy(2);
  for (int i = 0; i < 3; ++i) {
    a.fit(kX, kY, {.batch_size = 6, .verbose = 0});
    b.fit(kX, kY, {.batch_size = 6, .verbose = 0});
  }
  EXPECT_TRUE(same(a.get_weights(), alone(1)));
  EXPECT_TRUE(same(b.get_weights(), alone(2)));
}

// ---- what may happen meanwhile
// --------------------------------------------------------------------------------------------

TEST(Fit, KeepsTheLogsOfABatchWhileACallbackPredicts) {
  const auto run = [](bool predict) {
    Sequential model = noisy(5);
    Sequential* self = &model;
    const Ref<Callback> busy = callbacks::LambdaCallback({.on_train_batch_end = [=](std::int64_t, Logs&) {
      if (predict) self->predict(kX.slice(0, 2), {.verbose = 0});
    }});
    const Ref<Seen> seen = make<Seen>();
    const History history = model.fit(kX, kY, {.batch_size = 7, .epochs = 2, .verbose = 0, .callbacks = {busy, seen}});
    seen->losses.insert(seen->losses.end(), history.at("loss").begin(), history.at("loss").end());
    return seen->losses;
  };
  EXPECT_EQ(run(true), run(false));
}

TEST(Fit, SurvivesACallbackThatCompiles) {
  Sequential model = mean_of_x(0.1);
  const Ref<Callback> compile = callbacks::LambdaCallback({.on_train_batch_end = [&](std::int64_t batch, Logs&) {
    if (batch == 0) model.compile({.optimizer = optimizers::SGD(0.0), .loss = "mse"});
  }});
  EXPECT_NO_THROW(
      model.fit(column(6), column(6), {.batch_size = 2, .epochs = 2, .verbose = 0, .callbacks = {compile}}));
}

TEST(Fit, TrainsByTheLearningRateThatWasSetLast) {
  Sequential model = mean_of_x(1.0);
  model.train_on_batch(column(1, 1), column(1));
  EXPECT_EQ(model.get_weights()[0].item<float>(), 0.0F);
  model.optimizer().set_learning_rate(0.25);
  model.train_on_batch(column(1, 1), column(1));
  EXPECT_EQ(model.get_weights()[0].item<float>(), -0.25F);
  model.fit(column(1, 1), column(1),
            {.verbose = 0, .callbacks = {callbacks::LearningRateScheduler([](int, double) { return 2.0; })}});
  EXPECT_EQ(model.get_weights()[0].item<float>(), -2.25F);
}

TEST(Fit, DoesNotTrainWhatIsFrozen) {
  Sequential model({Input({1}), layers::Dense(1, {.name = "a"}), layers::Dense(1, {.name = "b"})});
  model.compile({.optimizer = optimizers::SGD(0.1), .loss = "mse", .seed = 1});
  const auto train = [&] {
    const std::vector<Array> before = model.get_weights();
    model.fit(column(4, 1), column(4, 5), {.verbose = 0});
    std::vector<bool> changed;
    for (std::size_t i = 0; i < 4; ++i) changed.push_back(!testing::close(model.get_weights()[i], before[i], 0.0));
    return changed;
  };
  using Changed = std::vector<bool>;
  EXPECT_EQ(train(), (Changed{true, true, true, true}));
  model.get_layer("a")->set_trainable(false);  // without compiling again
  EXPECT_EQ(train(), (Changed{false, false, true, true}));
  model.get_layer("a")->set_trainable(true);
  model.get_layer("b")->set_trainable(false);
  EXPECT_EQ(train(), (Changed{true, true, false, false}));
  model.set_trainable(true);
  EXPECT_EQ(train(), (Changed{true, true, true, true}));
}

TEST(Fit, SeesALayerThawInTheNextEpoch) {
  Sequential model({Input({1}), layers::Dense(1, {.use_bias = false, .kernel_initializer = "ones", .trainable = false}),
                    layers::Dense(1, {.use_bias = false, .kernel_initializer = "ones"})});
  model.compile({.optimizer = optimizers::SGD(0.01), .loss = "mse"});
  std::vector<float> weights;
  const Ref<Callback> thaw = callbacks::LambdaCallback({.on_epoch_begin = [&](int epoch, Logs&) {
    weights.push_back(model.get_weights()[0].item<float>());
    if (epoch == 1) model.layers()[0]->set_trainable(true);
  }});
  model.fit(column(4), Array::zeros({4, 1}), {.epochs = 3, .verbose = 0, .callbacks = {thaw}});
  EXPECT_EQ(weights[1], 1.0F);
  EXPECT_NE(weights[2], 1.0F);
}

TEST(Fit, StopsAfterTheStepWhenToldFromOutside) {
  Sequential model = mean_of_x();
  std::stop_source stop;
  std::int64_t batches = 0;
  const Ref<Callback> count = callbacks::LambdaCallback({.on_train_batch_end = [&](std::int64_t batch, Logs&) {
    ++batches;
    if (batch == 1) stop.request_stop();
  }});
  const History history = model.fit(column(10), column(10),
                                    {.batch_size = 2,
                                     .epochs = 3,
                                     .verbose = 0,
                                     .callbacks = {count},
                                     .validation_split = 0.2,
                                     .stop = stop.get_token()});
  EXPECT_EQ(batches, 2);
  EXPECT_EQ(history.epoch, (std::vector<int>{0}));
  EXPECT_EQ(history.history.count("val_loss"), 0U);
}

TEST(Fit, StopsWhenACallbackSaysSoAndCanGoOn) {
  Sequential model = mean_of_x();
  const Ref<Callback> stop = callbacks::LambdaCallback({.on_epoch_end = [&](int, Logs&) { model.stop_training(); }});
  EXPECT_EQ(model.fit(column(4), column(4), {.epochs = 3, .verbose = 0, .callbacks = {stop}}).epoch.size(), 1U);
  EXPECT_TRUE(model.stopping());
  EXPECT_EQ(model.fit(column(4), column(4), {.epochs = 3, .verbose = 0}).epoch.size(), 3U);
}

TEST(Fit, GivesACallbackBackToTheOuterCall) {
  class Nested final : public Callback {
   public:
    explicit Nested(const Array& x) : x_(x) {}
    void on_epoch_end(int, Logs&) override {
      const Ref<Callback> self(std::shared_ptr<Callback>(this, [](Callback*) {}));
      model().evaluate(x_, x_, {.verbose = 0, .callbacks = {self}});
      EXPECT_NO_THROW(model());
      EXPECT_EQ(params().epochs, 2);
    }

   private:
    Array x_;
  };
  Sequential model = mean_of_x();
  model.fit(column(2), column(2), {.epochs = 2, .verbose = 0, .callbacks = {make<Nested>(column(2))}});
}

}  // namespace
}  // namespace keratin
