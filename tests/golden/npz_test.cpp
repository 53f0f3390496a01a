// Reading golden files: what NumPy wrote comes back, what it did not write is refused.
#include "support/npz.h"

#include <gmock/gmock.h>

#include <fstream>
#include <sstream>
#include <string>

#include "keratin/error.h"
#include "support/temporary_folder.h"
#include "support/throws.h"

namespace keratin::testing {
namespace {

using ::testing::ElementsAre;

std::string golden_bytes() {
  std::ostringstream bytes;
  bytes << std::ifstream(golden_path("regularizers"), std::ios::binary).rdbuf();
  return bytes.str();
}

void refuses(std::string bytes, const char* message) {
  const TemporaryFolder folder;
  EXPECT_THROWS(DataError, Npz(folder.write("broken.npz", bytes)), message);
}

std::string replaced(std::string bytes, std::string_view from, std::string_view to) {
  const std::size_t at = bytes.find(from);
  EXPECT_NE(at, bytes.npos);
  return bytes.replace(at, from.size(), to);
}

TEST(Npz, KeepsShapesAndNumbers) {
  const Npz file = golden("initializers");
  EXPECT_EQ(file["identity_gain/values"].shape(), Shape({3, 4}));
  EXPECT_EQ(file["identity_gain/values"].dtype(), float64);
  EXPECT_EQ(file["identity_gain/values"].at<double>(1, 1), -1.5);
  EXPECT_THAT(file["identity_gain/values"][2].values<double>(), ElementsAre(0.0, 0.0, -1.5, 0.0));
}

TEST(Npz, ReadsScalars) {
  const Npz file = golden("regularizers");
  EXPECT_EQ(file["l2/output"].shape(), Shape());
  EXPECT_GT(file["l2/output"].item<double>(), 0.0);
}

TEST(Npz, ReadsSingleFloatsAndIntegers) {
  EXPECT_EQ(golden("activations_float32")["x"].dtype(), float32);
  EXPECT_EQ(golden("losses")["sparse/y_true"].dtype(), int64);
}

TEST(Npz, PassesOverWhatIsNoArray) { EXPECT_FALSE(golden("regularizers").contains("about.json")); }

TEST(Npz, ListsItsNamesForAnUnknownOne) {
  EXPECT_THROWS(DataError, golden("regularizers")["l3/output"], "l1_l2_l1/output");
}

TEST(Npz, RefusesAMissingFile) { EXPECT_THROWS(DataError, golden("nothing"), "cannot be opened"); }

TEST(Npz, RefusesEveryTruncation) {
  const std::string bytes = golden_bytes();
  for (std::size_t size = 0; size < bytes.size(); size += 101) refuses(bytes.substr(0, size), "broken.npz");
}

TEST(Npz, RefusesCompression) {
  std::string bytes = golden_bytes();
  bytes[bytes.find("PK\x01\x02") + 10] = 8;
  refuses(bytes, "not compressed");
}

TEST(Npz, RefusesColumnMajorOrder) { refuses(replaced(golden_bytes(), "False, ", "True,  "), "row-major"); }

TEST(Npz, RefusesNumbersThatNoArrayHolds) { refuses(replaced(golden_bytes(), "<f8", ">f8"), "'>f8'"); }

TEST(Npz, RefusesAShapeThatTheNumbersDoNotFill) {
  refuses(replaced(golden_bytes(), "(3, 4)", "(3, 5)"), "truncated");
  refuses(replaced(golden_bytes(), "(3, 4)", "(3, 3)"), "nothing behind");
}

TEST(Npz, RefusesAFlippedBit) {
  std::string bytes = golden_bytes();
  bytes[bytes.find("(3, 4)") + 100] ^= 1;
  refuses(bytes, "damaged");
}

}  // namespace
}  // namespace keratin::testing
