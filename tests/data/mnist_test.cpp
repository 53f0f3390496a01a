// mnist and fashion_mnist: finding the files, what may be wrong with them, and the real ones.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <numeric>

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

/// `count` images, all of one shade.
std::string images(std::uint32_t count, char shade = 1) {
  return idx_header(0x08, {count, 28, 28}) + std::string(count * 784, shade);
}
std::string labels(const std::vector<std::uint8_t>& values) {
  return idx_of<std::uint8_t>(0x08, {static_cast<std::uint32_t>(values.size())}, values);
}

/// Three samples to train with and two to test with, under the published names; the shade tells folders apart.
void write_data_set(const TemporaryFolder& folder, const std::string& where, char shade = 1) {
  folder.write(where + "train-images-idx3-ubyte.gz", gzipped(images(3, shade)));
  folder.write(where + "train-labels-idx1-ubyte.gz", gzipped(labels({1, 2, 9})));
  folder.write(where + "t10k-images-idx3-ubyte.gz", gzipped(images(2, shade)));
  folder.write(where + "t10k-labels-idx1-ubyte.gz", gzipped(labels({3, 4})));
}

int shade_of(const Pair& data) { return data.train.x.at<std::uint8_t>(0, 0, 0); }

void expect_small_data_set(const Pair& data) {
  EXPECT_EQ(data.train.x.shape(), (Shape{3, 28, 28}));
  EXPECT_EQ(data.train.x.dtype(), uint8);
  EXPECT_THAT(data.train.y.values<std::uint8_t>(), ::testing::ElementsAre(1, 2, 9));
  EXPECT_EQ(data.test.x.shape(), (Shape{2, 28, 28}));
  EXPECT_THAT(data.test.y.values<std::uint8_t>(), ::testing::ElementsAre(3, 4));
}

TEST(Mnist, IsFoundUnderThePublishedNames) {
  const TemporaryFolder folder;
  write_data_set(folder, "");
  expect_small_data_set(mnist({.directory = folder.path()}));
  expect_small_data_set(fashion_mnist({.directory = folder.path()}));
}

TEST(Mnist, IsFoundUnpackedAndUnderTheTutorialsNames) {
  const TemporaryFolder folder;
  folder.write("train-images-idx3-ubyte", images(3));
  folder.write("train-labels.gz", gzipped(labels({1, 2, 9})));
  folder.write("test-images.gz", gzipped(images(2)));
  folder.write("test-labels", labels({3, 4}));
  expect_small_data_set(mnist({.directory = folder.path()}));
}

TEST(Mnist, IsFoundInAnySubfolder) {
  const TemporaryFolder folder;
  write_data_set(folder, "some/where/");
  expect_small_data_set(mnist({.directory = folder.path()}));
}

TEST(Mnist, IsFoundScatteredOverFolders) {
  const TemporaryFolder folder;
  write_data_set(folder, "all/");
  std::filesystem::create_directories(folder / "else");
  std::filesystem::rename(folder / "all/t10k-labels-idx1-ubyte.gz", folder / "else/t10k-labels-idx1-ubyte.gz");
  expect_small_data_set(mnist({.directory = folder.path()}));
}

TEST(Mnist, IsTheFirstThatIsWhole) {
  const TemporaryFolder folder;
  write_data_set(folder, "b/deep/", 4);
  EXPECT_EQ(shade_of(mnist({.directory = folder.path()})), 4);
  write_data_set(folder, "c/", 3);
  EXPECT_EQ(shade_of(mnist({.directory = folder.path()})), 3);  // less deep
  write_data_set(folder, "a/", 2);
  EXPECT_EQ(shade_of(mnist({.directory = folder.path()})), 2);  // earlier by name
  std::filesystem::remove(folder / "a/t10k-labels-idx1-ubyte.gz");
  EXPECT_EQ(shade_of(mnist({.directory = folder.path()})), 3);  // no longer whole
}

TEST(Mnist, DoesNotFollowCirclesOfLinks) {
  const TemporaryFolder folder;
  std::filesystem::create_directories(folder / "a");
  std::filesystem::create_directory_symlink(folder.path(), folder / "a/again");
  write_data_set(folder, "z/");
  expect_small_data_set(mnist({.directory = folder.path()}));
}

