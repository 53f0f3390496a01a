// Metrics by name, and those that are means of losses.
#include <gtest/gtest.h>

#include <cmath>

#include "metrics/metric_on_numbers.h"
#include "support/throws.h"

namespace keratin::testing {
namespace {

TEST(MetricRegistry, KnowsKerasNames) {
  const std::pair<const char*, const char*> names[] = {
      {"mse", "MeanSquaredError"},
      {"MSE", "MeanSquaredError"},
      {"MeanSquaredError", "MeanSquaredError"},
      {"mean_absolute_error", "MeanAbsoluteError"},
      {"bce", "BinaryCrossentropy"},
      {"categorical_crossentropy", "CategoricalCrossentropy"},
      {"sparse_categorical_crossentropy", "SparseCategoricalCrossentropy"},
      {"binary_accuracy", "BinaryAccuracy"},
      {"sparse_top_k_categorical_accuracy", "SparseTopKCategoricalAccuracy"},
      {"accuracy", "accuracy"},
  };
  for (const auto& [name, class_name] : names) {
    EXPECT_EQ(Metric::from_name(name)->class_name(), class_name);
    EXPECT_EQ(Metric::from_name(name)->name(), name);
  }
}

TEST(MetricRegistry, ListsTheNamesThereAre) {
  EXPECT_THROWS(ValueError, Metric::from_name("auroc"), "metric: expected one of accuracy, binary_accuracy, ");
  EXPECT_THROWS(ValueError, Metric::from_name(""), "got \"\"");
}

TEST(MetricRegistry, MakesFreshObjectsByClass) {
  const auto a = Metric::from_class_name("Mean"), b = Metric::from_class_name("Mean");
  EXPECT_NE(a, b);
  EXPECT_EQ(a->name(), "mean");
  EXPECT_EQ(Metric::from_class_name("mse"), nullptr);
}

TEST(CrossentropyMetrics, AreMeansOfTheLosses) {
  const Array y_pred = Array::of<double>({{0.5, 0.25, 0.25}, {0.125, 0.125, 0.75}});
  const double expected = -(std::log(0.25) + std::log(0.75)) / 2;
  EXPECT_NEAR(update(*metrics::SparseCategoricalCrossentropy(), Array::of<std::int64_t>({1, 2}), y_pred), expected,
              1e-9);
  EXPECT_NEAR(update(*metrics::CategoricalCrossentropy(), Array::of<double>({{0, 1, 0}, {0, 0, 1}}), y_pred), expected,
              1e-9);
  EXPECT_NEAR(update(*metrics::BinaryCrossentropy({.from_logits = true}), Array::of<double>({{1.0}}),
                     Array::of<double>({{2.0}})),
              std::log1p(std::exp(-2.0)), 1e-9);
  EXPECT_THROWS(ValueError, metrics::BinaryCrossentropy({.label_smoothing = 2}),
                "expected label_smoothing in [0, 1], got 2");
}

}  // namespace
}  // namespace keratin::testing
