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
  const Tensor& gradient() const { return gradient_; }            // of the variable's shape
  const Tensor& learning_rate() const { return learning_rate_; }  // scalar
  const Tensor& step() const {
    return step_;
  }  // scalar: iterations + 1. Scalars made of it and of
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
  std::optional<double> weight_decay = std::nullopt;     // w -= w · weight_decay · learning_rate, before the update
  std::optional<double> clipnorm = std::nullopt;         // the most that the L2 norm of one variable's gradient may be
  std::optional<double> clipvalue = std::nullopt;        // the most that |an element of a gradient| may be
  std::optional<double> global_clipnorm = std::nullopt;  // the most that the L2 norm of all gradients together may be
  std::optional<std::string> name = std::nullopt;
};

/// How gradients change weights. Authors override update(); clipping, weight decay and the counter of iterations are
/// here once. Order of a step as Keras's: clip, decay, update, count. A Ref converts from Keras's name.
class Optimizer : public Configurable {
 public:
  /// A class's name in any case, as Keras's optimizers.get. ValueError lists the names there are.
  static std::shared_ptr<Optimizer> from_name(std::string_view name);
  /// A fresh object of that class with its defaults; null if there is none.
  static std::shared_ptr<Optimizer> from_class_name(std::string_view class_name);
  Optimizer(const Optimizer&) = delete;
  Optimizer& operator=(const Optimizer&) = delete;
  ~Optimizer() override;

  const std::string& name() const;
  /// The rate of the next update. With a schedule: the schedule's, evaluated.
  double learning_rate() const;
  /// ValueError if a schedule sets the rate, or if the rate is negative or not finite.
  void set_learning_rate(double rate);
  std::int64_t iterations() const;
  /// Inside a traced step: what the gradients for apply() are to be those of. The loss itself, or the loss times the
  /// scale of LossScaleOptimizer.
  virtual Tensor scale_loss(const Tensor& loss) const;
  /// Inside a traced step: updates the variables. Unset gradients leave theirs alone; ValueError if all are unset. May
  /// be traced many times: a variable keeps its slots. ValueError for a second model's variables: make it its own.
  virtual void apply(const Tensors& gradients, const Variables& variables);
  /// iteration, learning_rate unless a schedule sets it, then the slots: Keras's order in files.
  virtual Variables variables() const;
  /// These variables are not decayed.
  void exclude_from_weight_decay(const Variables& variables);
  /// Nor are those whose path contains one of these.
  void exclude_from_weight_decay(const std::vector<std::string>& name_parts);
  /// A rate that a schedule sets is saved as Keras's None: loading it throws ValueError.
  void describe(Fields& fields) override;

 protected:
  /// ValueError if more than one kind of clipping is asked for, or an option's value cannot be.
  Optimizer(LearningRate learning_rate, CommonOptimizerOptions options);
  /// The variable's new value; slots are assigned on the way.
  virtual Tensor update(UpdateContext& context) const = 0;
  /// How variables() orders slots: group by group; within a group variable by variable, each with its slots in the
  /// group's order. Default: as they were made, variable by variable.
  virtual std::vector<std::vector<std::string_view>> slot_groups() const { return {}; }

 private:
  friend struct OptimizerAccess;
  std::unique_ptr<OptimizerState> state_;
};

