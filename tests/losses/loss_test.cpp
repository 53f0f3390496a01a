// What the base class of losses does: weights, masks, reductions, dtypes, functions.
#include <gtest/gtest.h>

#include <limits>

#include "graph/trace.h"
#include "losses/loss_on_numbers.h"
#include "support/approx.h"
#include "support/throws.h"

namespace keratin::testing {
namespace {

const Array y_true = Array::of<float>({{1, 2}, {3, 4}, {5, 6}});
const Array y_pred = Array::of<float>({{1, 3}, {3, 2}, {2, 6}});  // squared errors, means over rows: 0.5, 2, 4.5

float value(const Loss& loss, const Array& target, const Array& prediction,
            const std::optional<Array>& weight = std::nullopt) {
  return evaluate(loss, target, prediction, weight).output.item<float>();
}

TEST(Loss, DividesByTheCountOfSamplesNotByTheWeights) {
  const auto loss = losses::MeanSquaredError();
  EXPECT_FLOAT_EQ(value(*loss, y_true, y_pred), 7.0f / 3);
  EXPECT_FLOAT_EQ(value(*loss, y_true, y_pred, Array::of<float>({2, 0, 2})), 10.0f / 3);
}

TEST(Loss, DividesByTheWeightsIfAskedTo) {
  const auto loss = losses::MeanSquaredError({.reduction = LossReduction::mean_with_sample_weight});
  EXPECT_FLOAT_EQ(value(*loss, y_true, y_pred, Array::of<float>({2, 0, 2})), 10.0f / 4);
  EXPECT_FLOAT_EQ(value(*loss, y_true, y_pred, Array::of<float>({0, 0, 0})), 0.0f);
  EXPECT_FLOAT_EQ(value(*loss, y_true, y_pred), 7.0f / 3);
}

TEST(Loss, TakesWeightsAsAColumnAndOfAnyDType) {
  const auto loss = losses::MeanSquaredError();
  EXPECT_FLOAT_EQ(value(*loss, y_true, y_pred, Array::of<float>({{2}, {0}, {2}})), 10.0f / 3);
  EXPECT_FLOAT_EQ(value(*loss, y_true, y_pred, Array::of<std::int32_t>({2, 0, 2})), 10.0f / 3);
}

TEST(Loss, WeighsTheStepsOfASequence) {
  const auto loss = losses::MeanSquaredError({.reduction = LossReduction::none});
  const Array zeros = Array::zeros({2, 3, 1}), ones = Array::ones({2, 3, 1});
  const Array weights = Array::of<float>({{1, 2, 3}, {4, 5, 6}});
  EXPECT_CLOSE(evaluate(*loss, zeros, ones, weights).output, weights, 0.0);
  const Array per_sample = Array::of<float>({{7}, {8}});
  EXPECT_CLOSE(evaluate(*loss, zeros, ones, per_sample).output, Array::of<float>({{7, 7, 7}, {8, 8, 8}}), 0.0);
}

TEST(Loss, RefusesWeightsThatDoNotFit) {
  const auto loss = losses::MeanSquaredError();
  EXPECT_THROWS(ShapeError, evaluate(*loss, Array::zeros({2, 3, 1}), Array::ones({2, 3, 1}), Array::ones({2})),
                "mean_squared_error: expected a sample_weight that broadcasts to the per-sample values (batch, 3), got "
                "(batch,); to "
                "weigh");
}

TEST(Loss, MakesColumnsOfTargetsAndPredictionsMeet) {
  const Array column = Array::of<float>({{1}, {2}, {4}}), flat = Array::of<float>({1, 1, 1});
  EXPECT_FLOAT_EQ(value(*losses::MeanSquaredError(), flat, column), 10.0f / 3);
  EXPECT_FLOAT_EQ(value(*losses::MeanSquaredError(), column, flat), 10.0f / 3);
  const Ref<Loss> function = [](Tensor t, Tensor p) { return ops::mean(ops::square(t - p), {.axis = -1}); };
  EXPECT_FLOAT_EQ(value(*function, flat, column), 10.0f / 3);
}

TEST(Loss, CastsTargetsToThePredictionsDType) {
  const auto loss = losses::MeanSquaredError();
  const Array bytes = Array::of<std::uint8_t>({{1, 2}, {3, 4}, {5, 6}});
  EXPECT_FLOAT_EQ(value(*loss, bytes, y_pred), 7.0f / 3);
  EXPECT_EQ(evaluate(*loss, y_true, y_pred.astype(float64)).output.dtype(), float64);
  EXPECT_EQ(evaluate(*loss, y_true.astype(float64), y_pred).output.dtype(), float32);
}

TEST(Loss, IsAFunctionOfTheUsers) {
  const Ref<Loss> loss = [](Tensor t, Tensor p) { return ops::sum(ops::abs(t - p), {.axis = -1}); };
  EXPECT_FLOAT_EQ(value(*loss, y_true, y_pred), (1.0f + 2.0f + 3.0f) / 3);
  EXPECT_THROWS(ValueError, Loss::from_function(nullptr), "expected a function of (y_true, y_pred), got an empty one");
}

TEST(Loss, WeighsAScalarOfAFunctionWithoutReducingIt) {
  const Ref<Loss> loss = [](Tensor t, Tensor p) { return ops::sum(t - p); };
  EXPECT_FLOAT_EQ(value(*loss, y_true, y_pred), 4.0f);
}

class SquaredSum final : public Loss {
 public:
  SquaredSum() : Loss("squared_sum", LossReduction::sum) {}
  Tensor call(const Tensor& t, const Tensor& p) const override { return ops::sum(ops::square(t - p), {.axis = -1}); }
};

TEST(Loss, IsAClassOfTheUsers) {
  const Ref<Loss> loss = make<SquaredSum>();
  EXPECT_FLOAT_EQ(value(*loss, y_true, y_pred), 14.0f);
  EXPECT_EQ(loss->name(), "squared_sum");
}

/// As a layer that skips steps leaves y_pred: with a mask. This one hides the rows whose sum is `hidden`: 4, 5 or 8.
Array with_mask(const Loss& loss, double hidden, const std::optional<Array>& weight = std::nullopt) {
  const auto skip = [hidden](Tensor x) {
    Trace::current()->set_mask(x, ops::not_equal(ops::sum(x, {.axis = -1}), hidden));
    return x;
  };
  return evaluate(loss, y_true, y_pred, weight, skip).output;
}

TEST(Loss, AveragesOverWhatIsNotMasked) {
  const auto loss = [](LossReduction reduction) { return losses::MeanSquaredError({.reduction = reduction}); };
  const Array weights = Array::of<float>({2, 7, 1});
  EXPECT_CLOSE(with_mask(*loss(LossReduction::sum_over_batch_size), 5), Array::full({}, 5.0 / 2), tolerance::float32);
  EXPECT_CLOSE(with_mask(*loss(LossReduction::sum_over_batch_size), 5, weights), Array::full({}, 5.5 / 2),
               tolerance::float32);
  EXPECT_CLOSE(with_mask(*loss(LossReduction::sum), 5), Array::full({}, 5.0), tolerance::float32);
  EXPECT_CLOSE(with_mask(*loss(LossReduction::mean_with_sample_weight), 5, weights), Array::full({}, 5.5 / 3),
               tolerance::float32);
}

TEST(Loss, IsZeroWhereAllIsMasked) {
  const Array same = Array::of<float>({{1, 1}, {1, 1}});
  const auto skip_all = [](Tensor x) {
    Trace::current()->set_mask(x, ops::not_equal(ops::sum(x, {.axis = -1}), 2.0));
    return x;
  };
  for (const LossReduction reduction : {LossReduction::sum_over_batch_size, LossReduction::mean_with_sample_weight}) {
    const auto loss = losses::MeanSquaredError({.reduction = reduction});
    const auto result = evaluate(*loss, Array::zeros({2, 2}), same, std::nullopt, skip_all);
    EXPECT_EQ(result.output.item<double>(), 0.0);
    EXPECT_CLOSE(result.gradient, Array::zeros({2, 2}), 0.0);
  }
}

TEST(Loss, NamesItsNodesInTheGraph) {
  const Graph graph = graph_of({{float32, {unknown, 2}}, {float32, {unknown, 2}}}, [](const Tensors& x) -> Tensors {
    return (*losses::MeanSquaredError({.name = "distance"}))(x[0], x[1]);
  });
  EXPECT_EQ(graph.nodes().back().scope, "distance");
}

TEST(LossReduction, HasKerasNames) {
  for (const LossReduction reduction : {LossReduction::sum_over_batch_size, LossReduction::sum, LossReduction::none,
                                        LossReduction::mean_with_sample_weight})
    EXPECT_EQ(loss_reduction_from_name(to_string(reduction)), reduction);
  EXPECT_EQ(loss_reduction_from_name("mean"), LossReduction::sum_over_batch_size);
  EXPECT_THROWS(ValueError, loss_reduction_from_name("average"), "got \"average\"");
}

}  // namespace
}  // namespace keratin::testing