TEST(Mnist, RefusesAMissingFolderOrFile) {
  const TemporaryFolder folder;
  EXPECT_THROWS(DataError, mnist({.directory = folder / "none"}),
                "mnist: expected the data set in the folder " + (folder / "none").string() + ", got no such folder");
  const std::filesystem::path before = std::filesystem::current_path();
  const ScopeGuard restore([&] { std::filesystem::current_path(before); });
  std::filesystem::current_path(folder.path());
  EXPECT_THROWS(DataError, fashion_mnist(),
                "fashion_mnist: expected the data set in the folder data/fashion-mnist, got no such folder");
  write_data_set(folder, "");
  std::filesystem::remove(folder / "t10k-labels-idx1-ubyte.gz");
  EXPECT_THROWS(
      DataError, mnist({.directory = folder.path()}),
      "mnist: expected t10k-labels-idx1-ubyte.gz (or t10k-labels-idx1-ubyte, test-labels.gz, test-labels) in " +
          folder.path().string() + " or a folder below it, got no such file");
}

TEST(Mnist, RefusesFilesThatDoNotBelongTogether) {
  const TemporaryFolder folder;
  const auto refuse = [&](std::string_view name, const std::string& content, const std::string& message) {
    write_data_set(folder, "");
    folder.write(name, content);
    EXPECT_THROWS(DataError, mnist({.directory = folder.path()}), (folder / name).string() + message);
  };
  refuse("train-labels-idx1-ubyte.gz", labels({1, 2}), ": expected 3 labels, as many as there are images in ");
  refuse("train-images-idx3-ubyte.gz", labels({1, 2, 3}),
         ": expected images of shape (n, 28, 28) and dtype uint8, got (3,) and uint8");
  refuse("train-images-idx3-ubyte.gz", idx_header(0x08, {3, 2, 2}) + std::string(12, 'x'),
         ": expected images of shape (n, 28, 28) and dtype uint8, got (3, 2, 2) and uint8");
  refuse("t10k-labels-idx1-ubyte.gz", images(2),
         ": expected labels of shape (n,) and dtype uint8, got (2, 28, 28) and uint8");
  refuse("t10k-labels-idx1-ubyte.gz", idx_of<std::int32_t>(0x0c, {2}, {1, 2}),
         ": expected labels of shape (n,) and dtype uint8, got (2,) and int32");
  refuse("train-labels-idx1-ubyte.gz", labels({1, 10, 2}), ": expected labels of 0 to 9, got 10 at index 1");
  refuse("t10k-images-idx3-ubyte.gz", images(0), ": expected images, got none");
  refuse("train-images-idx3-ubyte.gz", "<html>",
         ": expected an IDX file, which begins with two zero bytes, got 60 and 104");
}

// The published data sets: their label counts, first labels and mean pixels.
struct Facts {
  std::array<std::int64_t, 10> counts;
  std::array<int, 10> first;
  double mean_pixel;
};

void expect_facts(const Pair& data, const Facts& facts) {
  EXPECT_EQ(data.train.x.shape(), (Shape{60'000, 28, 28}));
  EXPECT_EQ(data.test.x.shape(), (Shape{10'000, 28, 28}));
  EXPECT_EQ(data.test.y.shape(), Shape({10'000}));
  const auto labels = data.train.y.values<std::uint8_t>();
  std::array<std::int64_t, 10> counts{};
  for (const std::uint8_t label : labels) ++counts[label];
  EXPECT_EQ(counts, facts.counts);
  for (std::size_t i = 0; i < facts.first.size(); ++i) EXPECT_EQ(labels[i], facts.first[i]) << i;
  const auto pixels = data.train.x.values<std::uint8_t>();
  const double sum = std::accumulate(pixels.begin(), pixels.end(), 0.0);
  EXPECT_NEAR(sum / 255 / static_cast<double>(pixels.size()), facts.mean_pixel,
              5e-6);  // the mean is known to five digits
}

TEST(Mnist, IsTheRealOne) {
  KERATIN_DATA_FOLDER_OR_SKIP(folder, "mnist");
  expect_facts(mnist({.directory = folder}), {.counts = {5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949},
                                              .first = {5, 0, 4, 1, 9, 2, 1, 3, 1, 4},
                                              .mean_pixel = 0.13066});
}

TEST(FashionMnist, IsTheRealOne) {
  KERATIN_DATA_FOLDER_OR_SKIP(folder, "fashion-mnist");
  expect_facts(fashion_mnist({.directory = folder}),
               {.counts = {6000, 6000, 6000, 6000, 6000, 6000, 6000, 6000, 6000, 6000},
                .first = {9, 0, 0, 3, 0, 2, 7, 2, 5, 5},
                .mean_pixel = 0.28604});
}

}  // namespace
}  // namespace keratin::datasets
