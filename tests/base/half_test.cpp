// Rounding to and from float16 and bfloat16.
#include "base/half.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <limits>

namespace keratin {
namespace {

TEST(Half, WidensAndNarrowsEveryFloat16Back) {
  for (std::uint32_t bits = 0; bits < 0x10000; ++bits) {
    Float16 half;
    half.bits = static_cast<std::uint16_t>(bits);
    const auto value = static_cast<double>(half);
    if (std::isnan(value)) {
      EXPECT_TRUE(std::isnan(static_cast<double>(Float16(value))));
    } else {
      ASSERT_EQ(Float16(value).bits, bits) << value;
    }
  }
}

TEST(Half, KnowsPublishedFloat16Values) {  // IEEE 754-2008, binary16
  EXPECT_EQ(Float16(1.0).bits, 0x3c00);
  EXPECT_EQ(Float16(-2.0).bits, 0xc000);
  EXPECT_EQ(Float16(65504.0).bits, 0x7bff);
  EXPECT_EQ(Float16(std::ldexp(1.0, -24)).bits, 0x0001);
  EXPECT_EQ(Float16(std::ldexp(1.0, -14)).bits, 0x0400);
  EXPECT_EQ(Float16(1.0 / 3.0).bits, 0x3555);
}

TEST(Half, RoundsTiesToEven) {
  EXPECT_EQ(Float16(1.0 + std::ldexp(1.0, -11)).bits, 0x3c00);
  EXPECT_EQ(Float16(1.0 + 3 * std::ldexp(1.0, -11)).bits, 0x3c02);
  EXPECT_EQ(Float16(1.0 + std::ldexp(1.0, -11) + std::ldexp(1.0, -40)).bits,
            0x3c01);  // a detour by float would lose this
  EXPECT_EQ(BFloat16(1.0 + std::ldexp(1.0, -8)).bits, 0x3f80);
  EXPECT_EQ(BFloat16(1.0 + 3 * std::ldexp(1.0, -8)).bits, 0x3f82);
}

TEST(Half, RoundsAtTheEndsOfItsRange) {
  EXPECT_EQ(Float16(65519.9).bits, 0x7bff);
  EXPECT_EQ(Float16(65520.0).bits, 0x7c00);
  EXPECT_EQ(Float16(-1e300).bits, 0xfc00);
  EXPECT_EQ(Float16(std::ldexp(1.0, -25)).bits, 0x0000);
  EXPECT_EQ(Float16(std::ldexp(1.5, -25)).bits, 0x0001);
  EXPECT_EQ(Float16(-std::ldexp(1.0, -26)).bits, 0x8000);
  EXPECT_EQ(Float16(std::numeric_limits<double>::denorm_min()).bits, 0x0000);
}

TEST(Half, NarrowsBFloat16AsTheUpperHalfOfAFloat) {
  for (const float value : {1.0f, -0.1f, 3.14159f, 1e-40f, 3e38f, 65504.0f, std::numeric_limits<float>::infinity()}) {
    std::uint32_t bits = 0;
    std::memcpy(&bits, &value, sizeof bits);
    const std::uint32_t rounded = (bits + 0x7fff + ((bits >> 16) & 1)) >> 16;  // nearest, ties to even
    EXPECT_EQ(BFloat16(value).bits, rounded) << value;
  }
  EXPECT_TRUE(std::isnan(static_cast<double>(BFloat16(std::numeric_limits<double>::quiet_NaN()))));
}

}  // namespace
}  // namespace keratin
