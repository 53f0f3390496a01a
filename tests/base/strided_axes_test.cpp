#include "base/strided_axes.h"

#include <gtest/gtest.h>

#include <array>

namespace keratin {
namespace {

TEST(StridedAxes, AreMergedWhereEveryTensorContinues) {
  const Shape shape{2, 1, 3, 4};
  const Strides whole = row_major_strides(shape);
  const auto one = merged_axes(shape, std::array{whole, whole});
  ASSERT_EQ(one.size(), 1u);
  EXPECT_EQ(one[0].extent, 24);
  EXPECT_EQ(one[0].strides, (Strides{1, 1}));
  const auto two = merged_axes(shape, std::array{whole, Strides{0, 0, 4, 1}});  // (3, 4), stretched
  ASSERT_EQ(two.size(), 2u);
  EXPECT_EQ(two[0].extent, 2);
  EXPECT_EQ(two[0].strides, (Strides{12, 0}));
  EXPECT_EQ(two[1].extent, 12);
}

TEST(StridedAxes, AreAtLeastOne) {
  const auto axes = merged_axes({1, 1}, std::array{Strides{1, 1}});
  ASSERT_EQ(axes.size(), 1u);
  EXPECT_EQ(axes[0].extent, 1);
}

TEST(StridedAxes, TellWhereAnIndexIs) {
  const std::array axes{StridedAxis{2, {100, 0}}, StridedAxis{3, {10, 0}}, StridedAxis{4, {1, 5}}};
  EXPECT_EQ(offset_in(0, axes, 17), 111);  // (1, 1, 1)
  EXPECT_EQ(offset_in(1, axes, 17), 5);
  EXPECT_EQ(offset_in(0, {}, 0), 0);
}

}  // namespace
}  // namespace keratin
