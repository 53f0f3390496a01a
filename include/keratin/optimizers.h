// Optimizers: keras.optimizers.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "keratin/export.h"
#include "keratin/fields.h"
#include "keratin/ref.h"
#include "keratin/schedules.h"
#include "keratin/tensor.h"
#include "keratin/variable.h"

namespace KERATIN_EXPORT keratin {

struct OptimizerState;

/// A number, or a schedule.
class LearningRate {
 public:
  LearningRate(double constant) : constant_(constant) {}
  LearningRate(Ref<Schedule> schedule) : schedule_(std::move(schedule)) {}
  double constant() const { return constant_; }
  const std::optional<Ref<Schedule>>& schedule() const { return schedule_; }

 private:
  double constant_ = 0.0;
  std::optional<Ref<Schedule>> schedule_;
};

/// What update() computes a variable's new value from. All tensors are of the variable's dtype.
class UpdateContext {
 public:
  const Tensor& variable() const { return variable_; }
  const Tensor& gradient() const { return gradient_; }                        // of the variable's shape
  const Tensor& learning_rate() const { return learning_rate_; }              // scalar
  const Tensor& step() const { return step_; }                                // scalar: iterations + 1. Scalars made of it and of
                                                                              // numbers alone are computed once a step, not once a weight
  /// State of the variable's shape, made at the first use and filled with `initial`.
  Variable slot(std::string_view name, double initial = 0.0);

 private:
  friend class Optimizer;
  UpdateContext() = default;
  Tensor variable_, gradient_, learning_rate_, step_;
  OptimizerState* state_ = nullptr;
  Variable target_;
};

/// What every optimizer accepts besides its own options.
struct CommonOptimizerOptions {
  std::optional<double> weight_decay = std::nullopt;
  std::optional<double> clipnorm = std::nullopt;
  std::optional<double> clipvalue = std::nullopt;
  std::optional<double> global_clipnorm = std::nullopt;
  std::optional<std::string> name = std::nullopt;
};

/// How gradients change weights. Authors override update(); clipping, weight decay and the counter of iterations are here once.
/// Order of a step as Keras's: clip, decay, update, count. A Ref converts from Keras's name.
class Optimizer : public Configurable {
 public:
  static std::shared_ptr<Optimizer> from_name(std::string_view name);
  static std::shared_ptr<Optimizer> from_class_name(std::string_view class_name);
  Optimizer(const Optimizer&) = delete;
  Optimizer& operator=(const Optimizer&) = delete;
  ~Optimizer() override;

  const std::string& name() const;
  /// The rate of the next update. With a schedule: the schedule's, evaluated.
  double learning_rate() const;
  /// ValueError if a schedule sets the rate.
  void set_learning_rate(double rate);
  std::int64_t iterations() const;
  /// Inside a traced step: updates the variables. Unset gradients leave theirs alone; ValueError if all are unset.
  void apply(const Tensors& gradients, const Variables& variables);
  /// iterations, learning_rate, then the slots in the order in which they were made.
  Variables variables() const;
  /// These variables (by path or name) are not decayed.
  void exclude_from_weight_decay(const Variables& variables);
  void exclude_from_weight_decay(const std::vector<std::string>& name_parts);
  void describe(Fields& fields) override;

 protected:
  Optimizer(LearningRate learning_rate, CommonOptimizerOptions options);
  /// The variable's new value; slots are assigned on the way.
  virtual Tensor update(UpdateContext& context) const = 0;

 private:
  friend struct OptimizerAccess;
  std::unique_ptr<OptimizerState> state_;
};

}  // namespace keratin
