#include "base/gzip.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>

#include <numeric>

#include "base/bytes.h"
#include "keratin/error.h"
#include "support/gzip.h"
#include "support/throws.h"

namespace keratin {
namespace {

using testing::gzipped;

std::string inflated(std::string_view compressed) {
  const std::vector<std::byte> bytes = gunzip(bytes_of_text(compressed), "a.gz");
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

/// Text that does not compress away: 200,000 characters that need more than one 64 KiB piece compressed.
std::string noise() {
  std::string text(200'000, ' ');
  std::uint32_t state = 1;
  for (char& c : text) {
    state = state * 1664525 + 1013904223;
    c = static_cast<char>(state >> 24);
  }
  return text;
}

TEST(Gzip, IsToldByItsFirstBytes) {
  EXPECT_TRUE(begins_as_gzip(bytes_of_text(gzipped("x"))));
  EXPECT_FALSE(begins_as_gzip(bytes_of_text("\x1f")));
  EXPECT_FALSE(begins_as_gzip(bytes_of_text("plain")));
}

TEST(Gzip, Inflates) {
  EXPECT_EQ(inflated(gzipped("hello")), "hello");
  EXPECT_EQ(inflated(gzipped("")), "");
  EXPECT_EQ(inflated(gzipped(noise())), noise());
  EXPECT_EQ(inflated(gzipped(std::string(1'000'000, 'a'))), std::string(1'000'000, 'a'));
}

TEST(Gzip, JoinsSeveralMembers) {
  EXPECT_EQ(inflated(gzipped("one ") + gzipped("") + gzipped("two")), "one two");
  EXPECT_EQ(inflated(gzipped(noise()) + gzipped(noise())), noise() + noise());
}

TEST(Gzip, MayArriveByteByByte) {
  const std::string compressed = gzipped("slowly ") + gzipped("but surely");
  std::size_t next = 0;
  GzipReader reader(
      [&](std::span<std::byte> bytes) -> std::size_t {
        if (next == compressed.size() || bytes.empty()) return 0;
        bytes[0] = static_cast<std::byte>(compressed[next++]);
        return 1;
      },
      "a.gz");
  std::array<std::byte, 64> bytes{};
  EXPECT_EQ(reader.read(bytes), 17u);
  EXPECT_EQ(reader.read(bytes), 0u);
}

TEST(Gzip, RefusesDataCutShortAnywhere) {
  const std::string compressed = gzipped("hello, hello, hello");
  for (std::size_t length = 0; length < compressed.size(); ++length) {
    EXPECT_THROWS(DataError, inflated(compressed.substr(0, length)),
                  "a.gz: expected more compressed data, got the end at byte " + std::to_string(length) +
                      "; the file may be truncated");
  }
}

TEST(Gzip, RefusesAnyFlippedBit) {
  const std::string compressed = gzipped("hello, hello, hello");
  for (std::size_t i = 0; i < compressed.size(); ++i) {
    if (i == 3 || (4 <= i && i < 10)) continue;  // flags, time, level and system: no content
    std::string damaged = compressed;
    damaged[i] = static_cast<char>(damaged[i] ^ 0x10);
    EXPECT_THROW(inflated(damaged), DataError) << "byte " << i;
  }
  std::string damaged = compressed;
  damaged[compressed.size() - 8] ^= 1;
  EXPECT_THROWS(DataError, inflated(damaged), "got \"incorrect data check\"; the file is damaged");
  damaged = compressed;
  damaged[compressed.size() - 4] ^= 1;
  EXPECT_THROWS(DataError, inflated(damaged), "got \"incorrect length check\"");
}

TEST(Gzip, RefusesWhatFollowsTheData) {
  const std::string compressed = gzipped("hello");
  EXPECT_THROWS(
      DataError, inflated(compressed + "garbage"),
      "a.gz: expected the end after the compressed data at byte " + std::to_string(compressed.size()) + ", got more");
  EXPECT_THROWS(DataError, inflated(compressed + '\0'), "got more");
  EXPECT_THROWS(DataError, inflated(compressed + '\x1f'), "got more");
}

}  // namespace
}  // namespace keratin
