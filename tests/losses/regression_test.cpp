#include <gtest/gtest.h>

#include "losses/loss_on_numbers.h"
#include "support/throws.h"

namespace keratin::testing {
namespace {

TEST(MeanSquaredError, RefusesTargetsOfAnotherShape) {
  const auto loss = losses::MeanSquaredError();
  EXPECT_THROWS(ShapeError, evaluate(*loss, Array::zeros({4, 3}), Array::zeros({4, 10})),
                "mean_squared_error: expected targets of shape (batch, 10), got (batch, 3); y has to be shaped as the "
                "model's output");
}

TEST(MeanSquaredError, BroadcastsAColumnAsKerasDoes) {
  const auto loss = losses::MeanSquaredError();
  EXPECT_DOUBLE_EQ(
      evaluate(*loss, Array::of<float>({{1}, {2}}), Array::of<float>({{1, 3}, {2, 4}})).output.item<double>(), 2.0);
}

TEST(MeanAbsoluteError, HasNoSlopeAtZero) {
  const auto result = evaluate(*losses::MeanAbsoluteError(), Array::of<float>({{1, 1}}), Array::of<float>({{1, 3}}));
  EXPECT_EQ(result.gradient.at<float>(0, 0), 0.0f);
  EXPECT_EQ(result.gradient.at<float>(0, 1), 0.5f);
}

TEST(MeanAbsoluteError, RefusesTargetsOfAnotherShape) {
  EXPECT_THROWS(ShapeError, losses::mean_absolute_error(Array::zeros({4, 3}), Array::zeros({4, 10})),
                "mean_absolute_error: expected targets of shape (4, 10), got (4, 3)");
}

}  // namespace
}  // namespace keratin::testing
