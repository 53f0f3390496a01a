#include "base/bytes.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "keratin/error.h"
#include "support/throws.h"

namespace keratin {
namespace {

TEST(Bytes, AreReadInTheOrderAsked) {
  const auto bytes = bytes_of_text(std::string_view("\x01\x02\x03\x04\xff", 5));
  EXPECT_EQ(read_big_endian<std::uint32_t>(bytes), 0x01020304u);
  EXPECT_EQ(read_little_endian<std::uint32_t>(bytes), 0x04030201u);
  EXPECT_EQ(read_big_endian<std::int16_t>(bytes, 3), 0x04ff);
  EXPECT_EQ(read_little_endian<std::int8_t>(bytes, 4), -1);
}

TEST(Bytes, AreWrittenAsTheyAreRead) {
  std::vector<std::byte> bytes;
  append_big_endian(bytes, 1.5f);
  append_little_endian(bytes, -2.0);
  append_big_endian(bytes, std::uint16_t{0x0102});
  EXPECT_EQ(bytes[0], std::byte{0x3f});
  EXPECT_EQ(bytes[12], std::byte{0x01});
  EXPECT_EQ(read_big_endian<float>(bytes), 1.5f);
  EXPECT_EQ(read_little_endian<double>(bytes, 4), -2.0);
}

TEST(Bytes, AreNotReadPastTheEnd) {
  const auto bytes = bytes_of_text("abcde");
  EXPECT_THROWS(DataError, read_big_endian<std::uint32_t>(bytes, 2),
                "expected 4 bytes at byte 2, got the end at byte 5");
  EXPECT_THROWS(DataError, read_big_endian<std::uint8_t>(bytes, 5),
                "expected 1 bytes at byte 5, got the end at byte 5");
  EXPECT_THROWS(DataError, read_big_endian<std::uint64_t>(bytes, ~std::size_t{0}), "got the end at byte 5");
}

TEST(Bytes, AreSwappedNumberByNumber) {
  std::vector<std::byte> bytes;
  append_big_endian(bytes, 1.5f);
  append_big_endian(bytes, -7.25f);
  swap_to_native(bytes, 4, std::endian::big);
  EXPECT_EQ(read_number<float>(bytes, 4, std::endian::native), -7.25f);
}

}  // namespace
}  // namespace keratin
