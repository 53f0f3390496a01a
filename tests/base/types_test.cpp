// Count, Shape, DType, Index and Axes.
#include "keratin/types.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <type_traits>

#include "keratin/error.h"
#include "support/throws.h"

namespace keratin {
namespace {

TEST(Count, TakesAnyIntegerButNoFloatOrBool) {
  static_assert(std::is_convertible_v<std::size_t, Count> && std::is_convertible_v<short, Count>);
  static_assert(!std::is_convertible_v<double, Count> && !std::is_convertible_v<bool, Count>);
  EXPECT_EQ(std::int64_t{Count(std::size_t{7})}, 7);
}

TEST(Shape, OfOneNumberHasOneAxis) {
  EXPECT_EQ(Shape({784}).rank(), 1);
  EXPECT_EQ(Shape({784})[0], 784);
}

TEST(Shape, CountsNegativeAxesFromTheEnd) {
  const Shape shape{2, 3, 4};
  EXPECT_EQ(shape[-1], 4);
  EXPECT_EQ(shape[-3], 2);
  EXPECT_EQ(shape.back(), 4);
}

TEST(Shape, RefusesAnAxisOutsideTheRank) {
  EXPECT_THROWS(ShapeError, (Shape{2, 3}[2]), "Shape: expected an axis in [-2, 2) of (2, 3), got 2");
  EXPECT_THROWS(ShapeError, (Shape{2, 3}[-3]), "expected an axis in [-2, 2) of (2, 3), got -3");
  EXPECT_THROWS(ShapeError, (Shape{}.back()), "expected an axis in [0, 0) of (), got -1");
}

TEST(Shape, MultipliesItsExtents) {
  EXPECT_EQ((Shape{2, 3, 4}.size()), 24);
  EXPECT_EQ(Shape{}.size(), 1);
  EXPECT_EQ((Shape{5, 0}.size()), 0);
}

TEST(Shape, RefusesToCountWhatOverflowsOrIsUnknown) {
  const std::int64_t large = std::int64_t{1} << 40;
  EXPECT_THROWS(ShapeError, (Shape{large, large}.size()),
                "expected fewer than 2^63 numbers, got (1099511627776, 1099511627776)");
  EXPECT_THROWS(ShapeError, (Shape{unknown, 3}.size()),
                "expected known extents to count the numbers of, got (batch, 3)");
  EXPECT_EQ((Shape{large, large, 0}.size()), 0);
}

TEST(Shape, CutsAsPythonDoes) {
  const Shape shape{2, 3, 4};
  EXPECT_EQ(shape.from(1), (Shape{3, 4}));
  EXPECT_EQ(shape.from(-1), (Shape{4}));
  EXPECT_EQ(shape.from(9), Shape{});
  EXPECT_EQ(shape.from(-9), shape);
  EXPECT_EQ(shape.until(1), (Shape{2}));
  EXPECT_EQ(shape.until(-1), (Shape{2, 3}));
  EXPECT_EQ(shape.until(9), shape);
}

TEST(Shape, IsJoinedByPlus) { EXPECT_EQ((Shape{2} + Shape{3, 4}), (Shape{2, 3, 4})); }

TEST(Shape, PrintsAsPythonWithTheBatchByName) {
  EXPECT_EQ(to_string(Shape{}), "()");
  EXPECT_EQ(to_string(Shape{784}), "(784,)");
  EXPECT_EQ(to_string(Shape{unknown, 28, 28}), "(batch, 28, 28)");
  EXPECT_EQ(to_string(Shape{-2, 3}), "(2*batch, 3)");
}

TEST(Shape, KnowsWhetherAllExtentsAreNumbers) {
  EXPECT_TRUE((Shape{2, 0}.known()));
  EXPECT_FALSE((Shape{2, unknown}.known()));
}

TEST(DType, HasKerassNameAndItsSize) {
  const std::vector<std::pair<DType, std::string_view>> names{
      {float32, "float32"}, {float64, "float64"}, {float16, "float16"}, {bfloat16, "bfloat16"}, {int8, "int8"},
      {uint8, "uint8"},     {int32, "int32"},     {int64, "int64"},     {boolean, "bool"}};
  for (const auto& [dtype, name] : names) {
    EXPECT_EQ(to_string(dtype), name);
    EXPECT_EQ(dtype_from_name(name), dtype);
    EXPECT_EQ(is_floating(dtype), name.find("float") != name.npos) << name;
  }
  EXPECT_EQ(size_in_bytes(float64), 8u);
  EXPECT_EQ(size_in_bytes(bfloat16), 2u);
  EXPECT_EQ(size_in_bytes(boolean), 1u);
}

TEST(DType, RefusesAnUnknownNameAndListsTheKnownOnes) {
  EXPECT_THROWS(
      ValueError, dtype_from_name("float"),
      "dtype: expected one of float32, float64, float16, bfloat16, int8, uint8, int32, int64, bool, got \"float\"");
}

TEST(Index, SaysWhatItIs) {
  EXPECT_EQ(Index(3).kind(), Index::Kind::position);
  EXPECT_EQ(Index(3).position(), 3);
  EXPECT_EQ(Index(all).kind(), Index::Kind::slice);
  EXPECT_EQ(Index(new_axis).kind(), Index::Kind::added);
  EXPECT_EQ(Index(Slice{.step = 2}).slice().step, 2);
}

TEST(Axes, AreAllWithoutAny) {
  EXPECT_TRUE(Axes().all());
  EXPECT_THAT(Axes(-1).values(), ::testing::ElementsAre(-1));
  EXPECT_THAT((Axes{1, 2}.values()), ::testing::ElementsAre(1, 2));
}

}  // namespace
}  // namespace keratin
