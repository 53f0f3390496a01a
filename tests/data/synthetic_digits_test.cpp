#include <gtest/gtest.h>

#include <array>
#include <numeric>

#include "base/checksum.h"
#include "keratin/datasets.h"
#include "keratin/error.h"
#include "support/throws.h"

namespace keratin::datasets {
namespace {

TEST(SyntheticDigits, HaveMnistsShapesAndAllDigits) {
  const Pair data = synthetic_digits({.train = 300, .test = 200});
  EXPECT_EQ(data.train.x.shape(), (Shape{300, 28, 28}));
  EXPECT_EQ(data.train.y.shape(), Shape({300}));
  EXPECT_EQ(data.test.x.shape(), (Shape{200, 28, 28}));
  EXPECT_EQ(data.test.x.dtype(), uint8);
  EXPECT_EQ(data.test.y.dtype(), uint8);
  std::array<int, 10> counts{};
  for (const std::uint8_t label : data.train.y.values<std::uint8_t>()) ++counts.at(label);
  for (const int count : counts) EXPECT_GT(count, 10);
}

// The same bits on every machine and for good: recorded results depend on them.
TEST(SyntheticDigits, NeverChange) {
  const Pair data = synthetic_digits({.train = 100, .test = 100, .seed = 7});
  EXPECT_EQ(crc32(data.train.x.bytes()), 1006695104u);
  EXPECT_EQ(crc32(data.train.y.bytes()), 4003407760u);
  EXPECT_EQ(crc32(data.test.x.bytes()), 435229475u);
}

TEST(SyntheticDigits, DependOnTheSeedAndTheirPlaceAlone) {
  const Pair few = synthetic_digits({.train = 5, .test = 5, .seed = 3}),
             many = synthetic_digits({.train = 20, .test = 9, .seed = 3});
  EXPECT_EQ(crc32(few.train.x.bytes()), crc32(many.train.x.slice(0, 5).bytes()));
  EXPECT_EQ(crc32(few.test.x.bytes()), crc32(many.test.x.slice(0, 5).bytes()));
  EXPECT_NE(crc32(few.train.x.bytes()), crc32(few.test.x.bytes()));
  EXPECT_NE(crc32(few.train.x.bytes()), crc32(synthetic_digits({.train = 5, .test = 5, .seed = 4}).train.x.bytes()));
}

TEST(SyntheticDigits, AreInkOnPaperInsideTheFrame) {
  const Pair data = synthetic_digits({.train = 200, .test = 0});
  for (std::int64_t i = 0; i < 200; ++i) {
    const auto pixels = data.train.x[i].values<std::uint8_t>();
    const double mean = std::accumulate(pixels.begin(), pixels.end(), 0.0) / 784;
    EXPECT_TRUE(2 < mean && mean < 128) << "sample " << i << ": mean " << mean;
    EXPECT_GT(*std::max_element(pixels.begin(), pixels.end()), 90) << "sample " << i;
  }
}

TEST(SyntheticDigits, MayBeNoneButNotFewer) {
  EXPECT_EQ(synthetic_digits({.train = 0, .test = 0}).train.x.shape(), (Shape{0, 28, 28}));
  EXPECT_THROWS(ValueError, synthetic_digits({.train = -1}), "synthetic_digits: expected train >= 0, got -1");
  EXPECT_THROWS(ValueError, synthetic_digits({.test = -1}), "synthetic_digits: expected test >= 0, got -1");
}

}  // namespace
}  // namespace keratin::datasets
