// StepRunner: runs steps of one mode on batches of one supply and reads what they tell.
#pragma once

#include <optional>
#include <span>
#include <vector>

#include "training/batch_feeder.h"
#include "training/log_source.h"
#include "training/profile.h"
#include "training/programs.h"

namespace KERATIN_INTERNAL_EXPORT keratin {

/// A callback may run other steps of the model, or make it forget its programs, between a step and the reading of its
/// results: they are kept then.
class StepRunner final : public LogSource {
 public:
  StepRunner(Model& model, Mode mode) : model_(model), state_(ModelAccess::shared(model)), mode_(mode) {}
  StepRunner(const StepRunner&) = delete;
  StepRunner& operator=(const StepRunner&) = delete;
  ~StepRunner() override;
  /// From now on steps are taken down; null: no longer.
  void take_down(Profile* profile) { profile_ = profile; }
  /// Samples order[0], …: one step. Allocates nothing once the program of this batch size is there. `next`, if it is as
  /// long, may be gathered meanwhile: it and the data stay as they are until it is the order of the next step.
  void run(const BoundData& data, std::span<const std::int64_t> order, std::span<const std::int64_t> next = {});
  /// Samples first … first + count − 1.
  void run(const BoundData& data, std::int64_t first, std::int64_t count);
  /// What the last step tells: metrics are running means of what they have seen since they began anew.
  Logs results() const { return LogSource::read(); }
  /// The same, read when the logs are asked. They must not outlive this runner.
  void tell(Logs& logs) const { feed(logs); }
  void read(std::vector<Logs::Entry>& entries) const override;
  const Executable& program() const { return *program_; }
  /// Reads what the last step tells before the arena is used for something else.
  void keep_results();
  /// Makes what the first step needs and looks at the targets, so that what is wrong is told now. ValueError if a
  /// callback has assigned another model to this one.
  Executable& prepare(const BoundData& data, std::int64_t batch);
  /// The next batch is of other data, though maybe at the same address.
  void forget_data() { prepared_for_ = nullptr; }
  /// The model may have changed.
  void forget_step() { step_ = nullptr; }

 private:
  void begin_step() {
    if (profile_ != nullptr) profile_->begin_step();
  }
  void run(Executable& program, bool gathered, const GatherRows* feed = nullptr);
  void claim_arena();

  Model& model_;
  std::shared_ptr<ModelState> state_;  // of the model as it was; held, whatever a callback assigns to it
  Mode mode_;
  Feeds feeds_;
  const BoundData* prepared_for_ = nullptr;
  TracedStep* step_ = nullptr;     // the model's; null: to be looked for
  Executable* program_ = nullptr;  // that of the last step
  const std::vector<std::string>* names_ = nullptr;
  Profile* profile_ = nullptr;
  std::int64_t forgotten_ = 0;                    // when the step was found
  std::optional<std::vector<Logs::Entry>> kept_;  // results that are no longer in the arena
  std::span<const std::int64_t> gathered_;        // the order of what the program's inputs hold already
};

}  // namespace keratin