// Keras 3's formulas, step by step. t counts updates from 1; g is the gradient, p the parameter.
namespace optimizers {

/// p -= learning_rate · g. With momentum: m = momentum·m - learning_rate·g, p += m, or with nesterov p += momentum·m -
/// learning_rate·g.
struct SGDOptions {
  LearningRate learning_rate = 0.01;
  double momentum = 0.0;  // in [0, 1]
  bool nesterov = false;
  std::optional<double> weight_decay = std::nullopt;
  std::optional<double> clipnorm = std::nullopt;
  std::optional<double> clipvalue = std::nullopt;
  std::optional<double> global_clipnorm = std::nullopt;
  std::optional<std::string> name = std::nullopt;
};
Ref<Optimizer> SGD(SGDOptions options = {});
Ref<Optimizer> SGD(LearningRate learning_rate, SGDOptions options = {});

/// v = rho·v + (1 - rho)·g²; p -= learning_rate·g / √(v + epsilon). centered: v - a² for v under the root, where
/// a = rho·a + (1 - rho)·g. momentum: m = momentum·m + that step, p -= m.
struct RMSpropOptions {
  LearningRate learning_rate = 0.001;
  double rho = 0.9;       // in [0, 1]
  double momentum = 0.0;  // in [0, 1]
  double epsilon = 1e-7;
  bool centered = false;
  std::optional<double> weight_decay = std::nullopt;
  std::optional<double> clipnorm = std::nullopt;
  std::optional<double> clipvalue = std::nullopt;
  std::optional<double> global_clipnorm = std::nullopt;
  std::optional<std::string> name = std::nullopt;
  bool keras2_epsilon = false;  // as Keras 2.3: √v + epsilon for √(v + epsilon)
};
Ref<Optimizer> RMSprop(RMSpropOptions options = {});
Ref<Optimizer> RMSprop(LearningRate learning_rate, RMSpropOptions options = {});

/// m += (g - m)(1 - beta_1); v += (g² - v)(1 - beta_2);
/// p -= m · learning_rate·√(1 - beta_2^t)/(1 - beta_1^t) / (√v + epsilon). amsgrad: the largest v so far for v.
struct AdamOptions {
  LearningRate learning_rate = 0.001;
  double beta_1 = 0.9;    // in [0, 1)
  double beta_2 = 0.999;  // in [0, 1)
  double epsilon = 1e-7;
  bool amsgrad = false;
  std::optional<double> weight_decay = std::nullopt;
  std::optional<double> clipnorm = std::nullopt;
  std::optional<double> clipvalue = std::nullopt;
  std::optional<double> global_clipnorm = std::nullopt;
  std::optional<std::string> name = std::nullopt;
};
Ref<Optimizer> Adam(AdamOptions options = {});
Ref<Optimizer> Adam(LearningRate learning_rate, AdamOptions options = {});

/// Adam with weight_decay 0.004.
struct AdamWOptions {
  LearningRate learning_rate = 0.001;
  double weight_decay = 0.004;
  double beta_1 = 0.9;
  double beta_2 = 0.999;
  double epsilon = 1e-7;
  bool amsgrad = false;
  std::optional<double> clipnorm = std::nullopt;
  std::optional<double> clipvalue = std::nullopt;
  std::optional<double> global_clipnorm = std::nullopt;
  std::optional<std::string> name = std::nullopt;
};
Ref<Optimizer> AdamW(AdamWOptions options = {});
Ref<Optimizer> AdamW(LearningRate learning_rate, AdamWOptions options = {});

/// a += g², from initial_accumulator_value; p -= learning_rate·g / √(a + epsilon).
struct AdagradOptions {
  LearningRate learning_rate = 0.001;
  double initial_accumulator_value = 0.1;  // Keras 2.3: 0
  double epsilon = 1e-7;
  std::optional<double> weight_decay = std::nullopt;
  std::optional<double> clipnorm = std::nullopt;
  std::optional<double> clipvalue = std::nullopt;
  std::optional<double> global_clipnorm = std::nullopt;
  std::optional<std::string> name = std::nullopt;
  bool keras2_epsilon = false;  // as Keras 2.3: √a + epsilon for √(a + epsilon)
};
Ref<Optimizer> Adagrad(AdagradOptions options = {});
Ref<Optimizer> Adagrad(LearningRate learning_rate, AdagradOptions options = {});

/// Keeps gradients in float16 from underflowing: they are those of the loss times a scale, and are divided by it before
/// the inner optimizer sees them. A step with a gradient that is not finite changes no weight and halves the scale;
/// after dynamic_growth_steps finite ones it doubles. compile() wraps the optimizer of a model of the policy
/// mixed_float16 so, unless .auto_scale_loss is false; a train_step of your own differentiates scale_loss(loss).
struct LossScaleOptimizerOptions {
  double initial_scale = 32768.0;
  std::int64_t dynamic_growth_steps = 2000;
  std::optional<std::string> name = std::nullopt;
};
/// Learning rate, iterations and slots are the inner optimizer's; variables() begins with four of its own, as Keras's:
/// iteration and learning_rate, which nobody uses, step_counter and dynamic_scale.
Ref<Optimizer> LossScaleOptimizer(Ref<Optimizer> inner_optimizer, LossScaleOptimizerOptions options = {});

}  // namespace optimizers
}  // namespace keratin
