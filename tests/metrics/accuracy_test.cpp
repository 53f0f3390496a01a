// Accuracies beyond the golden values: ties, thresholds, dtypes, shapes, what "accuracy" means.
#include <gtest/gtest.h>

#include "metrics/metric_on_numbers.h"
#include "support/field_list.h"
#include "support/throws.h"

namespace keratin::testing {
namespace {

using namespace metrics;

TEST(BinaryAccuracy, TakesOnlyWhatIsAboveTheThreshold) {
  const Array y_true = Array::of<float>({{1}, {0}, {1}}), y_pred = Array::of<float>({{0.5f}, {0.5f}, {0.51f}});
  EXPECT_DOUBLE_EQ(update(*BinaryAccuracy(), y_true, y_pred), 2.0 / 3);
  EXPECT_DOUBLE_EQ(update(*BinaryAccuracy({.threshold = 0.4}), y_true, y_pred), 2.0 / 3);
}

TEST(BinaryAccuracy, TakesTargetsOfAnyDType) {
  const Array y_pred = Array::of<float>({{0.9f}, {0.1f}});
  EXPECT_EQ(update(*BinaryAccuracy(), Array::of<bool>({{true}, {true}}), y_pred), 0.5);
  EXPECT_EQ(update(*BinaryAccuracy(), Array::of<std::uint8_t>({{1}, {1}}), y_pred), 0.5);
  EXPECT_EQ(update(*BinaryAccuracy(), Array::of<float>({0.5f, 0}), y_pred), 0.5);  // half a class is none
}

TEST(BinaryAccuracy, RefusesClassIndices) {
  EXPECT_THROWS(ShapeError, update(*BinaryAccuracy(), Array::zeros({4}), Array::zeros({4, 10})),
                "binary_accuracy: expected targets of shape (batch, 10), got (batch,); for class indices use");
}

TEST(CategoricalAccuracy, TakesTheFirstOfEqualScores) {
  const Array y_pred = Array::of<float>({{0.4f, 0.4f, 0.2f}, {0.1f, 0.45f, 0.45f}});
  EXPECT_EQ(update(*CategoricalAccuracy(), Array::of<float>({{1, 0, 0}, {0, 0, 1}}), y_pred), 0.5);
  EXPECT_EQ(update(*SparseCategoricalAccuracy(), Array::of<std::int64_t>({0, 2}), y_pred), 0.5);
}

TEST(CategoricalAccuracy, SaysWhatItExpectsInstead) {
  EXPECT_THROWS(
      ShapeError, update(*CategoricalAccuracy(), Array::zeros({4, 3}), Array::zeros({4, 10})),
      "categorical_accuracy: expected targets of shape (batch, 10), got (batch, 3); y has one column per class");
  EXPECT_THROWS(
      ShapeError, update(*SparseCategoricalAccuracy(), Array::zeros({4, 10}), Array::zeros({4, 10})),
      "sparse_categorical_accuracy: expected class indices of shape (batch,), got (batch, 10); for one-hot rows");
}

TEST(SparseCategoricalAccuracy, TakesClassesOfAnyDType) {
  const Array y_pred = Array::of<float>({{0, 1, 0}, {0, 0, 1}});
  EXPECT_EQ(update(*SparseCategoricalAccuracy(), Array::of<std::uint8_t>({1, 1}), y_pred), 0.5);
  EXPECT_EQ(update(*SparseCategoricalAccuracy(), Array::of<float>({1, 1}), y_pred), 0.5);
  EXPECT_EQ(update(*SparseCategoricalAccuracy(), Array::of<std::int32_t>({1, -1}), y_pred), 0.5);
}

TEST(SparseCategoricalAccuracy, WeighsTheStepsOfASequence) {
  const Array y_pred = Array(std::vector<float>{0, 1, 1, 0, 0, 1, 0, 1}, {2, 2, 2});  // predicts 1, 0; 1, 1
  const Array y_true = Array::of<std::int64_t>({{1, 1}, {1, 1}}), weight = Array::of<float>({{1, 1}, {1, 0}});
  EXPECT_EQ(update(*SparseCategoricalAccuracy(), y_true, y_pred), 0.75);
  EXPECT_EQ(update(*SparseCategoricalAccuracy(), y_true, y_pred, weight), (0.5 + 0.5) / 1.5);
}

TEST(Accuracy, KeepsTheNameItWasGiven) {
  for (const char* name : {"accuracy", "acc", "Accuracy", "ACC"}) EXPECT_EQ(Metric::from_name(name)->name(), name);
}

TEST(Accuracy, IsOneMetricHoweverOftenItIsTraced) {
  const Ref<Metric> metric = "acc";
  EXPECT_EQ(update(*metric, Array::of<float>({{1}, {0}}), Array::of<float>({{0.9f}, {0.8f}})), 0.5);
  EXPECT_EQ(update(*metric, Array::of<std::int64_t>({1, 1}), Array::of<float>({{0, 1}, {0, 1}})), 0.75);
}

TEST(Accuracy, IsBinaryForPredictionsWithoutAnAxis) {
  const Ref<Metric> metric = "accuracy";
  EXPECT_EQ(update(*metric, Array::of<float>({1, 0}), Array::of<float>({0.9f, 0.8f})), 0.5);
}

TEST(BinaryAccuracy, DescribesItself) {
  const auto metric = BinaryAccuracy({.name = "right", .threshold = 0.25});
  EXPECT_EQ(fields_of(*metric).values(), (FieldList::of({{"name", "right"}, {"threshold", "0.25"}}).values()));
}

}  // namespace
}  // namespace keratin::testing
