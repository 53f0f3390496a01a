#include "training/step_runner.h"

#include <cstring>
#include <utility>

#include "base/check.h"

namespace keratin {
namespace {

template <class T> double first_of(std::span<const std::byte> bytes) {
  T value;
  std::memcpy(&value, bytes.data(), sizeof value);
  return static_cast<double>(value);
}

double as_double(std::span<const std::byte> bytes, DType dtype) {
  switch (dtype) {
    case DType::float32: return first_of<float>(bytes);
    case DType::float64: return first_of<double>(bytes);
    case DType::int32: return first_of<std::int32_t>(bytes);
    case DType::int64: return static_cast<double>(first_of<std::int64_t>(bytes));
    case DType::uint8:
    case DType::boolean: return first_of<std::uint8_t>(bytes);
    case DType::int8: return first_of<std::int8_t>(bytes);
    default:
      throw UnsupportedError(
          concat("a step's result of dtype ", to_string(dtype), " cannot be read; cast it to float32"));
  }
}

}  // namespace

StepRunner::~StepRunner() {
  if (state_->last_run == this) state_->last_run = nullptr;
}

Executable& StepRunner::prepare(const BoundData& data, std::int64_t batch) {
  check_argument(
      &ModelAccess::state(model_) == state_.get(), model_.name(),
      ": expected the same model from the first step to the last, got another assigned by a callback; assign "
      "it when fit, evaluate or predict is over");
  if (std::exchange(forgotten_, state_->forgotten) != state_->forgotten) forget_step();
  const bool other_data = prepared_for_ != &data;
  if (other_data) {
    feeds_ = data.feeds();
    forget_step();
  }
  if (step_ == nullptr) step_ = &step_for(model_, mode_, feeds_);
  forgotten_ = state_->forgotten;
  if (other_data) {
    for (const CheckedTarget& target : step_->targets) target.loss->check_targets(data.y[target.y], target.y_pred);
    prepared_for_ = &data;
  }
  program_ = &program_for(*state_, *step_, batch);
  names_ = &step_->results;
  return *program_;
}

void StepRunner::run(const BoundData& data, std::span<const std::int64_t> order, std::span<const std::int64_t> next) {
  begin_step();
  const Executable* const last = program_;
  Executable& program = prepare(data, static_cast<std::int64_t>(order.size()));
  const bool gathered = state_->last_run == this && last == &program && gathered_.data() == order.data() &&
                        gathered_.size() == order.size();
  gathered_ = {};
  claim_arena();
  const BatchFeeder feeder(data);
  if (!gathered) feeder.gather(program, order);
  if (!program.feeds_ahead() || next.size() != order.size()) return run(program, gathered);
  struct Ahead {
    const BatchFeeder& feeder;
    Executable& program;
    std::span<const std::int64_t> order;
  } const ahead{feeder, program, next};
  const GatherRows feed = [&ahead](std::int64_t begin, std::int64_t end) {
    ahead.feeder.gather_ahead(ahead.program, ahead.order, begin, end);
  };
  run(program, gathered, &feed);
  gathered_ = next;
}

void StepRunner::run(const BoundData& data, std::int64_t first, std::int64_t count) {
  begin_step();
  gathered_ = {};
  Executable& program = prepare(data, count);
  claim_arena();
  BatchFeeder(data).copy(program, first);
  run(program, false);
}

void StepRunner::run(Executable& program, bool gathered, const GatherRows* feed) {
  if (profile_ != nullptr) return profile_->run(program, gathered, feed);
  program.run({.feed = feed});
}

void StepRunner::claim_arena() {
  StepRunner*& last = state_->last_run;
  if (last != nullptr && last != this) last->keep_results();
  last = this;
  kept_.reset();
}

void StepRunner::keep_results() {
  state_->last_run = nullptr;
  if (mode_ == Mode::predict) return;  // whose outputs are read at once
  std::vector<Logs::Entry> entries;
  read(entries);
  kept_ = std::move(entries);
}

void StepRunner::read(std::vector<Logs::Entry>& entries) const {
  if (kept_) {
    entries = *kept_;
    return;
  }
  entries.resize(program_->output_count());
  for (std::size_t i = 0; i < program_->output_count(); ++i) {
    const Spec& spec = program_->output_spec(i);
    check_shape(spec.shape.rank() == 0, "train_step: expected scalars as results, got ", (*names_)[i], " of shape ",
                spec.shape);
    std::byte bytes[8] = {};
    const std::span<std::byte> used(bytes, size_in_bytes(spec.dtype));
    program_->read(i, used);
    entries[i].first = (*names_)[i];
    entries[i].second = as_double(used, spec.dtype);
  }
}

}  // namespace keratin
