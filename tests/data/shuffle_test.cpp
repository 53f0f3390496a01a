#include "data/shuffle.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <numeric>

namespace keratin {
namespace {

using ::testing::ElementsAre;

TEST(Shuffle, IsAPermutation) {
  std::vector<std::int64_t> order = permutation(1000, 3, 7);
  std::sort(order.begin(), order.end());
  std::vector<std::int64_t> expected(1000);
  std::iota(expected.begin(), expected.end(), 0);
  EXPECT_EQ(order, expected);
  EXPECT_TRUE(permutation(0, 3, 7).empty());
  EXPECT_THAT(permutation(1, 3, 7), ElementsAre(0));
}

// Resumed runs depend on it: these orders, from an implementation of the documented method in Python, hold for good.
TEST(Shuffle, NeverChanges) {
  EXPECT_THAT(permutation(10, 0, 0), ElementsAre(0, 9, 7, 5, 6, 1, 4, 8, 2, 3));
  EXPECT_THAT(permutation(10, 0x123456789abcdef0, 41), ElementsAre(8, 0, 7, 2, 9, 6, 5, 3, 1, 4));
}

TEST(Shuffle, DependsOnSeedAndEpochAndOnNothingElse) {
  EXPECT_EQ(permutation(100, 5, 6), permutation(100, 5, 6));
  EXPECT_NE(permutation(100, 5, 6), permutation(100, 5, 7));
  EXPECT_NE(permutation(100, 5, 6), permutation(100, 6, 6));
  EXPECT_NE(permutation(100, 5, 6), permutation(100, 5 + (std::uint64_t{1} << 32), 6));
}

TEST(Shuffle, FillsWithoutAskingWhatWasThere) {
  std::vector<std::int64_t> order(50, -1);
  fill_permutation(order, 5, 6);
  EXPECT_EQ(order, permutation(50, 5, 6));
}

TEST(Shuffle, GivesEveryOrderAsOften) {
  constexpr int draws = 24'000;
  std::map<std::vector<std::int64_t>, int> counts;
  for (std::uint32_t epoch = 0; epoch < draws; ++epoch) ++counts[permutation(4, 1, epoch)];
  EXPECT_EQ(counts.size(), 24u);
  double chi_square = 0.0;
  for (const auto& [order, count] : counts) chi_square += (count - 1000.0) * (count - 1000.0) / 1000.0;
  EXPECT_LT(chi_square, 49.7);  // exceeded once in a thousand seeds: 23 degrees of freedom
}

}  // namespace
}  // namespace keratin
