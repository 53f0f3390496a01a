#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <functional>
#include <string>
#include <string_view>

#include "scripted_fit.h"
#include "support/throws.h"
#include "training/callback_list.h"
#include "training/log_source.h"

namespace keratin {
namespace {

using testing::ScriptedFit;

std::string printed(const std::function<void()>& work) {
  ::testing::internal::CaptureStdout();
  work();
  return ::testing::internal::GetCapturedStdout();
}

/// Every run of these characters that `end` follows, with that end, becomes `by`.
std::string replaced(const std::string& text, std::string_view characters, std::string_view end, std::string_view by) {
  std::string out;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t stop = std::min(text.find_first_not_of(characters, at), text.size());
    const bool found = stop > at && text.compare(stop, end.size(), end) == 0;
    const std::size_t next = found ? stop + end.size() : std::max(stop, at + 1);
    out += found ? std::string(by) : text.substr(at, next - at);
    at = next;
  }
  return out;
}

/// Times are the machine's: <s> for seconds, <t> for a time per step. A shorter line blanks out the rest of a longer
/// one before it.
std::string without_times(std::string text) {
  for (const char* unit : {"s/step", "ms/step", "us/step"}) text = replaced(text, "0123456789", unit, "<t>/step");
  return replaced(replaced(text, " ", "\n", "\n"), "0123456789:", "s", "<s>");
}

/// The colours gone, too.
std::string plain(std::string text) {
  text = without_times(text);
  for (const char* colour : {"[0m", "[1m", "[32m", "[37m"}) text = replaced(text, "\x1b", colour, "");
  return text;
}

struct Fit {
  int epochs = 2;
  Verbose verbose = 2;
  bool validate = false;
  std::vector<Ref<Callback>> callbacks = {};
};

std::string fit_output(const Fit& options) {
  ScriptedFit fit;
  const Array x = Array::ones({12, 1});
  FitOptions all{.batch_size = 1, .epochs = options.epochs, .verbose = options.verbose, .callbacks = options.callbacks};
  if (options.validate) all.validation_data = {x, x};
  return printed([&] { fit.model().fit(x, x, all); });
}

TEST(ProgressBar, PrintsALineAnEpoch) {
  EXPECT_EQ(without_times(fit_output({})),
            "Epoch 1/2\n12/12 - <s> - <t>/step - loss: 0.0000e+00 - accuracy: 1.0000\n"
            "Epoch 2/2\n12/12 - <s> - <t>/step - loss: 0.0000e+00 - accuracy: 1.0000\n");
}

TEST(ProgressBar, LeavesTheEpochOutWhereThereIsOne) {
  EXPECT_EQ(without_times(fit_output({.epochs = 1})), "12/12 - <s> - <t>/step - loss: 0.0000e+00 - accuracy: 1.0000\n");
}

TEST(ProgressBar, ShowsTheValidationOnTheSameLine) {
  EXPECT_EQ(
      without_times(fit_output({.epochs = 1, .validate = true})),
      "12/12 - <s> - <t>/step - loss: 0.0000e+00 - accuracy: 1.0000 - val_loss: 0.0000e+00 - val_accuracy: 1.0000\n");
}

TEST(ProgressBar, PrintsLinesWhereNoTerminalIs) {
  EXPECT_EQ(without_times(fit_output({.epochs = 1, .verbose = "auto"})),
            without_times(fit_output({.epochs = 1, .verbose = 2})));
}

TEST(ProgressBar, PrintsNothingWhenSilent) { EXPECT_EQ(fit_output({.verbose = 0}), ""); }

TEST(ProgressBar, ShowsWhatCallbacksAddToTheLogs) {
  const Ref<Callback> adds =
      callbacks::LambdaCallback({.on_epoch_end = [](int, Logs& logs) { logs.set("extra", -0.5); }});
  EXPECT_THAT(fit_output({.epochs = 1, .callbacks = {adds}}),
              ::testing::HasSubstr(" - accuracy: 1.0000 - extra: -0.5000\n"));
}

TEST(ProgressBar, ShowsHowManyStepsAStoppedEpochMade) {
  ScriptedFit fit;
  const Ref<Callback> stops = callbacks::LambdaCallback({.on_train_batch_end = [&](std::int64_t batch, Logs&) {
    if (batch == 2) fit.model().stop_training();
  }});
  const Array x = Array::ones({12, 1});
  const std::string text =
      printed([&] { fit.model().fit(x, x, {.batch_size = 1, .epochs = 9, .verbose = 2, .callbacks = {stops}}); });
  EXPECT_THAT(text, ::testing::StartsWith("Epoch 1/9\n 3/12 - "));
}

TEST(ProgressBar, DrawsABarThatEndsFull) {
  const std::string text = plain(fit_output({.epochs = 1, .verbose = 1}));
  std::string full;
  for (int i = 0; i < 20; ++i) full += "\u2501";
  EXPECT_THAT(text, ::testing::StartsWith("\r 1/12 " + full + " <s> <t>/step - loss: 0.0000e+00 - accuracy: 1.0000"));
  EXPECT_THAT(text, ::testing::EndsWith("\r12/12 " + full + " <s> <t>/step - loss: 0.0000e+00 - accuracy: 1.0000\n"));
}

TEST(ProgressBar, ColoursTheBarAsKerasDoes) {
  // Keras 3.15, progbar.py: 1/12 of 20 cells is one green cell and 19 white ones; counts and times are bold.
  const std::string text = fit_output({.epochs = 1, .verbose = 1});
  std::string white;
  for (int i = 0; i < 19; ++i) white += "\u2501";
  EXPECT_THAT(without_times(text), ::testing::StartsWith("\r\x1b[1m 1/12\x1b[0m \x1b[32m\u2501\x1b[0m\x1b[37m" + white +
                                                         "\x1b[0m \x1b[1m<s>\x1b[0m <t>/step - loss: "));
}

/// Counts how often the logs of a batch are read.
class CountedLogs final : public LogSource {
 public:
  void read(std::vector<Logs::Entry>& entries) const override {
    ++reads;
    entries = {{"loss", 0.5}};
  }
  void give(Logs& logs) const { feed(logs); }
  mutable int reads = 0;
};

/// 1000 steps that take no time.
int reads_in_an_epoch(const Verbose& verbose) {
  const Ref<Callback> bar = callbacks::ProgressBar({.verbose = verbose});
  CallbackAccess::attach(*bar, nullptr, {.epochs = 1, .steps = 1000});
  const CountedLogs source;
  Logs logs;
  printed([&] {
    bar->on_epoch_begin(0, logs);
    for (int step = 0; step < 1000; ++step) {
      source.give(logs);
      bar->on_train_batch_end(step, logs);
    }
  });
  return source.reads;
}

TEST(ProgressBar, ReadsNoLogsWhereItPrintsLines) { EXPECT_EQ(reads_in_an_epoch(2), 0); }

TEST(ProgressBar, ReadsLogsOnlyWhenItDraws) {
  const auto begin = std::chrono::steady_clock::now();
  const int reads = reads_in_an_epoch(1);
  const double elapsed = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  EXPECT_GE(reads, 1);
  EXPECT_LE(reads, 1 + elapsed / 0.05);
}

TEST(ProgressBar, ShowsEvaluationsAndPredictions) {
  ScriptedFit fit;
  const Array x = Array::ones({12, 1});
  EXPECT_EQ(without_times(printed([&] { fit.model().evaluate(x, x, {.batch_size = 5, .verbose = 2}); })),
            "3/3 - <s> - <t>/step - loss: 0.0000e+00 - accuracy: 1.0000\n");
  EXPECT_EQ(without_times(printed([&] { fit.model().predict(x, {.batch_size = 5, .verbose = 2}); })),
            "3/3 - <s> - <t>/step\n");
}

TEST(Verbose, RefusesAnythingElse) {
  EXPECT_THROWS(ValueError, Verbose(3), R"(verbose: expected 0, 1, 2 or "auto", got 3)");
  EXPECT_THROWS(ValueError, Verbose("quiet"), R"(verbose: expected 0, 1, 2 or "auto", got quiet)");
}

}  // namespace
}  // namespace keratin
