// ProgressBar: what fit, evaluate and predict show while they work. The look is Keras's (progbar.py of 3.15); what
// differs: a stopped epoch says how many steps it made, and "auto" draws no bar into a file or a pipe.
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <string>

#include "callbacks/printing.h"

namespace keratin::callbacks {
namespace {

using Clock = std::chrono::steady_clock;

double seconds(Clock::duration duration) { return std::chrono::duration<double>(duration).count(); }

std::string format_step_time(double seconds_per_step) {
  if (seconds_per_step >= 1.0 || seconds_per_step == 0.0) return format_number(" %.0fs/step", seconds_per_step);
  if (seconds_per_step >= 1e-3) return format_number(" %.0fms/step", seconds_per_step * 1e3);
  return format_number(" %.0fus/step", seconds_per_step * 1e6);
}

/// 59s, 1:01, 1:00:01
std::string format_remaining(double remaining) {
  const auto whole = static_cast<std::int64_t>(remaining);
  const auto two_digits = [](std::int64_t value) { return (value < 10 ? "0" : "") + std::to_string(value); };
  if (remaining > 3600)
    return std::to_string(whole / 3600) + ":" + two_digits(whole % 3600 / 60) + ":" + two_digits(whole % 60);
  if (remaining > 60) return std::to_string(whole / 60) + ":" + two_digits(whole % 60);
  return std::to_string(whole) + "s";
}

std::string bold(const std::string& text) { return "\x1b[1m" + text + "\x1b[0m"; }

/// One pass over the batches: an epoch, an evaluation or a prediction.
class Pass {
 public:
  Pass() = default;
  explicit Pass(std::int64_t steps) : steps_(steps), start_(Clock::now()) {}

  /// `done` steps are behind us. The first one compiles the step: the rate leaves it out.
  void advance(std::int64_t done) {
    done_ = done;
    if (done == 1) after_first_step_ = Clock::now();
  }
  bool due(Clock::time_point now) const { return seconds(now - last_drawn_) >= kInterval; }

  std::string bar(Clock::time_point now, const std::string& metrics, bool finished) {
    last_drawn_ = now;
    const double per_step = seconds_per_step(now);
    const double left = per_step * static_cast<double>(steps_ - done_);
    const std::string time = finished ? format_number("%.0fs", seconds(now - start_)) : format_remaining(left);
    const std::string tail = format_step_time(per_step) + metrics;
    const std::size_t width = count().size() + 1 + kCells + 1 + time.size() + tail.size();
    std::string line = "\r" + bold(count()) + " " + cells() + " " + bold(time) + tail;
    line.append(drawn_width_ > width ? drawn_width_ - width : 0, ' ');
    drawn_width_ = width;
    return finished ? line + "\n" : line;
  }

  std::string line(Clock::time_point now, const std::string& metrics) const {
    return count() + format_number(" - %.0fs", seconds(now - start_)) + " -" + format_step_time(seconds_per_step(now)) +
           metrics + "\n";
  }

 private:
  static constexpr double kInterval = 0.05;  // seconds between two drawings
  static constexpr std::size_t kCells = 20;

  double seconds_per_step(Clock::time_point now) const {
    if (done_ > 1) return seconds(now - after_first_step_) / static_cast<double>(done_ - 1);
    return done_ == 1 ? seconds(now - start_) : 0.0;
  }

  /// "  50/1200"
  std::string count() const {
    const std::string done = std::to_string(done_), steps = std::to_string(steps_);
    return std::string(steps.size() - std::min(steps.size(), done.size()), ' ') + done + "/" + steps;
  }

  std::string cells() const {
    const auto full =
        steps_ > 0 ? std::min(kCells, kCells * static_cast<std::size_t>(done_) / static_cast<std::size_t>(steps_))
                   : kCells;
    const auto row = [](const char* colour, std::size_t length) {
      std::string text = colour;
      for (std::size_t i = 0; i < length; ++i) text += "\u2501";
      return text + "\x1b[0m";
    };
    return (full > 0 ? row("\x1b[32m", full) : "") + row("\x1b[37m", kCells - full);
  }

  std::int64_t steps_ = 0;
  std::int64_t done_ = 0;
  Clock::time_point start_ = {};
  Clock::time_point after_first_step_ = {};
  Clock::time_point last_drawn_ = {};
  std::size_t drawn_width_ = 0;
};

class ProgressBarCallback final : public Callback {
 public:
  explicit ProgressBarCallback(const ProgressBarOptions& options) : level_(options.verbose.level()) {
    if (options.verbose.automatic()) level_ = isatty(STDOUT_FILENO) == 1 ? 1 : 2;
  }

  void on_train_begin(Logs&) override { fitting_ = true; }
  void on_train_end(Logs&) override { fitting_ = false; }
  void on_epoch_begin(int epoch, Logs&) override {
    if (level_ > 0 && params().epochs > 1)
      print("Epoch " + std::to_string(epoch + 1) + "/" + std::to_string(params().epochs) + "\n");
    begin();
  }
  void on_train_batch_end(std::int64_t batch, Logs& logs) override { advance(batch, logs); }
  void on_epoch_end(int, Logs& logs) override { finish(logs); }

  // Within fit the validation is silent.
  void on_test_begin(Logs&) override {
    if (!fitting_) begin();
  }
  void on_test_batch_end(std::int64_t batch, Logs& logs) override {
    if (!fitting_) advance(batch, logs);
  }
  void on_test_end(Logs& logs) override {
    if (!fitting_) finish(logs);
  }

  void on_predict_begin(Logs&) override { begin(); }
  void on_predict_batch_end(std::int64_t batch, Logs&) override { advance(batch, {}); }
  void on_predict_end(Logs&) override { finish({}); }

 private:
  void begin() { pass_ = Pass(params().steps); }

  void advance(std::int64_t batch, const Logs& logs) {
    pass_.advance(batch + 1);
    if (level_ != 1) return;
    const Clock::time_point now = Clock::now();
    if (pass_.due(now)) print(pass_.bar(now, format_metrics(logs), false));
  }

  void finish(const Logs& logs) {
    const Clock::time_point now = Clock::now();
    if (level_ == 1) print(pass_.bar(now, format_metrics(logs), true));
    if (level_ == 2) print(pass_.line(now, format_metrics(logs)));
  }

  int level_;
  bool fitting_ = false;
  Pass pass_;
};

}  // namespace

Ref<Callback> ProgressBar(ProgressBarOptions options) { return make<ProgressBarCallback>(options); }

}  // namespace keratin::callbacks
