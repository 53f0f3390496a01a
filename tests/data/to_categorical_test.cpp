#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "keratin/datasets.h"
#include "keratin/error.h"
#include "support/throws.h"

namespace keratin::datasets {
namespace {

using ::testing::ElementsAre;

TEST(ToCategorical, PutsAOneAtEachLabel) {
  const Array rows = to_categorical(Array::of<std::uint8_t>({2, 0}), 3);
  EXPECT_EQ(rows.shape(), (Shape{2, 3}));
  EXPECT_EQ(rows.dtype(), float32);
  EXPECT_THAT(rows.values(), ElementsAre(0, 0, 1, 1, 0, 0));
}

TEST(ToCategorical, DropsALastAxisOfOneAsKerasDoes) {
  EXPECT_EQ(to_categorical(Array::of({{1}, {0}}), 2).shape(), (Shape{2, 2}));
  EXPECT_EQ(to_categorical(Array::of({1}), 2).shape(), (Shape{1, 2}));
  EXPECT_EQ(to_categorical(Array::zeros({4, 5}, int32), 2).shape(), (Shape{4, 5, 2}));
  EXPECT_EQ(to_categorical(Array::zeros({0}, int32), 2).shape(), (Shape{0, 2}));
}

TEST(ToCategorical, TakesWholeNumbersOfAnyDTypeAndAnyView) {
  EXPECT_THAT(to_categorical(Array::of({1.0f}), 2).values(), ElementsAre(0, 1));
  const Array column = Array::of({{0, 9}, {1, 9}}).at({all, 0});
  EXPECT_THAT(to_categorical(column, 2).values(), ElementsAre(1, 0, 0, 1));
}

TEST(ToCategorical, RefusesLabelsOutsideTheClasses) {
  EXPECT_THROWS(ValueError, to_categorical(Array::of({0, 1, 3}), 3),
                "to_categorical: expected labels that are whole numbers in [0, 3), got 3 at index 2");
  EXPECT_THROWS(ValueError, to_categorical(Array::of({-1}), 3), "got -1 at index 0");
  EXPECT_THROWS(ValueError, to_categorical(Array::of({0.5}), 3), "got 0.5 at index 0");
  EXPECT_THROWS(ValueError, to_categorical(Array::of({0}), 0), "to_categorical: expected at least one class, got 0");
  EXPECT_THROWS(ValueError, to_categorical(Array(), 3), "to_categorical: expected labels, got no array");
}

}  // namespace
}  // namespace keratin::datasets
