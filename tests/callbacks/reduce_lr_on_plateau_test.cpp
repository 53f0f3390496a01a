#include <gtest/gtest.h>

#include "scripted_fit.h"
#include "support/npz.h"
#include "support/throws.h"

namespace keratin {
namespace {

using callbacks::ReduceLROnPlateau;
using testing::numbers;
using testing::ScriptedFit;

using GoldenCase = testing::GoldenCase<callbacks::ReduceLROnPlateauOptions>;

const GoldenCase golden_cases[] = {
    {"plateau", {.factor = 0.5, .patience = 2}},
    {"plateau_patience_0", {.factor = 0.5, .patience = 0}},
    {"plateau_cooldown", {.factor = 0.5, .patience = 1, .cooldown = 2}},
    {"plateau_min_lr", {.factor = 0.5, .patience = 1, .min_lr = 0.1}},
    {"plateau_min_delta", {.factor = 0.5, .patience = 2, .min_delta = 0.15}},
    {"plateau_max", {.factor = 0.5, .patience = 1, .mode = "max"}},
};

TEST(ReduceLROnPlateau, ReducesAsKerasDoes) {
  const testing::Npz golden = testing::golden("callbacks");
  for (const GoldenCase& given : golden_cases) {
    SCOPED_TRACE(given.name);
    const std::string name = given.name;
    ScriptedFit fit;
    const History history =
        fit.run({{"val_loss", numbers(golden[name + "/val_loss"])}}, ReduceLROnPlateau(given.options));
    std::vector<double> rates = history.at("learning_rate");
    rates.push_back(fit.model().optimizer().learning_rate());
    const std::vector<double> expected = numbers(golden[name + "/learning_rates"]);
    ASSERT_EQ(rates.size(), expected.size());
    for (std::size_t i = 0; i < rates.size(); ++i)
      EXPECT_EQ(static_cast<float>(rates[i]), static_cast<float>(expected[i])) << i;
  }
}

TEST(ReduceLROnPlateau, SaysWhatItDidWhenAsked) {
  ScriptedFit fit;
  ::testing::internal::CaptureStdout();
  fit.run({{"val_loss", {0.5, 0.5}}}, ReduceLROnPlateau({.factor = 0.5, .patience = 1, .verbose = 1}));
  EXPECT_EQ(::testing::internal::GetCapturedStdout(),
            "\nEpoch 2: ReduceLROnPlateau reducing learning rate to 0.125.\n");
}

TEST(ReduceLROnPlateau, ReducesToTheLowestRateOnce) {
  ScriptedFit fit;
  fit.model().optimizer().set_learning_rate(1.0);
  ::testing::internal::CaptureStdout();
  // The nearest float32 of 0.7 is smaller.
  fit.run({{"val_loss", {0.5, 0.5, 0.5, 0.5}}},
          ReduceLROnPlateau({.factor = 0.5, .patience = 1, .verbose = 1, .min_lr = 0.7}));
  EXPECT_EQ(::testing::internal::GetCapturedStdout(), "\nEpoch 2: ReduceLROnPlateau reducing learning rate to 0.7.\n");
  EXPECT_EQ(fit.model().optimizer().learning_rate(), 0.7);
}

TEST(ReduceLROnPlateau, RefusesAFactorThatReducesNothing) {
  EXPECT_THROWS(ValueError, ReduceLROnPlateau({.factor = 1.0}), "ReduceLROnPlateau: expected factor < 1, got 1.0");
}

TEST(ReduceLROnPlateau, RefusesANameThatIsNotThere) {
  ScriptedFit fit;
  EXPECT_THROWS(
      ValueError, fit.run({{"val_loss", {0.5}}}, ReduceLROnPlateau({.monitor = "val_los"})),
      "ReduceLROnPlateau: expected monitor to be one of loss, accuracy, val_loss, learning_rate, got val_los");
}

}  // namespace
}  // namespace keratin
