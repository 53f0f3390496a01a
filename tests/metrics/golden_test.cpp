// Metrics over two batches, without and with weights, against Keras's.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "metrics/metric_on_numbers.h"
#include "support/approx.h"
#include "support/npz.h"

namespace keratin::testing {
namespace {

using namespace metrics;

struct Case {
  std::string name;  // in metrics.npz
  Ref<Metric> (*make)();
  std::string y_true, y_pred;
  std::string sample_weight = "sample_weight";
};

Ref<Metric> accuracy() { return "accuracy"; }

const std::vector<Case>& golden_cases() {
  static const std::vector<Case> cases{
      {"binary_accuracy", [] { return BinaryAccuracy(); }, "binary/y_true", "binary/y_pred"},
      {"binary_accuracy_threshold", [] { return BinaryAccuracy({.threshold = 0.25}); }, "binary/y_true",
       "binary/y_pred"},
      {"binary_accuracy_columns", [] { return BinaryAccuracy(); }, "multi_label/y_true", "categorical/y_pred"},
      {"categorical_accuracy", [] { return CategoricalAccuracy(); }, "categorical/y_true", "categorical/y_pred"},
      {"sparse_categorical_accuracy", [] { return SparseCategoricalAccuracy(); }, "sparse/y_true",
       "categorical/y_pred"},
      {"sparse_categorical_accuracy_column", [] { return SparseCategoricalAccuracy(); }, "sparse/column",
       "categorical/y_pred"},
      {"sparse_categorical_accuracy_rank_3", [] { return SparseCategoricalAccuracy(); }, "rank_3/y_true",
       "rank_3/y_pred", "rank_3/sample_weight"},
      {"top_k_categorical_accuracy", [] { return TopKCategoricalAccuracy(2); }, "categorical/y_true",
       "categorical/y_pred"},
      {"top_k_categorical_accuracy_default", [] { return TopKCategoricalAccuracy(); }, "many/y_true", "many/y_pred"},
      {"sparse_top_k_categorical_accuracy", [] { return SparseTopKCategoricalAccuracy(2); }, "sparse/y_true",
       "categorical/y_pred"},
      {"sparse_top_k_categorical_accuracy_default", [] { return SparseTopKCategoricalAccuracy(); }, "many/labels",
       "many/y_pred"},
      {"mean_squared_error", [] { return MeanSquaredError(); }, "regression/y_true", "regression/y_pred"},
      {"mean_absolute_error", [] { return MeanAbsoluteError(); }, "regression/y_true", "regression/y_pred"},
      {"accuracy_binary", accuracy, "binary/y_true", "binary/y_pred"},
      {"accuracy_binary_rank_1", accuracy, "binary/flat", "binary/y_pred"},
      {"accuracy_categorical", accuracy, "categorical/y_true", "categorical/y_pred"},
      {"accuracy_multi_label", accuracy, "multi_label/y_true", "categorical/y_pred"},
      {"accuracy_sparse", accuracy, "sparse/y_true", "categorical/y_pred"},
      {"accuracy_sparse_column", accuracy, "sparse/column", "categorical/y_pred"},
      {"accuracy_sparse_rank_3", accuracy, "rank_3/y_true", "rank_3/y_pred", "rank_3/sample_weight"},
  };
  return cases;
}

Array as(const Array& array, DType dtype) { return is_floating(array.dtype()) ? array.astype(dtype) : array; }

/// The result after the first five samples and after all eight.
template <class Update> Array in_two_batches(Update update_with) {
  const double first = update_with(0, 5), both = update_with(5, 8);
  return Array::of<double>({first, both});
}

void check(DType dtype, double tolerance) {
  const Npz file = golden("metrics");
  for (const Case& c : golden_cases()) {
    SCOPED_TRACE(c.name);
    const Array y_true = as(file[c.y_true], dtype), y_pred = as(file[c.y_pred], dtype);
    const Array weight = as(file[c.sample_weight], dtype);
    const auto plain = c.make(), weighted = c.make();
    EXPECT_CLOSE(in_two_batches([&](int begin, int end) {
                   return update(*plain, y_true.slice(begin, end), y_pred.slice(begin, end));
                 }),
                 file[c.name + "/result"], tolerance);
    EXPECT_CLOSE(in_two_batches([&](int begin, int end) {
                   return update(*weighted, y_true.slice(begin, end), y_pred.slice(begin, end),
                                 weight.slice(begin, end));
                 }),
                 file[c.name + "/weighted_result"], tolerance);
  }
}

TEST(GoldenMetrics, AreKerasInFloat64) { check(float64, tolerance::golden_float64); }

TEST(GoldenMetrics, AreKerasInFloat32) { check(float32, tolerance::float32); }

TEST(GoldenMetrics, HaveKerasMean) {
  const Npz file = golden("metrics");
  const auto plain = Mean(), weighted = Mean();
  const Array values = file["values"], weight = file["sample_weight"];
  EXPECT_CLOSE(in_two_batches([&](int begin, int end) { return update_mean(*plain, values.slice(begin, end)); }),
               file["mean/result"], tolerance::golden_float64);
  EXPECT_CLOSE(in_two_batches([&](int begin, int end) {
                 return update_mean(*weighted, values.slice(begin, end), weight.slice(begin, end));
               }),
               file["mean/weighted_result"], tolerance::golden_float64);
}

TEST(GoldenMetrics, AreAllTested) {
  std::vector<std::string> tested{"mean"};
  for (const Case& c : golden_cases()) tested.push_back(c.name);
  const Npz file = golden("metrics");
  for (const auto& [name, array] : file.arrays()) {
    const std::string suffix = "/result";
    if (!name.ends_with(suffix)) continue;
    EXPECT_THAT(tested, ::testing::Contains(name.substr(0, name.size() - suffix.size())));
  }
}

}  // namespace
}  // namespace keratin::testing
