// Top-k accuracies: ties at the border, classes and scores that are none.
#include <gtest/gtest.h>

#include <limits>

#include "metrics/metric_on_numbers.h"
#include "support/field_list.h"
#include "support/throws.h"

namespace keratin::testing {
namespace {

using namespace metrics;

double top(std::int64_t k, std::int64_t label, std::initializer_list<float> scores) {
  const Array row = Array::of<float>(scores).reshape({1, -1});
  return update(*SparseTopKCategoricalAccuracy(k), Array::of<std::int64_t>({label}), row);
}

TEST(TopK, CountsAllOfATieAtTheBorder) {
  EXPECT_EQ(top(1, 0, {0.5f, 0.5f, 0.1f}), 1.0);
  EXPECT_EQ(top(1, 1, {0.5f, 0.5f, 0.1f}), 1.0);
  EXPECT_EQ(top(1, 2, {0.5f, 0.5f, 0.1f}), 0.0);
  EXPECT_EQ(top(2, 2, {0.5f, 0.5f, 0.1f}), 0.0);
  EXPECT_EQ(top(3, 2, {0.5f, 0.5f, 0.1f}), 1.0);
}

TEST(TopK, HoldsAnyClassIfKIsLarge) { EXPECT_EQ(top(5, 2, {0.5f, 0.5f, 0.1f}), 1.0); }

TEST(TopK, HoldsNoClassThatDoesNotExist) {
  EXPECT_EQ(top(5, 3, {0.5f, 0.5f, 0.1f}), 0.0);
  EXPECT_EQ(top(5, -1, {0.5f, 0.5f, 0.1f}), 0.0);
}

TEST(TopK, HoldsNoScoreThatIsNotANumber) {
  const float nan = std::numeric_limits<float>::quiet_NaN(), infinity = std::numeric_limits<float>::infinity();
  EXPECT_EQ(top(3, 0, {nan, 0.5f, 0.1f}), 0.0);
  EXPECT_EQ(top(1, 0, {infinity, 0.5f, -infinity}), 1.0);
  EXPECT_EQ(top(2, 2, {infinity, 0.5f, -infinity}), 0.0);
}

TEST(TopK, TakesOneHotRowsWithoutSparse) {
  const Array y_true = Array::of<float>({{0, 0, 1}, {0, 1, 0}}),
              y_pred = Array::of<float>({{0.1f, 0.9f, 0.8f}, {0.05f, 0.95f, 0}});
  EXPECT_EQ(update(*TopKCategoricalAccuracy(1), y_true, y_pred), 0.5);
  EXPECT_FLOAT_EQ(
      static_cast<float>(update(*TopKCategoricalAccuracy(1), y_true, y_pred, Array::of<float>({0.7f, 0.3f}))), 0.3f);
  EXPECT_THROWS(ShapeError, update(*TopKCategoricalAccuracy(1), Array::zeros({2}), y_pred),
                "top_k_categorical_accuracy: expected targets of shape (batch, 3), got (batch,)");
  EXPECT_THROWS(ShapeError, update(*SparseTopKCategoricalAccuracy(1), y_true, y_pred),
                "sparse_top_k_categorical_accuracy: expected class indices of shape (batch,), got (batch, 3)");
}

TEST(TopK, TakesClassesAsFloatsAndColumns) {
  const Array y_pred = Array::of<float>({{0.1f, 0.9f, 0.8f}, {0.05f, 0.95f, 0}});
  EXPECT_EQ(update(*SparseTopKCategoricalAccuracy(1), Array::of<float>({{2}, {1}}), y_pred), 0.5);
  EXPECT_EQ(update(*SparseTopKCategoricalAccuracy(1), Array::of<std::uint8_t>({2, 1}), y_pred), 0.5);
}

TEST(TopK, RefusesAKBelowOne) {
  EXPECT_THROWS(ValueError, TopKCategoricalAccuracy(0), "TopKCategoricalAccuracy: expected k > 0, got 0");
  EXPECT_THROWS(ValueError, SparseTopKCategoricalAccuracy(-1), "SparseTopKCategoricalAccuracy: expected k > 0, got -1");
}

TEST(TopK, DescribesItself) {
  const auto metric = SparseTopKCategoricalAccuracy(3);
  EXPECT_EQ(metric->class_name(), "SparseTopKCategoricalAccuracy");
  EXPECT_EQ(fields_of(*metric).at("k"), "3");
}

}  // namespace
}  // namespace keratin::testing
