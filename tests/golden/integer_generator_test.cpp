// The generator of C++ gives the numbers of its twin in Python, which wrote integer_generator.npz.
#include "support/integer_generator.h"

#include <gmock/gmock.h>

#include "support/npz.h"

namespace keratin::testing {
namespace {

using ::testing::ElementsAreArray;

constexpr IntegerGenerator generator("golden/stream");

TEST(IntegerGenerator, GivesTheBitsOfPython) {
  const Npz expected = golden("integer_generator");
  std::vector<std::int64_t> bits;
  for (std::size_t k = 0; k < 16; ++k) bits.push_back(static_cast<std::int64_t>(generator.bits(k)));
  EXPECT_THAT(bits, ElementsAreArray(expected["bits/output"].values<std::int64_t>()));
}

TEST(IntegerGenerator, GivesTheUniformNumbersOfPython) {
  const Npz expected = golden("integer_generator");
  EXPECT_THAT(generator.uniform_values<double>(32), ElementsAreArray(expected["uniform/output"].values<double>()));
}

TEST(IntegerGenerator, GivesUniformNumbersThatFloatHoldsExactly) {
  const auto singles = generator.uniform_values<float>(1000);
  const auto doubles = generator.uniform_values<double>(1000);
  for (std::size_t k = 0; k < singles.size(); ++k) {
    EXPECT_EQ(static_cast<double>(singles[k]), doubles[k]);
    EXPECT_GE(doubles[k], -1.0);
    EXPECT_LT(doubles[k], 1.0);
  }
}

TEST(IntegerGenerator, GivesThePositionsOfPython) {
  const Npz expected = golden("integer_generator");
  EXPECT_THAT(generator.positions(32, 235200), ElementsAreArray(expected["positions/output"].values<std::int64_t>()));
}

TEST(IntegerGenerator, GivesThePermutationOfPython) {
  const Npz expected = golden("integer_generator");
  EXPECT_THAT(generator.permutation(60), ElementsAreArray(expected["permutation/output"].values<std::int64_t>()));
}

TEST(IntegerGenerator, GivesOtherNumbersUnderAnotherName) {
  EXPECT_NE(IntegerGenerator("golden/stream_1").bits(0), generator.bits(0));
}

}  // namespace
}  // namespace keratin::testing
