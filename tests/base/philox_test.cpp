#include "base/philox.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

namespace keratin {
namespace {

using ::testing::ElementsAre;

// Random123 1.14, tests/kat_vectors, the lines of philox4x32 with 10 rounds.
TEST(Philox, GivesThePublishedAnswers) {
  EXPECT_THAT(philox({{0, 0}}, {{0, 0, 0, 0}}).words, ElementsAre(0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8));
  constexpr std::uint32_t ones = 0xffffffff;
  EXPECT_THAT(philox({{ones, ones}}, {{ones, ones, ones, ones}}).words,
              ElementsAre(0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd));
  EXPECT_THAT(philox({{0xa4093822, 0x299f31d0}}, {{0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344}}).words,
              ElementsAre(0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1));
}

TEST(Philox, IsKnownWhileCompiling) { static_assert(philox({{0, 0}}, {{0, 0, 0, 0}}).words[0] == 0x6627e8d5); }

TEST(Philox, MakesUnitNumbersBelowOneOfAnyBits) {
  static_assert(unit_float(0) == 0.0f && unit_double(0, 0) == 0.0);
  static_assert(unit_float(0xffffffff) == 1.0f - 0x1p-24f);
  static_assert(unit_double(0xffffffff, 0xffffffff) == 1.0 - 0x1p-53);
}

TEST(Philox, TellsSeedsStreamsAndElementsApart) {
  std::set<std::uint32_t> words;
  for (const std::uint64_t seed : {0ull, 1ull, 1ull << 32})
    for (const std::uint64_t stream : {0ull, 1ull, 1ull << 32})
      for (const std::uint64_t element : {0ull, 1ull, 2ull, 3ull, 4ull, 1ull << 34})
        words.insert(random_word(seed, stream, element));
  EXPECT_EQ(words.size(), 54u);
}

TEST(Philox, DrawsUniformNumbersWithTheirMoments) {
  constexpr int count = 100'000;
  double sum = 0.0, squares = 0.0, sum_of_floats = 0.0;
  for (std::uint64_t i = 0; i < count; ++i) {
    const double x = uniform_double(3, 5, i);
    ASSERT_TRUE(0.0 <= x && x < 1.0);
    sum += x;
    squares += x * x;
    sum_of_floats += static_cast<double>(uniform_float(3, 5, i));
  }
  // Five standard deviations: 1/sqrt(12 n) of a mean, 0.2981/sqrt(n) of the mean of squares.
  EXPECT_NEAR(sum / count, 0.5, 5 * 0.2887 / std::sqrt(count));
  EXPECT_NEAR(sum_of_floats / count, 0.5, 5 * 0.2887 / std::sqrt(count));
  EXPECT_NEAR(squares / count, 1.0 / 3, 5 * 0.2981 / std::sqrt(count));
}

TEST(Philox, DrawsNormalNumbersWithTheirMoments) {
  constexpr int count = 100'000;
  double sum = 0.0, squares = 0.0, products = 0.0, fourth = 0.0, before = 0.0;
  for (std::uint64_t i = 0; i < count; ++i) {
    const double x = normal_double(3, 6, i);
    sum += x;
    squares += x * x;
    fourth += x * x * x * x;
    products += x * before;
    before = x;
  }
  // Five standard deviations of each mean: 1, sqrt(2), 1 and sqrt(96) over sqrt(n).
  const double unit = 5 / std::sqrt(count);
  EXPECT_NEAR(sum / count, 0.0, unit);
  EXPECT_NEAR(squares / count, 1.0, 1.4143 * unit);
  EXPECT_NEAR(products / count, 0.0, unit);
  EXPECT_NEAR(fourth / count, 3.0, 9.8 * unit);
  EXPECT_EQ(normal_float(3, 6, 17), static_cast<float>(normal_double(3, 6, 17)));
}

}  // namespace
}  // namespace keratin
