#include "base/checksum.h"

#include <gtest/gtest.h>

#include "base/bytes.h"

namespace keratin {
namespace {

TEST(Checksum, IsTheStandardOne) {
  EXPECT_EQ(crc32(bytes_of_text("123456789")), 0xcbf43926u);  // the check value of CRC-32/ISO-HDLC
  EXPECT_EQ(crc32({}), 0u);
}

TEST(Checksum, GoesOnOverPieces) {
  EXPECT_EQ(crc32(bytes_of_text("6789"), crc32(bytes_of_text("12345"))), 0xcbf43926u);
  EXPECT_EQ(crc32({}, 0xcbf43926u), 0xcbf43926u);
}

}  // namespace
}  // namespace keratin
