// OptimizerState: what an optimizer remembers from one trace to the next; and what the built-in optimizers share.
#pragma once

#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/check.h"
#include "keratin/optimizers.h"

namespace KERATIN_INTERNAL_EXPORT keratin {

struct Slot {
  std::size_t target;  // index in OptimizerState::targets
  std::string name;    // "momentum"
  Variable variable;
};

struct OptimizerState {
  std::shared_ptr<Optimizer> inner;  // of a loss scale: what counts, updates and has the slots in its place
  Variables scalars;                 // of a loss scale alone
  CommonOptimizerOptions options;
  std::string name;
  std::optional<Ref<Schedule>> schedule;
  Variable iteration;       // int64 scalar
  Variable learning_rate;   // float64 scalar; unset with a schedule
  Variables targets;        // the variables updated so far, in the order in which they came
  std::vector<Slot> slots;  // in the order in which they were made
  Variables not_decayed;
  std::vector<std::string> not_decayed_parts;
  std::weak_ptr<const void> model;  // whose step was the first with an update
  bool lent = false;                // the step that is traced is another model's

  /// A step of this model is to be traced. As in Keras, another model than the first may update what is in `targets`,
  /// but bring no variables of its own: their number of updates would not be that of `iteration`.
  void begin_step(const std::shared_ptr<const void>& of_model);
  /// ValueError if a model to which the optimizer is lent brings this variable.
  void check_known(const Variable& variable) const;
  bool decays(const Variable& variable) const;
  std::size_t target_index(const Variable& variable);
  /// The slot of that variable and name, made at the first use.
  Variable slot(const Variable& variable, std::string_view slot_name, double initial);
  /// A new name, also in the paths of the variables there are.
  void rename(std::string new_name);
};

struct OptimizerAccess {
  /// Of whoever updates: the inner optimizer of a loss scale.
  static OptimizerState& state(const Optimizer& optimizer) {
    return optimizer.state_->inner ? state(*optimizer.state_->inner) : own_state(optimizer);
  }
  static OptimizerState& own_state(const Optimizer& optimizer) { return *optimizer.state_; }
};

/// A scalar of an optimizer, to be named by rename().
Variable scalar_state(const char* name, DType dtype, double initial);

/// ValueError unless low <= value <= high.
inline void check_within(const char* who, const char* option, double value, double low, double high) {
  check_argument(value >= low && value <= high, who, ": expected ", option, " in [", low, ", ", high, "], got ", value);
}
/// ValueError unless 0 <= value < 1.
inline void check_decay_rate(const char* who, const char* option, double value) {
  check_argument(value >= 0.0 && value < 1.0, who, ": expected ", option, " in [0, 1), got ", value);
}
/// ValueError unless the value is finite and not negative.
void check_not_negative(const char* who, const char* option, double value);

/// The options that all have, from an optimizer's own. Keras derives the default name from the class's.
template <class Options> CommonOptimizerOptions common_options(const Options& options, const char* default_name) {
  return {options.weight_decay, options.clipnorm, options.clipvalue, options.global_clipnorm,
          options.name.value_or(default_name)};
}

}  // namespace keratin
