// Profile: what a call of fit spent its time on, as it is taken down.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "runtime/executable.h"

namespace KERATIN_INTERNAL_EXPORT keratin {

/// Times are steady_ns() of base/clock.h. The first most_steps steps are taken down launch by launch, fewer
/// where more than most_times numbers would tell of them; of all later ones only the epochs' sums are. Nothing is
/// allocated in a step.
class Profile {
 public:
  static constexpr std::size_t most_steps = 100;
  static constexpr std::size_t most_times = std::size_t{1} << 17;

  struct Epoch {
    int index = 0;
    std::int64_t begin = 0, end = 0;
    std::int64_t validation_begin = 0, validation_end = 0;  // equal: there was none
    std::int64_t steps = 0;
    std::int64_t feeding = 0, running = 0;  // sums over the steps
  };
  struct Step {
    std::int64_t begin = 0;  // of feeding it
    std::int64_t run_begin = 0, run_end = 0;
    std::int64_t batch = 0;  // samples
    bool gathered = false;   // the step before fed it
    bool feeds = false;      // it feeds the next one
    std::shared_ptr<const RunDescription> run;
    std::size_t times_at = 0;
  };

  explicit Profile(std::string model);

  void begin_epoch(int index);
  void end_epoch();
  void begin_validation();
  void end_validation();
  /// The next batch is going to be fed.
  void begin_step();
  /// program.run() on it. gathered: the step before had fed it. feed: as in RunRequest.
  void run(Executable& program, bool gathered, const GatherRows* feed);

  const std::string& model() const { return model_; }
  std::int64_t begin() const { return begin_; }
  const std::vector<Epoch>& epochs() const { return epochs_; }
  const std::vector<Step>& steps() const { return steps_; }
  std::span<const std::int64_t> times(const Step& step) const {
    return std::span(times_).subspan(step.times_at, step.run->times);
  }

 private:
  std::string model_;
  std::int64_t begin_;
  std::int64_t step_begin_ = 0;
  std::vector<Epoch> epochs_;
  std::vector<Step> steps_;
  std::vector<std::int64_t> times_;
  std::size_t times_used_ = 0;
  bool full_ = false;
};

}  // namespace keratin
