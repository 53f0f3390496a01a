// Array: making, reading, viewing, writing, converting. Printing is in array_print_test.cpp.
#include "keratin/array.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <limits>
#include <numeric>

#include "keratin/error.h"
#include "support/throws.h"

namespace keratin {
namespace {

using ::testing::ElementsAre;

/// 0, 1, 2, … in a shape.
Array counting(const Shape& shape) {
  std::vector<float> values(static_cast<std::size_t>(shape.size()));
  std::iota(values.begin(), values.end(), 0.0f);
  return Array(std::move(values), shape);
}

std::vector<float> numbers(const Array& array) {
  const Array dense = array.copy();
  return {dense.values().begin(), dense.values().end()};
}

TEST(Array, IsNoArrayByDefault) {
  const Array none;
  EXPECT_TRUE(none.empty());
  EXPECT_EQ(none.size(), 0);
  EXPECT_EQ(none.length(), 0);
  EXPECT_TRUE(none.values().empty());
  EXPECT_TRUE(none.copy().empty());
  EXPECT_TRUE(none.astype(uint8).empty());
  EXPECT_THROWS(ShapeError, none[0], "no array");
  EXPECT_THROWS(ShapeError, none.at(0), "no array");
  EXPECT_THROWS(ShapeError, none.reshape({0}), "no array");
  EXPECT_THROWS(ShapeError, none.item(), "expected one number, got 0");
}

TEST(Array, TakesAVectorOver) {
  std::vector<float> values{1, 2, 3, 4, 5, 6};
  const float* const address = values.data();
  const Array array(std::move(values), {2, 3});
  EXPECT_EQ(array.values().data(), address);
  EXPECT_EQ(array.at(1, 2), 6.0f);
  EXPECT_EQ(array.length(), 2);
}

TEST(Array, RefusesANumberOfValuesThatIsNotTheShapes) {
  EXPECT_THROWS(ShapeError, Array(std::vector<float>(5), {2, 3}),
                "Array: expected 6 numbers for the shape (2, 3), got 5");
  EXPECT_THROWS(ShapeError, Array(std::vector<float>(5), {unknown, 3}),
                "expected extents of 0 or more, got (batch, 3)");
  EXPECT_THROWS(ShapeError, Array::zeros({std::int64_t{1} << 61}), "expected fewer than 2^63 bytes");
}

TEST(Array, IsMadeFromListsOfOneAndTwoAxes) {
  const Array row = Array::of({1, 2, 3});
  EXPECT_EQ(row.dtype(), int32);
  EXPECT_EQ(row.shape(), Shape({3}));
  const Array table = Array::of({{1.0, 2.0}, {3.0, 4.0}, {5.0, 6.0}});
  EXPECT_EQ(table.dtype(), float64);
  EXPECT_EQ(table.shape(), (Shape{3, 2}));
  EXPECT_EQ(table.at<double>(2, 0), 5.0);
  EXPECT_THROWS(ShapeError, Array::of({{1, 2}, {3}}), "Array: expected rows of equal length, got 2 and 1 numbers");
}

TEST(Array, HoldsBooleansOneToAByte) {
  const Array array = Array::of({true, false, true});
  EXPECT_EQ(array.dtype(), boolean);
  EXPECT_THAT(array.values<bool>(), ElementsAre(true, false, true));
  EXPECT_EQ(array.bytes().size(), 3u);
}

TEST(Array, ViewsTheCallersNumbersWithoutACopy) {
  std::vector<float> values{1, 2, 3, 4};
  const Array array = Array::view(values, {2, 2});
  values[3] = 9;
  EXPECT_EQ(array.at(1, 1), 9.0f);
  EXPECT_EQ(Array::view(std::span<const float>(values).first(2), {2}).at(1), 2.0f);
  EXPECT_THROWS(ShapeError, Array::view(values, {3}), "expected 3 numbers for the shape (3,), got 4");
}

TEST(Array, IsFilledInEveryDType) {
  for (const DType dtype : {float32, float64, float16, bfloat16, int8, uint8, int32, int64, boolean}) {
    EXPECT_EQ(Array::zeros({2, 2}, dtype).astype(float64).at<double>(1, 1), 0.0) << dtype;
    EXPECT_EQ(Array::ones({2, 2}, dtype).astype(float64).at<double>(0, 1), 1.0) << dtype;
    EXPECT_EQ(Array::uninitialized({2, 2}, dtype).bytes().size(), 4 * size_in_bytes(dtype)) << dtype;
  }
  EXPECT_THAT(Array::full({3}, -7, int8).values<std::int8_t>(), ElementsAre(-7, -7, -7));
}

TEST(Array, BeginsWithALargePageWhereItIsLarge) {
  const std::int64_t large = 16 << 20, page = 2 << 20;  // bytes
  Array array = Array::zeros({large}, uint8);
  EXPECT_EQ(reinterpret_cast<std::uintptr_t>(array.bytes().data()) % page, 0U);
  array.values<std::uint8_t>().back() = 7;
  EXPECT_EQ(array.copy().at<std::uint8_t>(-1), 7);
}

TEST(Array, MayHaveNoNumbers) {
  const Array array = Array::zeros({0, 3});
  EXPECT_FALSE(array.empty());
  EXPECT_EQ(array.length(), 0);
  EXPECT_EQ(array.size(), 0);
  EXPECT_TRUE(array.values().empty());
  EXPECT_EQ(array.copy().shape(), (Shape{0, 3}));
  EXPECT_FALSE(Array(std::vector<float>{}, {0}).empty());
  const std::int64_t large = std::int64_t{1} << 40;
  EXPECT_EQ(Array::zeros({0, large, large}).copy().astype(int8).size(), 0);
}

TEST(Array, SharesItsNumbersWhenCopiedByName) {
  Array a = counting({3});
  Array b = a;
  b.at(0) = 5;
  EXPECT_EQ(a.at(0), 5.0f);
  Array c = a.copy();
  c.at(0) = 7;
  EXPECT_EQ(a.at(0), 5.0f);
}

TEST(Array, RefusesToBeReadAsAnotherType) {
  const Array array = Array::zeros({2}, uint8);
  EXPECT_THROWS(DataError, array.values(),
                "Array: expected numbers of dtype float32, got uint8; astype() converts them");
  EXPECT_THROWS(DataError, array.at(0), "expected numbers of dtype float32, got uint8");
}

TEST(Array, CountsNegativeIndicesFromTheEndAndRefusesThoseOutside) {
  const Array array = counting({2, 3});
  EXPECT_EQ(array.at(-1, -3), 3.0f);
  EXPECT_THROWS(ShapeError, array.at(0, 3), "Array: expected an index in [-3, 3) along axis 1 of (2, 3), got 3");
  EXPECT_THROWS(ShapeError, array.at(-3, 0), "expected an index in [-2, 2) along axis 0 of (2, 3), got -3");
  EXPECT_THROWS(ShapeError, array.at(0), "expected 2 indices for the shape (2, 3), got 1");
  EXPECT_THROWS(ShapeError, array[2], "expected an index in [-2, 2) along axis 0 of (2, 3), got 2");
  EXPECT_THROWS(ShapeError, Array::zeros({}).length(), "expected an axis to take the length of, got a scalar");
}

TEST(Array, GivesItsOnlyNumberConverted) {
  EXPECT_EQ(Array::of({3}).item(), 3.0);
  EXPECT_EQ(Array::full({1, 1}, 2.75).item<std::int32_t>(), 2);
  EXPECT_EQ(Array::of({std::int64_t{1} << 62}).item<std::int64_t>(), std::int64_t{1} << 62);
  EXPECT_EQ(Array::full({}, 1.5, bfloat16).item<float>(), 1.5f);
  EXPECT_THROWS(ShapeError, counting({2}).item(), "Array: expected one number, got 2 in the shape (2,)");
}

TEST(ArrayView, OfARowSharesTheNumbersAndKeepsThemAlive) {
  Array row;
  {
    Array array = counting({3, 2});
    row = array[-1];
    row.at(0) = 40;
    EXPECT_EQ(array.at(2, 0), 40.0f);
  }
  EXPECT_THAT(row.values(), ElementsAre(40, 5));
  EXPECT_EQ(row[1].shape(), Shape{});
  EXPECT_EQ(row[1].item(), 5.0);
}

TEST(ArrayView, OfRowsFollowsPython) {
  const Array array = counting({5});
  EXPECT_THAT(numbers(array.slice(1, 3)), ElementsAre(1, 2));
  EXPECT_THAT(numbers(array.slice(-2)), ElementsAre(3, 4));
  EXPECT_THAT(numbers(array.slice(std::nullopt, -3)), ElementsAre(0, 1));
  EXPECT_EQ(array.slice(2, 99).length(), 3);
  EXPECT_EQ(array.slice(4, 2).length(), 0);
  EXPECT_EQ(array.slice(9).length(), 0);
}

TEST(ArrayView, OfAColumnIsStrided) {
  Array array = counting({3, 4});
  const Array column = array.at({all, 1});
  EXPECT_EQ(column.shape(), Shape({3}));
  EXPECT_FALSE(column.contiguous());
  EXPECT_THAT(numbers(column), ElementsAre(1, 5, 9));
  EXPECT_EQ(column.at(-1), 9.0f);
  EXPECT_THROWS(DataError, column.values(), "got a strided view of shape (3,); copy() makes them so");
  EXPECT_THROWS(InternalError, column.bytes(), "contiguous()");
  array.at(2, 1) = 90;
  EXPECT_EQ(column.at(2), 90.0f);
}

TEST(ArrayView, StepsAsPythonDoes) {
  const Array array = counting({6});
  EXPECT_THAT(numbers(array.at({Slice{.step = 2}})), ElementsAre(0, 2, 4));
  EXPECT_THAT(numbers(array.at({Slice{.step = -1}})), ElementsAre(5, 4, 3, 2, 1, 0));
  EXPECT_THAT(numbers(array.at({Slice{4, 0, -2}})), ElementsAre(4, 2));
  EXPECT_THAT(numbers(array.at({Slice{-1, -99, -5}})), ElementsAre(5, 0));
  EXPECT_THAT(numbers(array.at({Slice{1, std::nullopt, std::numeric_limits<std::int64_t>::max()}})), ElementsAre(1));
  EXPECT_THAT(numbers(array.at({Slice{1, std::nullopt, std::numeric_limits<std::int64_t>::min()}})), ElementsAre(1));
  EXPECT_EQ(array.at({Slice{0, 3, -1}}).length(), 0);
  EXPECT_THROWS(ValueError, array.at({Slice{.step = 0}}), "expected the step of a slice not to be 0");
}

TEST(ArrayView, MixesNumbersSlicesAndNewAxes) {
  const Array array = counting({2, 3, 4});
  const Array view = array.at({1, new_axis, Slice{1, 3}});
  EXPECT_EQ(view.shape(), (Shape{1, 2, 4}));
  EXPECT_TRUE(view.contiguous());
  EXPECT_EQ(view.at(0, 0, 0), 16.0f);
  const Array corner = array.at({all, -1, Slice{.start = 3, .step = -2}});
  EXPECT_EQ(corner.shape(), (Shape{2, 2}));
  EXPECT_THAT(numbers(corner), ElementsAre(11, 9, 23, 21));
  EXPECT_THROWS(ShapeError, array.at({0, 0, 0, 0}), "expected at most 3 indices for the shape (2, 3, 4), got more");
}

TEST(ArrayView, OfAViewReachesTheSameNumbers) {
  Array array = counting({4, 4});
  Array inner = array.at({Slice{1, 3}, Slice{1, 3}});
  Array row = inner[1];
  row.at(0) = -1;
  EXPECT_EQ(array.at(2, 1), -1.0f);
  EXPECT_THAT(numbers(inner.at({all, 1})), ElementsAre(6, 10));
}

TEST(Array, TakesRowsInTheOrderGiven) {
  const std::vector<std::int64_t> rows{2, 0, -1, 2};
  EXPECT_THAT(numbers(counting({3, 2}).take(rows)), ElementsAre(4, 5, 0, 1, 4, 5, 4, 5));
  EXPECT_THAT(numbers(counting({3, 2}).at({all, 1}).take(rows)), ElementsAre(5, 1, 5, 5));
  EXPECT_EQ(counting({3, 2}).take({}).shape(), (Shape{0, 2}));
  const std::vector<std::int64_t> outside{3};
  EXPECT_THROWS(ShapeError, counting({3, 2}).take(outside),
                "expected an index in [-3, 3) along axis 0 of (3, 2), got 3");
  EXPECT_THROWS(ShapeError, Array::zeros({}).take(rows), "expected an axis to take rows of, got a scalar");
}

TEST(Array, AssignsThroughAView) {
  Array array = Array::zeros({2, 3});
  array[1].assign(Array::of({1.0f, 2.0f, 3.0f}));
  EXPECT_THAT(array.values(), ElementsAre(0, 0, 0, 1, 2, 3));
  array.at({all, 0}).assign(Array::of({7, 8}));
  EXPECT_THAT(array.values(), ElementsAre(7, 0, 0, 8, 2, 3));
}

TEST(Array, AssignsWithBroadcasting) {
  Array array = Array::zeros({2, 3});
  array.assign(Array::full({}, 4));
  EXPECT_THAT(array.values(), ElementsAre(4, 4, 4, 4, 4, 4));
  array.assign(Array::of({{10}, {20}}));
  EXPECT_THAT(array.values(), ElementsAre(10, 10, 10, 20, 20, 20));
  array.assign(counting({3}));
  EXPECT_THAT(array.values(), ElementsAre(0, 1, 2, 0, 1, 2));
  EXPECT_THROWS(ShapeError, array.assign(counting({2})), "Array: expected values that broadcast to (2, 3), got (2,)");
  EXPECT_THROWS(ShapeError, array.assign(counting({1, 2, 3})),
                "expected values that broadcast to (2, 3), got (1, 2, 3)");
  EXPECT_THROWS(ShapeError, array.assign(Array()), "got no array");
}

TEST(Array, AssignsFromNumbersThatOverlap) {
  Array array = counting({5});
  array.slice(1).assign(array.slice(0, 4));
  EXPECT_THAT(array.values(), ElementsAre(0, 0, 1, 2, 3));
  array.assign(array.at({Slice{.step = -1}}));
  EXPECT_THAT(array.values(), ElementsAre(3, 2, 1, 0, 0));
}

TEST(Array, ReshapesAsAViewWhereItCan) {
  Array array = counting({2, 6});
  Array other = array.reshape({3, -1});
  EXPECT_EQ(other.shape(), (Shape{3, 4}));
  other.at(0, 0) = 9;
  EXPECT_EQ(array.at(0, 0), 9.0f);
  EXPECT_THAT(numbers(counting({2, 2}).at({all, Slice{.step = -1}}).reshape({4})), ElementsAre(1, 0, 3, 2));
  EXPECT_EQ(Array::zeros({0, 3}).reshape({3, 0}).shape(), (Shape{3, 0}));
  EXPECT_EQ(counting({1}).reshape({}).shape(), Shape{});
}

TEST(Array, RefusesAShapeThatDoesNotFit) {
  const Array array = counting({2, 6});
  EXPECT_THROWS(ShapeError, array.reshape({5}), "Array: expected a shape for 12 numbers, got (5,)");
  EXPECT_THROWS(ShapeError, array.reshape({5, -1}), "expected a shape for 12 numbers");
  EXPECT_THROWS(ShapeError, array.reshape({-1, -1}), "at most one of them -1");
  EXPECT_THROWS(ShapeError, array.reshape({-2, 3}), "expected extents of 0 or more");
  EXPECT_THROWS(ShapeError, Array::zeros({0}).reshape({0, -1}), "expected a shape for 0 numbers");
}

TEST(ArrayConversion, IsItselfForTheSameDType) {
  const Array array = counting({2});
  EXPECT_EQ(array.astype(float32).values().data(), array.values().data());
}

TEST(ArrayConversion, TruncatesAndSaturatesToIntegers) {
  const double nan = std::numeric_limits<double>::quiet_NaN(), infinity = std::numeric_limits<double>::infinity();
  const Array array = Array::of({1.9, -1.9, 300.0, -300.0, nan, infinity, -infinity});
  EXPECT_THAT(array.astype(int8).values<std::int8_t>(), ElementsAre(1, -1, 127, -128, 0, 127, -128));
  EXPECT_THAT(array.astype(uint8).values<std::uint8_t>(), ElementsAre(1, 0, 255, 0, 0, 255, 0));
  EXPECT_EQ(Array::of({1e30}).astype(int64).item<std::int64_t>(), std::numeric_limits<std::int64_t>::max());
  EXPECT_EQ(Array::of({-3e9f}).astype(int32).item<std::int32_t>(), std::numeric_limits<std::int32_t>::min());
}

TEST(ArrayConversion, WrapsIntegersAround) {
  EXPECT_THAT(Array::of({-1, 256, 127}).astype(uint8).values<std::uint8_t>(), ElementsAre(255, 0, 127));
  EXPECT_THAT(Array::of({200}).astype(int8).values<std::int8_t>(), ElementsAre(-56));
}

TEST(ArrayConversion, MakesBooleansOfWhatIsNotZero) {
  EXPECT_THAT(Array::of({0.0f, 0.1f, -2.0f}).astype(boolean).values<bool>(), ElementsAre(false, true, true));
  EXPECT_THAT(Array::of({true, false}).astype(float32).values(), ElementsAre(1, 0));
}

TEST(ArrayConversion, OfAStridedViewIsContiguous) {
  const Array column = counting({3, 2}).at({all, 1}).astype(int64);
  EXPECT_THAT(column.values<std::int64_t>(), ElementsAre(1, 3, 5));
}

TEST(ArrayConversion, ReadsAnyByteButZeroAsTrue) {
  Array mask = Array::zeros({4}, boolean);
  const std::array<std::byte, 4> bytes{std::byte{0}, std::byte{1}, std::byte{2}, std::byte{255}};
  std::copy(bytes.begin(), bytes.end(), mask.bytes().begin());
  EXPECT_THAT(mask.astype(float32).values(), ElementsAre(0, 1, 1, 1));
  EXPECT_THAT(mask.astype(uint8).values<std::uint8_t>(), ElementsAre(0, 1, 1, 1));
  EXPECT_THAT(mask.copy().astype(int32).values<std::int32_t>(), ElementsAre(0, 1, 1, 1));
  const Array copied = mask.copy();
  for (std::size_t i = 1; i < 4; ++i) EXPECT_EQ(copied.bytes()[i], std::byte{1}) << i;
}

}  // namespace
}  // namespace keratin
