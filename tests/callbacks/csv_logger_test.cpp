#include <gtest/gtest.h>

#include <algorithm>
#include <limits>

#include "scripted_fit.h"
#include "support/npz.h"
#include "support/temporary_folder.h"
#include "support/throws.h"

namespace keratin {
namespace {

using callbacks::CSVLogger;
using testing::nothing;
using testing::Script;
using testing::ScriptedFit;
using testing::TemporaryFolder;

constexpr double kNan = std::numeric_limits<double>::quiet_NaN(), kInfinity = std::numeric_limits<double>::infinity();
// tests/golden/cases/callbacks.py has the same numbers.
const std::vector<double> kNumbers{0.1, 1.0 / 3, 1e-5,    1e-4, 123456789.125, 1e16,
                                   2.0, 0.0,     -2.5e-7, 1e22, kNan,          kInfinity};

void expect_same_file(const std::string& name, const Script& script, callbacks::CSVLoggerOptions options = {},
                      int fits = 1) {
  SCOPED_TRACE(name);
  const TemporaryFolder folder;
  for (int i = 0; i < fits; ++i) ScriptedFit().run(script, CSVLogger(folder / "log.csv", options));
  EXPECT_EQ(folder.read("log.csv"), testing::text(testing::golden("callbacks")[name + "/file"]));
}

TEST(CSVLogger, WritesTheBytesThatKerasWrites) {
  std::vector<double> reversed = kNumbers;
  std::reverse(reversed.begin(), reversed.end());
  expect_same_file("csv", {{"loss", kNumbers}, {"val_loss", reversed}});
  expect_same_file("csv_without_validation", {{"loss", {0.5, 0.25}}, {"b", {1.0, 2.0}}, {"a", {3.0, 4.0}}});
  expect_same_file("csv_late_validation", {{"loss", {0.5, 0.25, 0.125}}, {"val_loss", {nothing, 0.75, nothing}}});
  expect_same_file("csv_missing", {{"loss", {0.5, 0.25}}, {"val_loss", {0.5, nothing}}, {"extra", {nothing, 1.0}}});
  expect_same_file("csv_separator", {{"loss", {0.5}}, {"a;b", {1.0}}, {"say \"a\"", {2.0}}}, {.separator = ";"});
  expect_same_file("csv_append", {{"loss", {0.5, 0.25}}}, {.append = true}, 2);
}

TEST(CSVLogger, BeginsAnewWithEachFit) {
  const TemporaryFolder folder;
  const Ref<Callback> logger = CSVLogger(folder / "log.csv");
  ScriptedFit().run({{"loss", {0.5}}, {"accuracy", {1.0}}}, logger);
  ScriptedFit().run({{"loss", {0.25}}, {"accuracy", {1.0}}, {"val_loss", {0.75}}}, logger);
  EXPECT_EQ(folder.read("log.csv"), "epoch,accuracy,loss,val_loss\r\n0,1.0,0.25,0.75\r\n");
}

TEST(CSVLogger, HasEveryLineAsSoonAsItsEpochEnds) {
  const TemporaryFolder folder;
  std::string seen;
  const Ref<Callback> logger = CSVLogger(folder / "log.csv");
  const Ref<Callback> reader =
      callbacks::LambdaCallback({.on_epoch_end = [&](int, Logs&) { seen = folder.read("log.csv"); }});
  const Array ones = Array::ones({2, 1});
  ScriptedFit().model().fit(ones, ones, {.verbose = 0, .callbacks = {logger, reader}});
  EXPECT_NE(seen.find("\r\n0,"), std::string::npos) << seen;
}

TEST(CSVLogger, RefusesAFileThatCannotBeWritten) {
  EXPECT_THROWS(DataError, ScriptedFit().run({{"loss", {0.5}}}, CSVLogger("/no/such/folder/log.csv")),
                "CSVLogger: cannot write /no/such/folder/log.csv: No such file or directory");
}

TEST(CSVLogger, RefusesASeparatorThatIsNone) {
  EXPECT_THROWS(ValueError, CSVLogger("log.csv", {.separator = ""}),
                "CSVLogger: expected a separator of one character");
}

}  // namespace
}  // namespace keratin
