// Array::to_string, against what numpy 2.4 prints for the same numbers.
#include <gtest/gtest.h>

#include <limits>
#include <numeric>
#include <sstream>

#include "keratin/array.h"

namespace keratin {
namespace {

Array counting(const Shape& shape) {
  std::vector<std::int32_t> values(static_cast<std::size_t>(shape.size()));
  std::iota(values.begin(), values.end(), 0);
  return Array(std::move(values), shape);
}

TEST(ArrayPrint, AlignsThePoint) {
  EXPECT_EQ(Array::of({1.0f, 2.5f, -10.25f}).to_string(), "[  1.     2.5  -10.25]");
  EXPECT_EQ(Array::of({{1.0, 2.0}, {3.0, 4.0}}).to_string(), "[[1. 2.]\n [3. 4.]]");
}

TEST(ArrayPrint, ShowsEightDigitsAtMostAndNoMoreThanTheDTypeHas) {
  EXPECT_EQ(Array::of({1.0 / 3}).to_string(), "[0.33333333]");
  EXPECT_EQ(Array::of({0.1f, 0.25f}).to_string(), "[0.1  0.25]");
  EXPECT_EQ(Array::full({1}, 0.1, float16).to_string(), "[0.1]");
  EXPECT_EQ(Array::full({1}, 0.1, bfloat16).to_string(), "[0.1]");
}

TEST(ArrayPrint, UsesPowersOfTenForWideRanges) {
  EXPECT_EQ(Array::of({1e-10, 1.5}).to_string(), "[1.0e-10 1.5e+00]");
  EXPECT_EQ(Array::of({-3.139656e-7f, 1.2345679e-6f}).to_string(), "[-3.1396559e-07  1.2345679e-06]");
  EXPECT_EQ(Array::of({1e8, -2.0}).to_string(), "[ 1.e+08 -2.e+00]");
  EXPECT_EQ(Array::of({99999.0, 100.0}).to_string(), "[99999.   100.]");
}

TEST(ArrayPrint, NamesWhatIsNotFinite) {
  const double nan = std::numeric_limits<double>::quiet_NaN(), infinity = std::numeric_limits<double>::infinity();
  EXPECT_EQ(Array::of({nan, 1.0, -infinity}).to_string(), "[ nan   1. -inf]");
}

TEST(ArrayPrint, AlignsIntegersAndBooleans) {
  EXPECT_EQ(Array::of({1, -20, 300}).to_string(), "[  1 -20 300]");
  EXPECT_EQ(Array::of({true, false}).to_string(), "[ True False]");
  EXPECT_EQ(Array::full({2}, 7, uint8).to_string(), "[7 7]");
}

TEST(ArrayPrint, OfAScalarOrNothingIsShort) {
  EXPECT_EQ(Array::full({}, 2.5).to_string(), "2.5");
  EXPECT_EQ(Array::full({}, 3).to_string(), "3.0");
  EXPECT_EQ(Array::full({}, 1.0 / 3, float64).to_string(), "0.3333333333333333");
  EXPECT_EQ(Array::full({}, 1e-5, float64).to_string(), "1e-05");
  EXPECT_EQ(Array::full({}, std::numeric_limits<double>::infinity()).to_string(), "inf");
  EXPECT_EQ(Array::full({}, 1, boolean).to_string(), "True");
  EXPECT_EQ(Array::zeros({0, 3}).to_string(), "[]");
  EXPECT_EQ(Array().to_string(), "no array");
}

TEST(ArrayPrint, SeparatesTablesByAnEmptyLine) {
  EXPECT_EQ(counting({2, 2, 2}).to_string(), "[[[0 1]\n  [2 3]]\n\n [[4 5]\n  [6 7]]]");
}

TEST(ArrayPrint, LeavesOutTheMiddleOfMoreThanAThousand) {
  EXPECT_EQ(counting({1001}).to_string(), "[   0    1    2 ...  998  999 1000]");
  EXPECT_EQ(counting({500, 3}).to_string(),
            "[[   0    1    2]\n [   3    4    5]\n [   6    7    8]\n ...\n [1491 1492 1493]\n [1494 1495 1496]\n"
            " [1497 1498 1499]]");
}

TEST(ArrayPrint, BreaksLinesAtSeventyFiveColumns) {
  EXPECT_EQ(counting({30}).to_string(),
            "[ 0  1  2  3  4  5  6  7  8  9 10 11 12 13 14 15 16 17 18 19 20 21 22 23\n 24 25 26 27 28 29]");
}

TEST(ArrayPrint, StreamsTheSameText) {
  std::ostringstream out;
  out << counting({2});
  EXPECT_EQ(out.str(), "[0 1]");
}

}  // namespace
}  // namespace keratin
