// Losses and their gradients against Keras's: values, weights, reductions, smoothing, clipping, axes, fusion.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "losses/loss_on_numbers.h"
#include "support/approx.h"
#include "support/npz.h"

namespace keratin::testing {
namespace {

using namespace losses;

struct Case {
  std::string name;  // in losses.npz
  Ref<Loss> loss;
  std::string y_true, y_pred;
  bool weighted = false;
  std::function<Tensor(Tensor)> activation = [](Tensor x) { return x; };
};

/// "mean_squared_error_sum_weighted" and so on: every reduction, without and with weights.
template <class Factory>
void add_reductions(std::vector<Case>& cases, const std::string& prefix, const std::string& y_true,
                    const std::string& y_pred, Factory make) {
  for (const LossReduction reduction : {LossReduction::sum_over_batch_size, LossReduction::sum, LossReduction::none,
                                        LossReduction::mean_with_sample_weight})
    for (const bool weighted : {false, true})
      cases.push_back({prefix + "_" + to_string(reduction) + (weighted ? "_weighted" : ""), make(reduction), y_true,
                       y_pred, weighted});
}

void add_binary(std::vector<Case>& cases) {
  const auto sigmoid = [](Tensor x) { return ops::sigmoid(x); };
  const std::string y = "binary/y_true";
  cases.push_back({"binary_probabilities", BinaryCrossentropy(), y, "binary/probabilities"});
  cases.push_back(
      {"binary_probabilities_smoothed", BinaryCrossentropy({.label_smoothing = 0.125}), y, "binary/probabilities"});
  cases.push_back({"binary_clipped", BinaryCrossentropy(), y, "binary/extreme"});
  cases.push_back({"binary_clipped", BinaryCrossentropy({.clip_probabilities = true}), y, "binary/extreme"});
  cases.push_back({"binary_logits", BinaryCrossentropy({.from_logits = true}), y, "binary/logits"});
  cases.push_back({"binary_logits_smoothed", BinaryCrossentropy({.from_logits = true, .label_smoothing = 0.125}), y,
                   "binary/logits", true});
  cases.push_back({"binary_logits_axis",
                   BinaryCrossentropy({.from_logits = true, .axis = 0, .reduction = LossReduction::none}), y,
                   "binary/logits"});
  cases.push_back({"fused_binary", BinaryCrossentropy(), y, "binary/saturated", false, sigmoid});
  cases.push_back(
      {"fused_binary_smoothed", BinaryCrossentropy({.label_smoothing = 0.125}), y, "binary/saturated", true, sigmoid});
  cases.push_back({"fused_binary", BinaryCrossentropy({.from_logits = true}), y, "binary/saturated", false, sigmoid});
}

void add_categorical(std::vector<Case>& cases) {
  const auto softmax = [](Tensor x) { return ops::softmax(x); };
  const std::string y = "categorical/y_true", p = "categorical/probabilities", z = "categorical/logits";
  const auto none = LossReduction::none, sum = LossReduction::sum;
  cases.push_back({"categorical_probabilities", CategoricalCrossentropy(), y, p, true});
  cases.push_back({"categorical_probabilities_smoothed", CategoricalCrossentropy({.label_smoothing = 0.125}), y, p});
  cases.push_back({"categorical_clipped", CategoricalCrossentropy({.reduction = none}), y, "categorical/extreme"});
  cases.push_back({"categorical_logits", CategoricalCrossentropy({.from_logits = true}), y, z});
  cases.push_back(
      {"categorical_logits_soft", CategoricalCrossentropy({.from_logits = true}), "categorical/soft", z, true});
  cases.push_back({"categorical_logits_smoothed",
                   CategoricalCrossentropy({.from_logits = true, .label_smoothing = 0.125, .reduction = sum}), y, z});
  cases.push_back({"categorical_logits_axis", CategoricalCrossentropy({.from_logits = true, .axis = 1}), "axis/y_true",
                   "axis/logits"});
  cases.push_back(
      {"fused_categorical", CategoricalCrossentropy({.reduction = none}), y, "categorical/saturated", false, softmax});
  cases.push_back({"fused_categorical_smoothed", CategoricalCrossentropy({.label_smoothing = 0.125}), y,
                   "categorical/saturated", true, softmax});
}

void add_sparse(std::vector<Case>& cases) {
  const auto softmax = [](Tensor x) { return ops::softmax(x); };
  const std::string y = "sparse/y_true", p = "categorical/probabilities", z = "sparse/logits";
  const auto none = LossReduction::none;
  const auto logits = SparseCategoricalCrossentropy({.from_logits = true});
  cases.push_back({"sparse_probabilities", SparseCategoricalCrossentropy(), y, p});
  cases.push_back({"sparse_probabilities", SparseCategoricalCrossentropy({.clip_probabilities = true}), y, p});
  cases.push_back(
      {"sparse_probabilities_ignore", SparseCategoricalCrossentropy({.ignore_class = -1}), "sparse/ignoring", p});
  cases.push_back({"sparse_clipped", SparseCategoricalCrossentropy({.reduction = none, .clip_probabilities = true}), y,
                   "categorical/extreme"});
  cases.push_back(
      {"sparse_clipped_tensorflow", SparseCategoricalCrossentropy({.reduction = none}), y, "categorical/extreme"});
  cases.push_back({"sparse_logits", logits, y, z});
  cases.push_back({"sparse_logits_column", logits, "sparse/column", z, true});
  cases.push_back({"sparse_logits_rank_3", logits, "sparse_rank_3/y_true", "sparse_rank_3/logits"});
  cases.push_back({"sparse_logits_axis", SparseCategoricalCrossentropy({.from_logits = true, .axis = 1}), "axis/labels",
                   "axis/logits"});
  cases.push_back(
      {"fused_sparse", SparseCategoricalCrossentropy({.reduction = none}), y, "categorical/saturated", false, softmax});
  cases.push_back({"fused_sparse_ignore", SparseCategoricalCrossentropy({.ignore_class = -1}), "sparse/ignoring",
                   "categorical/saturated", true, softmax});
}

std::vector<Case> golden_cases() {
  std::vector<Case> cases;
  const auto squared = [](LossReduction reduction) { return MeanSquaredError({.reduction = reduction}); };
  const auto absolute = [](LossReduction reduction) { return MeanAbsoluteError({.reduction = reduction}); };
  const auto ignoring = [](LossReduction reduction) {
    return SparseCategoricalCrossentropy({.from_logits = true, .ignore_class = -1, .reduction = reduction});
  };
  add_reductions(cases, "mean_squared_error", "regression/y_true", "regression/y_pred", squared);
  add_reductions(cases, "mean_absolute_error", "regression/y_true", "regression/y_pred", absolute);
  add_reductions(cases, "sparse_ignore", "sparse/ignoring", "sparse/logits", ignoring);
  cases.push_back({"mean_squared_error_rank_3", MeanSquaredError(), "rank_3/y_true", "rank_3/y_pred"});
  add_binary(cases);
  add_categorical(cases);
  add_sparse(cases);
  return cases;
}

Array as(const Array& array, DType dtype) { return is_floating(array.dtype()) ? array.astype(dtype) : array; }

void check(DType dtype, double tolerance) {
  const Npz file = golden("losses");
  for (const Case& c : golden_cases()) {
    // float32 has no 1 - 1e-7: probabilities are clipped to 1 - 1.2e-7, and the golden values are float64's
    if (dtype == float32 && c.name == "binary_clipped") continue;
    SCOPED_TRACE(c.name);
    const auto weight = c.weighted ? std::optional(as(file["sample_weight"], dtype)) : std::nullopt;
    const LossOnNumbers got =
        evaluate(*c.loss, as(file[c.y_true], dtype), as(file[c.y_pred], dtype), weight, c.activation);
    EXPECT_EQ(got.output.dtype(), dtype);
    EXPECT_CLOSE(got.output, file[c.name + "/output"], tolerance);
    EXPECT_CLOSE(got.gradient, file[c.name + "/y_pred_gradient"], tolerance);
  }
}

TEST(GoldenLosses, AreKerasInFloat64) { check(float64, tolerance::golden_float64); }

TEST(GoldenLosses, AreKerasInFloat32) { check(float32, tolerance::float32); }

TEST(GoldenLosses, AreAllTested) {
  std::vector<std::string> tested;
  for (const Case& c : golden_cases()) tested.push_back(c.name);
  const Npz file = golden("losses");
  for (const auto& [name, array] : file.arrays()) {
    const std::string suffix = "/output";
    if (!name.ends_with(suffix)) continue;
    EXPECT_THAT(tested, ::testing::Contains(name.substr(0, name.size() - suffix.size())));
  }
}

}  // namespace
}  // namespace keratin::testing
