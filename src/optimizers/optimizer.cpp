// Optimizer: the frame of every update, in Keras's order: clip, decay, update, count.
#include <algorithm>
#include <cmath>
#include <tuple>
#include <utility>

#include "base/check.h"
#include "graph/trace.h"
#include "graph/variable_state.h"
#include "keratin/array.h"
#include "keratin/ops.h"
#include "ops/functions.h"
#include "optimizers/optimizer_state.h"

namespace keratin {
namespace {

struct Pair {
  Variable variable;
  Tensor gradient;  // of the variable's shape and dtype
};

void check_rate(const std::string& name, double rate) {
  check_argument(std::isfinite(rate) && rate >= 0.0, name, ": expected learning_rate >= 0, got ", rate);
}

void check_options(const std::string& name, const CommonOptimizerOptions& options) {
  const std::pair<const char*, const std::optional<double>&> clippings[] = {
      {"clipnorm", options.clipnorm}, {"clipvalue", options.clipvalue}, {"global_clipnorm", options.global_clipnorm}};
  std::vector<const char*> given;
  for (const auto& [option, value] : clippings) {
    if (!value) continue;
    given.push_back(option);
    check_argument(*value > 0.0, name, ": expected ", option, " > 0, got ", *value);
  }
  check_argument(given.size() <= 1, name, ": expected at most one of clipnorm, clipvalue and global_clipnorm, got ",
                 join(given, " and "));
  if (options.weight_decay)
    check_argument(*options.weight_decay >= 0.0, name, ": expected weight_decay >= 0, got ", *options.weight_decay);
}

/// The gradients that are set, with their variables.
std::vector<Pair> pair_up(const std::string& name, const Tensors& gradients, const Variables& variables) {
  check_argument(gradients.size() == variables.size(), name, ": expected one gradient for each of ", variables.size(),
                 " variables, got ", gradients.size());
  std::vector<Pair> pairs;
  for (std::size_t i = 0; i < variables.size(); ++i) {
    if (!gradients[i]) continue;
    check_shape(gradients[i].shape() == variables[i].shape(), name, ": expected a gradient of shape ",
                variables[i].shape(), " for ", variables[i].path(), ", got ", gradients[i].shape());
    pairs.push_back({variables[i], cast_to(gradients[i], variables[i].dtype())});
  }
  check_argument(!pairs.empty() || variables.empty(), name,
                 ": expected a gradient for one variable at least, got none for any of ", variables.size(),
                 "; does the loss depend on them?");
  return pairs;
}

/// The root of the sum of all squares, in the gradients' widest dtype.
Tensor global_norm(const std::vector<Pair>& pairs) {
  Tensor squares;
  for (const Pair& pair : pairs) {
    const Tensor own = ops::sum(ops::square(pair.gradient));
    squares = squares ? squares + own : own;
  }
  return ops::sqrt(squares);
}

void clip(const CommonOptimizerOptions& options, std::vector<Pair>& pairs) {
  Tensor scale;
  if (options.global_clipnorm && !pairs.empty()) {
    const double limit = *options.global_clipnorm;
    const Tensor norm = global_norm(pairs);
    scale = limit * ops::minimum(1.0 / norm, 1.0 / limit) + (norm - norm);  // a norm that is not finite makes all NaN
  }
  for (Pair& pair : pairs) {
    Tensor& g = pair.gradient;
    if (options.clipnorm) {
      const Tensor norm = ops::sqrt(ops::sum(ops::square(g)));
      g = g * *options.clipnorm / ops::maximum(norm, *options.clipnorm);
    } else if (options.clipvalue) {
      g = ops::clip(g, -*options.clipvalue, *options.clipvalue);
    } else if (scale) {
      g = g * cast_to(scale, g.dtype());
    }
  }
}

}  // namespace

Variable UpdateContext::slot(std::string_view name, double initial) { return state_->slot(target_, name, initial); }

Optimizer::Optimizer(LearningRate learning_rate, CommonOptimizerOptions options)
    : state_(std::make_unique<OptimizerState>()) {
  state_->name = options.name.value_or("optimizer");
  state_->options = std::move(options);
  state_->schedule = learning_rate.schedule();
  state_->iteration = scalar_state("iteration", int64, 0.0);
  if (!state_->schedule) {
    check_rate(state_->name, learning_rate.constant());
    state_->learning_rate = scalar_state("learning_rate", float64, learning_rate.constant());
  }
  check_options(state_->name, state_->options);
  state_->rename(state_->name);
}

Optimizer::~Optimizer() = default;

const std::string& Optimizer::name() const { return state_->name; }

std::int64_t Optimizer::iterations() const {
  return OptimizerAccess::state(*this).iteration.value().item<std::int64_t>();
}

double Optimizer::learning_rate() const {
  const OptimizerState& state = OptimizerAccess::state(*this);
  if (!state.schedule) return state.learning_rate.value().item<double>();
  const Tensor step(Array::full({}, static_cast<double>(iterations()), float64));
  return (*state.schedule)->rate(step).evaluate().item<double>();
}

void Optimizer::set_learning_rate(double rate) {
  const OptimizerState& state = OptimizerAccess::state(*this);
  check_argument(!state.schedule.has_value(), name(),
                 ": expected a constant learning rate, got a schedule; compile with a number to set it");
  check_rate(name(), rate);
  VariableAccess::state(state.learning_rate)->assign(Array::full({}, rate, float64));
}

Tensor Optimizer::scale_loss(const Tensor& loss) const { return loss; }

void Optimizer::apply(const Tensors& gradients, const Variables& variables) {
  Trace* trace = Trace::current();
  check_argument(trace != nullptr, name(),
                 ": expected apply() inside a traced step; override train_step() and call it there");
  const TraceScope scope(*trace, name());
  std::vector<Pair> trained = pair_up(name(), gradients, variables);
  for (const Variable& variable : variables) state_->check_known(variable);
  for (const Variable& variable : variables) state_->target_index(variable);
  const auto update_all = [&](const std::vector<Pair>& pairs) {
    const Tensor iteration = state_->iteration;
    const Tensor rate =
        state_->schedule ? (*state_->schedule)->rate(cast_to(iteration, float64)) : Tensor(state_->learning_rate);
    for (const Pair& pair : pairs) {
      UpdateContext context;
      context.state_ = state_.get();
      context.target_ = pair.variable;
      context.variable_ = pair.variable;
      context.gradient_ = pair.gradient;
      context.learning_rate_ = cast_to(rate, pair.variable.dtype());
      context.step_ = cast_to(iteration + 1.0, pair.variable.dtype());
      if (state_->options.weight_decay && state_->decays(pair.variable))
        context.variable_ =
            context.variable_ - context.variable_ * *state_->options.weight_decay * context.learning_rate_;
      pair.variable.assign(update(context));
    }
  };
  if (trained.size() < variables.size()) {
    const Trace aside(false);  // Keras makes the slots of all at once, also of those that have no gradient yet
    std::vector<Pair> idle;
    for (std::size_t i = 0; i < variables.size(); ++i)
      if (!gradients[i]) idle.push_back({variables[i], ops::zeros(variables[i].shape(), variables[i].dtype())});
    update_all(idle);
  }
  clip(state_->options, trained);
  update_all(trained);
  state_->iteration.assign_add(scalar(1.0, int64));
}

Variables Optimizer::variables() const {
  const auto groups = slot_groups();
  // A slot's place: its group, its variable, its place in the group. Slots of no group come last, as they were made.
  const auto place = [&](const Slot& slot) {
    for (std::size_t group = 0; group < groups.size(); ++group)
      for (std::size_t i = 0; i < groups[group].size(); ++i)
        if (groups[group][i] == slot.name) return std::tuple(group, slot.target, i);
    return std::tuple(groups.size(), slot.target, std::size_t{0});
  };
  std::vector<Slot> slots = state_->slots;
  std::stable_sort(slots.begin(), slots.end(), [&](const Slot& a, const Slot& b) { return place(a) < place(b); });
  Variables out{state_->iteration};
  if (state_->learning_rate) out.push_back(state_->learning_rate);
  for (const Slot& slot : slots) out.push_back(slot.variable);
  return out;
}

void Optimizer::exclude_from_weight_decay(const Variables& variables) {
  Variables& excluded = OptimizerAccess::state(*this).not_decayed;
  excluded.insert(excluded.end(), variables.begin(), variables.end());
}

void Optimizer::exclude_from_weight_decay(const std::vector<std::string>& name_parts) {
  std::vector<std::string>& excluded = OptimizerAccess::state(*this).not_decayed_parts;
  excluded.insert(excluded.end(), name_parts.begin(), name_parts.end());
}

void Optimizer::describe(Fields& fields) {
  std::string name = state_->name;
  fields("name", name);
  if (name != state_->name) state_->rename(std::move(name));
  const bool scheduled = state_->schedule.has_value();
  const double before = scheduled ? 0.0 : learning_rate();
  std::optional<double> rate = scheduled ? std::nullopt : std::optional(before);
  fields("learning_rate", rate);
  check_argument(
      rate.has_value() || scheduled, this->name(),
      ": expected a number for the saved learning_rate, got none: a schedule made of a function set it, which no file "
      "can hold; compile the model again");
  if (rate.value_or(before) != before) set_learning_rate(rate.value_or(before));
  fields("weight_decay", state_->options.weight_decay);
  fields("clipnorm", state_->options.clipnorm);
  fields("global_clipnorm", state_->options.global_clipnorm);
  fields("clipvalue", state_->options.clipvalue);
  check_options(this->name(), state_->options);
}

}  // namespace keratin
