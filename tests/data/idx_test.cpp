// read_idx: every type and rank, plain and gzip, and every way a file can be wrong.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <unistd.h>

#include <fstream>

#include "base/bytes.h"
#include "base/scope_guard.h"
#include "keratin/datasets.h"
#include "keratin/error.h"
#include "support/data_folder.h"
#include "support/gzip.h"
#include "support/idx.h"
#include "support/temporary_folder.h"
#include "support/throws.h"

namespace keratin::datasets {
namespace {

using keratin::testing::gzipped;
using keratin::testing::idx_header;
using keratin::testing::idx_of;
using keratin::testing::TemporaryFolder;
using ::testing::ElementsAre;

TEST(Idx, ReadsEveryType) {
  const TemporaryFolder folder;
  const auto read = [&](const std::string& content) { return read_idx(folder.write("a", content)); };
  EXPECT_THAT(read(idx_of<std::uint8_t>(0x08, {3}, {0, 7, 255})).values<std::uint8_t>(), ElementsAre(0, 7, 255));
  EXPECT_THAT(read(idx_of<std::int8_t>(0x09, {2}, {-128, 127})).values<std::int8_t>(), ElementsAre(-128, 127));
  EXPECT_THAT(read(idx_of<std::int16_t>(0x0b, {2}, {-300, 300})).values<std::int32_t>(), ElementsAre(-300, 300));
  EXPECT_THAT(read(idx_of<std::int32_t>(0x0c, {2}, {-70000, 1})).values<std::int32_t>(), ElementsAre(-70000, 1));
  EXPECT_THAT(read(idx_of<float>(0x0d, {2}, {1.5f, -0.25f})).values<float>(), ElementsAre(1.5f, -0.25f));
  EXPECT_THAT(read(idx_of<double>(0x0e, {2}, {1e300, -2.0})).values<double>(), ElementsAre(1e300, -2.0));
}

TEST(Idx, ReadsEveryRank) {
  const TemporaryFolder folder;
  const std::vector<std::uint8_t> numbers{1, 2, 3, 4, 5, 6};
  for (const Shape& shape : {Shape{6}, Shape{2, 3}, Shape{1, 2, 3}, Shape{3, 1, 1, 2}}) {
    const std::vector<std::uint32_t> extents(shape.begin(), shape.end());
    const Array array = read_idx(folder.write("a", idx_of<std::uint8_t>(0x08, extents, numbers)));
    EXPECT_EQ(array.shape(), shape);
    EXPECT_THAT(array.values<std::uint8_t>(), ElementsAre(1, 2, 3, 4, 5, 6));
  }
}

TEST(Idx, ReadsGzipWhateverTheFileIsCalled) {
  const TemporaryFolder folder;
  const std::string content = idx_of<std::int16_t>(0x0b, {2, 1}, {-300, 300});
  const Array array = read_idx(folder.write("plainly-named", gzipped(content)));
  EXPECT_EQ(array.shape(), (Shape{2, 1}));
  EXPECT_THAT(array.values<std::int32_t>(), ElementsAre(-300, 300));
  EXPECT_EQ(read_idx(folder.write("named.gz", content)).shape(), (Shape{2, 1}));
}

TEST(Idx, ReadsMoreThanItsFirstGuessHolds) {
  const TemporaryFolder folder;
  const std::uint32_t count = 3'000'000;  // compresses to 1/1000, where the first guess is 1/8
  const std::string content = idx_header(0x0c, {count}) + std::string(4 * count, '\1');
  const Array array = read_idx(folder.write("a", gzipped(content)));
  EXPECT_EQ(array.size(), count);
  EXPECT_EQ(array.at<std::int32_t>(-1), 0x01010101);
}

TEST(Idx, MayHoldNothing) {
  const TemporaryFolder folder;
  const std::string content = idx_header(0x08, {0, 28, 28});
  EXPECT_EQ(read_idx(folder.write("a", content)).shape(), (Shape{0, 28, 28}));
  EXPECT_EQ(read_idx(folder.write("a", gzipped(content))).shape(), (Shape{0, 28, 28}));
  EXPECT_EQ(read_idx(folder.write("a", idx_header(0x08, {~0u, ~0u, ~0u, 0}))).size(), 0);
}

TEST(Idx, RefusesAFileThatCannotBeRead) {
  const TemporaryFolder folder;
  EXPECT_THROWS(DataError, read_idx(folder / "missing"),
                "missing: expected a file that can be read, got \"No such file");
  EXPECT_THROWS(DataError, read_idx(folder.path()), ": expected a file, got a folder");
}

TEST(Idx, RefusesAHeaderCutShort) {
  const TemporaryFolder folder;
  const std::string header = idx_header(0x08, {2, 3});
  for (const bool compressed : {false, true}) {
    for (std::size_t length = 0; length < header.size(); ++length) {
      const std::string cut = header.substr(0, length);
      EXPECT_THROWS(DataError, read_idx(folder.write("a", compressed ? gzipped(cut) : cut)),
                    "a: expected an IDX header of at least " +
                        std::to_string(length < 4   ? 4
                                       : length < 8 ? 8
                                                    : 12) +
                        " bytes, got " + std::to_string(length) + (compressed ? " after decompression" : "") +
                        "; the file may be truncated");
    }
  }
}

TEST(Idx, RefusesAWrongMagicNumberTypeOrRank) {
  const TemporaryFolder folder;
  const auto read = [&](std::string_view content) { return read_idx(folder.write("a", content)); };
  EXPECT_THROWS(DataError, read("<!DOCTYPE html>"),
                "a: expected an IDX file, which begins with two zero bytes, got 60 and 33");
  EXPECT_THROWS(DataError, read(gzipped("hello")), "which begins with two zero bytes, got 104 and 101");
  EXPECT_THROWS(DataError, read(idx_header(0x0a, {1})), "a: expected an IDX type of 8, 9, 11, 12, 13 or 14, got 10");
  EXPECT_THROWS(DataError, read(idx_header(0x08, {})), "a: expected an IDX file of 1 to 4 axes, got 0");
  EXPECT_THROWS(DataError, read(idx_header(0x08, {1, 1, 1, 1, 1}) + "x"),
                "a: expected an IDX file of 1 to 4 axes, got 5");
}

TEST(Idx, RefusesAFileShorterThanItsHeaderSays) {
  const TemporaryFolder folder;
  const std::string content = idx_of<std::int32_t>(0x0c, {3}, {1, 2, 3});
  for (std::size_t length = 8; length < content.size(); ++length) {
    const std::string cut = content.substr(0, length), got = std::to_string(length);
    EXPECT_THROWS(DataError, read_idx(folder.write("a", cut)),
                  "a: expected 20 bytes, got " + got + "; the file may be truncated");
    EXPECT_THROWS(DataError, read_idx(folder.write("a", gzipped(cut))),
                  "a: expected 20 bytes after decompression, got " + got + "; the file may be truncated");
  }
}

TEST(Idx, RefusesAFileLongerThanItsHeaderSays) {
  const TemporaryFolder folder;
  const std::string content = idx_of<std::uint8_t>(0x08, {3}, {1, 2, 3}) + "x";
  EXPECT_THROWS(DataError, read_idx(folder.write("a", content)),
                "a: expected 11 bytes, got 12; the file holds something else too");
  EXPECT_THROWS(DataError, read_idx(folder.write("a", gzipped(content))),
                "a: expected 11 bytes after decompression, got more; the file holds something else too");
  const std::string exact = content.substr(0, content.size() - 1);
  EXPECT_THROWS(DataError, read_idx(folder.write("a", gzipped(exact) + "x")),
                "expected the end after the compressed data");
}

TEST(Idx, RefusesDamagedGzip) {
  const TemporaryFolder folder;
  const std::string compressed = gzipped(idx_of<std::uint8_t>(0x08, {3}, {1, 2, 3}));
  std::string damaged = compressed;
  damaged[compressed.size() - 8] ^= 1;
  EXPECT_THROWS(DataError, read_idx(folder.write("a", damaged)), "got \"incorrect data check\"; the file is damaged");
  EXPECT_THROWS(DataError, read_idx(folder.write("a", compressed.substr(0, compressed.size() - 1))),
                "expected more compressed data, got the end at byte " + std::to_string(compressed.size() - 1));
}

/// In bytes. Sanitizers reserve terabytes of it.
rlim_t address_space_in_use() {
  rlim_t pages = 0;
  std::ifstream("/proc/self/statm") >> pages;
  return pages * static_cast<rlim_t>(::sysconf(_SC_PAGESIZE));
}

TEST(Idx, HoldsNoMoreThanTheFileJustifiesWhateverTheHeaderSays) {
  const TemporaryFolder folder;
  const std::string large = idx_header(0x0e, {100'000'000, 28, 28}) + "x";       // 627 GB
  const std::string overflowing = idx_header(0x0e, {~0u, ~0u, ~0u, ~0u}) + "x";  // 2^131 bytes
  const auto plain = folder.write("plain", large), compressed = folder.write("compressed", gzipped(large));
  const auto beyond = folder.write("beyond", overflowing),
             beyond_compressed = folder.write("beyond.gz", gzipped(overflowing));
  struct rlimit before = {};
  ASSERT_EQ(::getrlimit(RLIMIT_AS, &before), 0);
  const ScopeGuard restore([&] { ::setrlimit(RLIMIT_AS, &before); });
  struct rlimit limit = before;
  limit.rlim_cur = address_space_in_use() + (rlim_t{64} << 20);
  ASSERT_EQ(::setrlimit(RLIMIT_AS, &limit), 0);
  EXPECT_THROWS(DataError, read_idx(plain), "plain: expected 627200000016 bytes, got 17; the file may be truncated");
  EXPECT_THROWS(DataError, read_idx(compressed), "expected 627200000016 bytes after decompression, got 17");
  for (const auto& path : {beyond, beyond_compressed})
    EXPECT_THROWS(
        DataError, read_idx(path),
        "expected fewer than 2^63 bytes, got a header that says (4294967295, 4294967295, 4294967295, 4294967295)");
}

}  // namespace
}  // namespace keratin::datasets
