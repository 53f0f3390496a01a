// The container: what is written is read, what is damaged is refused, what was there survives.
#include "formats/checkpoint/checkpoint_file.h"

#include <gtest/gtest.h>

#include <fstream>

#include "base/file.h"
#include "keratin/error.h"
#include "support/temporary_folder.h"
#include "support/throws.h"

namespace keratin {
namespace {

CheckpointFile sample() {
  return {R"({"a":[1,2],"name":"x"})",
          {{"kernel", Array(std::vector<float>{1.0f, 2.0f, 3.0f, 4.0f, 5.0f, 6.0f}, Shape({2, 3}))},
           {"count", Array::full({}, 7, int64)},
           {"none", Array::zeros(Shape({0, 4}), float64)},
           {"mask", Array::ones(Shape({65}), boolean)}}};
}

/// Without the syncs of replace_file: thousands of damaged files are made here.
void overwrite(const std::filesystem::path& path, const std::vector<std::byte>& bytes) {
  std::ofstream(path, std::ios::binary)
      .write(reinterpret_cast<const char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
}

TEST(CheckpointFile, ReadsWhatWasWritten) {
  const testing::TemporaryFolder folder;
  const std::filesystem::path path = folder.path() / "new" / "model.keratin";
  write_checkpoint(path, sample());
  const CheckpointFile read = read_checkpoint(path);
  EXPECT_EQ(read.metadata, sample().metadata);
  ASSERT_EQ(read.arrays.size(), 4u);
  for (std::size_t i = 0; i < 4; ++i) {
    EXPECT_EQ(read.arrays[i].name, sample().arrays[i].name);
    EXPECT_EQ(read.arrays[i].value.dtype(), sample().arrays[i].value.dtype());
    EXPECT_EQ(read.arrays[i].value.shape(), sample().arrays[i].value.shape());
    EXPECT_EQ(read.arrays[i].value.to_string(), sample().arrays[i].value.to_string());
  }
  EXPECT_EQ(read.at("count").item<std::int64_t>(), 7);
  EXPECT_THROWS(DataError, read.at("bias"), "expected one of the arrays kernel, count, none, mask, got bias");
}

TEST(CheckpointFile, HasTheSameBytesForTheSameContent) {
  const testing::TemporaryFolder folder;
  write_checkpoint(folder.path() / "a", sample());
  write_checkpoint(folder.path() / "b", sample());
  EXPECT_EQ(read_file(folder.path() / "a"), read_file(folder.path() / "b"));
}

TEST(CheckpointFile, NoticesAFlippedBitAnywhere) {
  const testing::TemporaryFolder folder;
  const std::filesystem::path path = folder.path() / "model.keratin";
  write_checkpoint(path, sample());
  const std::vector<std::byte> good = read_file(path);
  for (std::size_t at = 0; at < good.size(); ++at) {
    std::vector<std::byte> bad = good;
    bad[at] ^= std::byte{1};
    overwrite(path, bad);
    EXPECT_THROWS(DataError, read_checkpoint(path), path.string()) << "byte " << at;
  }
}

TEST(CheckpointFile, NoticesATruncationAnywhereAndATail) {
  const testing::TemporaryFolder folder;
  const std::filesystem::path path = folder.path() / "model.keratin";
  write_checkpoint(path, sample());
  std::vector<std::byte> bytes = read_file(path);
  bytes.push_back(std::byte{0});
  overwrite(path, bytes);
  EXPECT_THROWS(DataError, read_checkpoint(path), "bytes, got");
  bytes.pop_back();
  while (!bytes.empty()) {
    bytes.pop_back();
    overwrite(path, bytes);
    EXPECT_THROWS(DataError, read_checkpoint(path), "the file is damaged or not a Keratin checkpoint")
        << bytes.size() << " bytes";
  }
}

TEST(CheckpointFile, RefusesAnotherFormatAndALaterVersion) {
  const testing::TemporaryFolder folder;
  const std::filesystem::path path = folder.path() / "model.keratin";
  replace_file(path, std::string_view("PK\x03\x04 this is a zip archive and not ours at all"));
  EXPECT_THROWS(DataError, read_checkpoint(path), "expected the first bytes KERATIN, got others");
  write_checkpoint(path, sample());
  std::vector<std::byte> bytes = read_file(path);
  bytes[8] = std::byte{2};
  overwrite(path, bytes);
  EXPECT_THROWS(DataError, read_checkpoint(path), "expected version 1 at most, got 2");
  EXPECT_THROWS(DataError, read_checkpoint(folder.path() / "missing"), "missing");
}

TEST(CheckpointFile, KeepsTheOldFileIfTheNewOneCannotBeWritten) {
  const testing::TemporaryFolder folder;
  const std::filesystem::path path = folder.path() / "model.keratin";
  write_checkpoint(path, sample());
  const std::vector<std::byte> before = read_file(path);
  CheckpointFile unwritable = sample();
  unwritable.metadata = "{not json";
  EXPECT_ANY_THROW(write_checkpoint(path, unwritable));
  EXPECT_EQ(read_file(path), before);
  EXPECT_THROWS(DataError, write_checkpoint(path / "below a file", sample()), "model.keratin");
}

TEST(CheckpointFile, HasBooleansOfAnyByte) {
  const testing::TemporaryFolder folder;
  CheckpointFile file = sample();
  std::ranges::fill(file.arrays[3].value.bytes(), std::byte{2});
  write_checkpoint(folder.path() / "a", file);
  const CheckpointFile read = read_checkpoint(folder.path() / "a");
  for (const std::byte byte : read.at("mask").bytes()) ASSERT_EQ(byte, std::byte{1});
}

}  // namespace
}  // namespace keratin
