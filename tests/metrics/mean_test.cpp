// The running mean: weights of every shape, resets, counts beyond float32.
#include <gtest/gtest.h>

#include "graph/trace.h"
#include "graph/variable_state.h"
#include "keratin/ops.h"
#include "metrics/metric_on_numbers.h"
#include "support/throws.h"

namespace keratin::testing {
namespace {

using namespace metrics;

TEST(Mean, IsZeroBeforeTheFirstValue) {
  const auto mean = Mean();
  EXPECT_EQ(mean->result().evaluate().item<double>(), 0.0);
}

TEST(Mean, WeighsALastPartialBatchByItsSize) {
  const auto mean = Mean();
  EXPECT_EQ(update_mean(*mean, Array::of<float>({1, 2, 3})), 2.0);
  EXPECT_EQ(update_mean(*mean, Array::of<float>({10})), 4.0);
}

TEST(Mean, CountsASampleOfSeveralNumbersOnce) {
  const auto mean = Mean();
  EXPECT_EQ(update_mean(*mean, Array::of<float>({{1, 3}, {5, 7}})), 4.0);
  EXPECT_EQ(update_mean(*mean, Array::of<float>({{10, 10}}), Array::of<float>({2})), 7.0);
}

TEST(Mean, WeighsTheStepsOfASequence) {
  const auto mean = Mean();
  // Keras weighs a sample by the mean of its steps' weights: (1·1 + 3·0) / 2 of weight 1/2, (5·1 + 7·1) / 2 of
  // weight 1.
  EXPECT_EQ(update_mean(*mean, Array::of<float>({{1, 3}, {5, 7}}), Array::of<float>({{1, 0}, {1, 1}})), 6.5 / 1.5);
}

TEST(Mean, TracksScalarsByTheirWeights) {
  const auto mean = Mean({.name = "loss"});
  const auto scalar = [&](double value, double weight) {
    return update(*mean, {}, [&](const Tensors&) {
      mean->update_state(Tensor(Array::full({}, value)), Tensor(Array::full({}, weight)));
    });
  };
  EXPECT_EQ(scalar(2.0, 32.0), 2.0);
  EXPECT_EQ(scalar(5.0, 16.0), 3.0);
  EXPECT_EQ(mean->name(), "loss");
}

TEST(Mean, IsZeroWhereAllWeightsAre) {
  const auto mean = Mean();
  EXPECT_EQ(update_mean(*mean, Array::of<float>({1, 2}), Array::of<float>({0, 0})), 0.0);
}

TEST(Mean, CountsBeyondTwoToTheTwentyFour) {
  const auto mean = Mean();
  const Variable total = mean->variables()[0], count = mean->variables()[1];
  EXPECT_EQ(count.name(), "count");
  VariableAccess::state(total)->assign(Array::full({}, 0x1p24, float64));
  VariableAccess::state(count)->assign(Array::full({}, 0x1p24, float64));
  update_mean(*mean, Array::of<float>({1}));
  EXPECT_EQ(count.value().item<double>(), 0x1p24 + 1);
  EXPECT_EQ(total.value().item<double>(), 0x1p24 + 1);
}

TEST(Mean, StartsAnewAfterAReset) {
  const auto mean = Mean();
  update_mean(*mean, Array::of<float>({7}));
  mean->reset_state();
  EXPECT_EQ(update_mean(*mean, Array::of<float>({3})), 3.0);
}

TEST(Mean, AveragesIntegersAndBooleans) {
  EXPECT_EQ(update_mean(*Mean(), Array::of<std::int32_t>({1, 2})), 1.5);
  EXPECT_EQ(update_mean(*Mean(), Array::of<bool>({true, false})), 0.5);
}

TEST(Mean, RefusesWeightsThatDoNotFit) {
  EXPECT_THROWS(ShapeError, update_mean(*Mean(), Array::ones({2, 3}), Array::ones({2, 4})),
                "mean: expected a sample_weight that broadcasts to the per-sample values (batch, 3), got (batch, 4)");
}

TEST(Mean, ComparesNothing) {
  const Ref<Metric> mean = Mean();
  EXPECT_THROWS(ValueError, update(*mean, Array::ones({2}), Array::ones({2})),
                "mean: expected one value to average, got y_true");
}

TEST(MeanMetricWrapper, IsTheMeanOfAFunction) {
  const auto difference = [](Tensor y_true, Tensor y_pred) { return ops::max(y_pred - y_true, {.axis = -1}); };
  const Ref<Metric> metric = MeanMetricWrapper(difference, {.name = "worst"});
  EXPECT_EQ(metric->name(), "worst");
  EXPECT_EQ(update(*metric, Array::zeros({2, 2}), Array::of<float>({{1, 2}, {4, 3}})), 3.0);
  const Ref<Metric> converted = difference;
  EXPECT_EQ(converted->name(), "mean_metric_wrapper");
  EXPECT_THROWS(ValueError, Metric::from_function(nullptr),
                "expected a function of (y_true, y_pred), got an empty one");
}

TEST(MeanMetricWrapper, PassesOverWhatIsMasked) {
  const Ref<Metric> metric = "mean_squared_error";
  const Array zeros = Array::zeros({3, 1}), values = Array::of<float>({{1}, {2}, {3}});
  const auto masked = [&](const Tensors& x) {
    Trace::current()->set_mask(x[1], ops::not_equal(ops::squeeze(x[1], -1), 2.0));
    metric->update_state(x[0], x[1], std::nullopt);
  };
  EXPECT_EQ(update(*metric, {zeros, values}, masked), 5.0);
}

class Largest final : public Metric {
 public:
  Largest() : Metric("largest"), largest_(add_weight("value", {})) {}
  void update_state(const Tensor&, const Tensor& y_pred, const std::optional<Tensor>&) override {
    largest_.assign(ops::maximum(largest_, ops::max(y_pred)));
  }
  Tensor result() const override { return largest_; }

 private:
  Variable largest_;
};

TEST(Metric, IsAClassOfTheUsers) {
  const Ref<Metric> metric = make<Largest>();
  EXPECT_EQ(update(*metric, Array::zeros({2}), Array::of<float>({3, 1})), 3.0);
  EXPECT_EQ(update(*metric, Array::zeros({2}), Array::of<float>({2, 1})), 3.0);
  EXPECT_EQ(metric->variables()[0].path(), "largest/value");
  EXPECT_EQ(metric->variables()[0].dtype(), float32);
  EXPECT_FALSE(metric->variables()[0].trainable());
}

}  // namespace
}  // namespace keratin::testing
