#include <gtest/gtest.h>

#include "scripted_fit.h"
#include "support/npz.h"
#include "support/throws.h"

namespace keratin {
namespace {

using callbacks::EarlyStopping;
using testing::numbers;
using testing::ScriptedFit;

using GoldenCase = testing::GoldenCase<callbacks::EarlyStoppingOptions>;

const GoldenCase golden_cases[] = {
    {"stopping_never", {}},
    {"stopping_at_once", {}},
    {"stopping_flat", {}},
    {"stopping_patience", {.patience = 2}},
    {"stopping_patience_enough", {.patience = 4}},
    {"stopping_restores", {.patience = 2, .restore_best_weights = true}},
    {"stopping_restores_without_stop", {.patience = 5, .restore_best_weights = true}},
    {"stopping_min_delta", {.min_delta = 0.15, .patience = 2, .restore_best_weights = true}},
    {"stopping_negative_min_delta", {.min_delta = -0.15, .patience = 2}},
    {"stopping_max", {.patience = 1, .mode = "max", .restore_best_weights = true}},
    {"stopping_baseline", {.patience = 3, .baseline = 0.3, .restore_best_weights = true}},
    {"stopping_baseline_beaten", {.patience = 3, .baseline = 0.55, .restore_best_weights = true}},
    {"stopping_start_from_epoch", {.restore_best_weights = true, .start_from_epoch = 3}},
    {"stopping_nan_first", {.patience = 2, .restore_best_weights = true}},
    {"stopping_nan_later", {.patience = 2, .restore_best_weights = true}},
    {"stopping_accuracy", {.monitor = "val_accuracy", .patience = 1, .restore_best_weights = true}},
};

TEST(EarlyStopping, StopsAndRestoresAsKerasDoes) {
  const testing::Npz golden = testing::golden("callbacks");
  for (const GoldenCase& given : golden_cases) {
    SCOPED_TRACE(given.name);
    const std::string name = given.name;
    ScriptedFit fit;
    const History history = fit.run({{given.options.monitor, numbers(golden[name + "/" + given.options.monitor])}},
                                    EarlyStopping(given.options));
    EXPECT_EQ(static_cast<std::int64_t>(history.epoch.size()), golden[name + "/epochs"].item<std::int64_t>());
    const auto kept = static_cast<std::size_t>(golden[name + "/weights_of_epoch"].item<std::int64_t>());
    EXPECT_EQ(fit.weight(), fit.weights().at(kept));
  }
}

TEST(EarlyStopping, BeginsAnewWithEachFit) {
  ScriptedFit fit;
  const Ref<Callback> stopping = EarlyStopping({.patience = 1});
  EXPECT_EQ(fit.run({{"val_loss", {0.5, 0.6, 0.4}}}, stopping).epoch.size(), 2u);
  EXPECT_EQ(fit.run({{"val_loss", {0.9, 0.8, 0.7}}}, stopping).epoch.size(), 3u);
}

TEST(EarlyStopping, SaysWhatItDidWhenAsked) {
  ScriptedFit fit;
  ::testing::internal::CaptureStdout();
  fit.run({{"val_loss", {0.5, 0.6, 0.4}}}, EarlyStopping({.verbose = 1, .restore_best_weights = true}));
  EXPECT_EQ(::testing::internal::GetCapturedStdout(),
            "Epoch 2: early stopping\nRestoring model weights from the end of the best epoch: 1.\n");
}

TEST(EarlyStopping, RefusesANameThatIsNotThere) {
  ScriptedFit fit;
  EXPECT_THROWS(ValueError, fit.run({{"val_loss", {0.5}}}, EarlyStopping({.monitor = "val_los"})),
                "EarlyStopping: expected monitor to be one of loss, accuracy, val_loss, got val_los");
}

TEST(EarlyStopping, AsksForValidationDataWhereThereIsNone) {
  ScriptedFit fit;
  EXPECT_THROWS(ValueError, fit.run({{"loss", {0.5}}}, EarlyStopping()),
                "EarlyStopping: expected monitor to be one of loss, accuracy, got val_loss; give fit validation_data "
                "or validation_split");
}

TEST(EarlyStopping, PassesOverEpochsWithoutValidation) {
  ScriptedFit fit;
  const Array ones = Array::ones({4, 1}), twos = Array::full({4, 1}, 2.0);
  // Every second epoch is validated; with max as the mode the first of them, epoch 1, remains the best.
  const History history = fit.model().fit(ones, twos,
                                          {.epochs = 10,
                                           .verbose = 0,
                                           .callbacks = {EarlyStopping({.patience = 2, .mode = "max"})},
                                           .validation_data = {ones, twos},
                                           .validation_freq = 2});
  EXPECT_EQ(history.epoch.size(), 6u);
}

TEST(EarlyStopping, RefusesAModeThatIsNone) {
  EXPECT_THROWS(ValueError, EarlyStopping({.mode = "up"}),
                R"(EarlyStopping: expected mode "auto", "min" or "max", got "up")");
}

TEST(EarlyStopping, RefusesToGuessADirection) {
  ScriptedFit fit;
  EXPECT_THROWS(
      ValueError, fit.run({{"val_gain", {0.5}}}, EarlyStopping({.monitor = "val_gain"})),
      R"(EarlyStopping: expected mode "min" or "max", got "auto", but nothing tells which way val_gain improves)");
}

}  // namespace
}  // namespace keratin
