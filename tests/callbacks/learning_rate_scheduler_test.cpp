#include <gtest/gtest.h>

#include "scripted_fit.h"
#include "support/throws.h"

namespace keratin {
namespace {

using callbacks::LearningRateScheduler;
using testing::ScriptedFit;

TEST(LearningRateScheduler, SetsTheRateOfEachEpochFromTheLast) {
  ScriptedFit fit;
  std::vector<int> epochs;
  const History history = fit.run({{"val_loss", {1.0, 1.0, 1.0}}}, LearningRateScheduler([&](int epoch, double rate) {
                                    epochs.push_back(epoch);
                                    return rate / 2;
                                  }));
  EXPECT_EQ(epochs, (std::vector<int>{0, 1, 2}));
  EXPECT_EQ(history.at("learning_rate"), (std::vector<double>{0.125, 0.0625, 0.03125}));
  EXPECT_EQ(fit.model().optimizer().learning_rate(), 0.03125);
}

TEST(LearningRateScheduler, TrainsWithTheRateItSet) {
  ScriptedFit fit;
  fit.run({{"val_loss", {1.0, 1.0}}}, LearningRateScheduler([](int epoch, double) { return epoch == 0 ? 0.0 : 0.25; }));
  EXPECT_EQ(fit.weights().at(0), 1.0);
  EXPECT_LT(fit.weights().at(1), 1.0);
}

TEST(LearningRateScheduler, SaysWhatItDidWhenAsked) {
  ScriptedFit fit;
  ::testing::internal::CaptureStdout();
  fit.run({{"val_loss", {1.0}}}, LearningRateScheduler([](int, double) { return 0.5; }, {.verbose = 1}));
  EXPECT_EQ(::testing::internal::GetCapturedStdout(),
            "\nEpoch 1: LearningRateScheduler setting learning rate to 0.5.\n");
}

TEST(LearningRateScheduler, RefusesARateThatIsNone) {
  ScriptedFit fit;
  EXPECT_THROWS(ValueError, fit.run({{"val_loss", {1.0}}}, LearningRateScheduler([](int, double) { return -1.0; })),
                "learning_rate");
}

TEST(LearningRateScheduler, RefusesToBeNoFunction) {
  EXPECT_THROWS(ValueError, LearningRateScheduler(nullptr),
                "LearningRateScheduler: expected a function of epoch and rate, got none");
}

}  // namespace
}  // namespace keratin
