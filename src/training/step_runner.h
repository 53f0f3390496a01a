// StepRunner: runs steps of one mode on batches of one supply and reads what they tell.
#pragma once

#include <span>

#include "training/batch_feeder.h"
#include "training/log_source.h"
#include "training/programs.h"

namespace KERATIN_INTERNAL_EXPORT keratin {

class StepRunner final : public LogSource {
 public:
  StepRunner(Model& model, Mode mode) : model_(model), mode_(mode) {}
  /// Samples order[0], …: one step. Allocates nothing once the program of this batch size is there.
  void run(const BoundData& data, std::span<const std::int64_t> order);
  /// Samples first … first + count − 1.
  void run(const BoundData& data, std::int64_t first, std::int64_t count);
  /// What the last step tells: metrics are running means of what they have seen since they began anew.
  Logs results() const { return LogSource::read(); }
  /// The same, read when the logs are asked. They must not outlive this runner.
  void tell(Logs& logs) const { feed(logs); }
  void read(std::vector<Logs::Entry>& entries) const override;
  const Executable& program() const { return *program_; }
  /// The next batch is of other data, though maybe at the same address.
  void forget() { prepared_for_ = nullptr; }

 private:
  Executable& prepare(const BoundData& data, std::int64_t batch);

  Model& model_;
  Mode mode_;
  Feeds feeds_;
  const BoundData* prepared_for_ = nullptr;
  Executable* program_ = nullptr;
  const std::vector<std::string>* names_ = nullptr;
};

}  // namespace keratin
