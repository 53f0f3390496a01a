#include "training/profile.h"

#include <utility>

#include "base/clock.h"

namespace keratin {
Profile::Profile(std::string model) : model_(std::move(model)), begin_(steady_ns()), times_(most_times) {
  steps_.reserve(most_steps);
}

void Profile::begin_epoch(int index) { epochs_.push_back({.index = index, .begin = steady_ns()}); }
void Profile::end_epoch() { epochs_.back().end = steady_ns(); }
void Profile::begin_validation() { epochs_.back().validation_begin = steady_ns(); }
void Profile::end_validation() { epochs_.back().validation_end = steady_ns(); }
void Profile::begin_step() { step_begin_ = steady_ns(); }

void Profile::run(Executable& program, bool gathered, const GatherRows* feed) {
  Step step{.begin = step_begin_,
            .batch = program.batch(),
            .gathered = gathered,
            .feeds = feed != nullptr,
            .run = program.describe_run(),
            .times_at = times_used_};
  const std::size_t numbers = step.run->times;
  if (steps_.empty() && numbers > times_.size()) times_.resize(numbers);  // one step in any case
  full_ = full_ || steps_.size() == most_steps || numbers > times_.size() - times_used_;
  step.run_begin = steady_ns();
  program.run({.feed = feed, .times = std::span(times_).subspan(times_used_, full_ ? 0 : numbers)});
  step.run_end = steady_ns();
  Epoch& epoch = epochs_.back();
  ++epoch.steps;
  epoch.feeding += step.run_begin - step.begin;
  epoch.running += step.run_end - step.run_begin;
  if (full_) return;
  times_used_ += numbers;
  steps_.push_back(std::move(step));
}

}  // namespace keratin
