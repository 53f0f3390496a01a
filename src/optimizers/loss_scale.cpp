// LossScaleOptimizer: gradients of a loss that is large enough for float16, and steps that are skipped where it was too
// large (Micikevicius et al. 2018, section 3.2; keras/src/optimizers/loss_scale_optimizer.py of Keras 3.15).
#include <cmath>
#include <map>
#include <memory>
#include <utility>

#include "base/check.h"
#include "graph/leaves.h"
#include "graph/trace.h"
#include "graph/variable_state.h"
#include "keratin/array.h"
#include "ops/functions.h"
#include "optimizers/optimizer_state.h"

namespace keratin {
namespace {

/// A boolean scalar: every element of every gradient is finite.
Tensor all_finite(const Tensors& gradients) {
  Tensor others = scalar(0.0, float32);  // how many are not
  for (const Tensor& gradient : gradients)
    if (gradient) others = others + ops::sum(ops::cast(ops::logical_not(ops::isfinite(gradient)), float32));
  return ops::equal(others, 0.0);
}

/// Takes back, where the condition is false, what has been assigned since it was made.
class ConditionalAssignments {
 public:
  ConditionalAssignments(Trace& trace, Tensor condition) : trace_(trace), condition_(std::move(condition)) {
    for (const auto& [variable, value] : trace_.assigned()) before_.emplace(VariableAccess::state(variable), value);
  }

  void impose() {
    const auto assigned = trace_.assigned();  // a copy: it changes
    for (const auto& [variable, value] : assigned) {
      const auto& state = VariableAccess::state(variable);
      const auto found = before_.find(state);
      const Tensor old = found != before_.end() ? found->second : make_op<ReadVariable>({}, state);
      if (TensorAccess::value(old) != TensorAccess::value(value))
        trace_.assign(variable, ops::where(condition_, value, old));
    }
  }

 private:
  Trace& trace_;
  Tensor condition_;
  std::map<std::shared_ptr<VariableState>, Tensor> before_;
};

class LossScale final : public Optimizer {
 public:
  LossScale(Ref<Optimizer> inner, optimizers::LossScaleOptimizerOptions options)
      : Optimizer(0.0, {.name = options.name.value_or("loss_scale_optimizer")}),
        inner_(std::move(inner)),
        initial_scale_(options.initial_scale),
        growth_steps_(options.dynamic_growth_steps),
        counter_(scalar_state("step_counter", int64, 0.0)),
        scale_(scalar_state("dynamic_scale", float32, initial_scale_)) {
    settle();
  }
  std::string class_name() const override { return "LossScaleOptimizer"; }

  void describe(Fields& fields) override {
    std::string own_name = name();
    fields("name", own_name);
    fields("inner_optimizer", inner_);
    fields("initial_scale", initial_scale_);
    fields("dynamic_growth_steps", growth_steps_);
    for (const char* option : {"weight_decay", "clipnorm", "global_clipnorm", "clipvalue", "use_ema"})
      fields.refused(option);  // they are the inner optimizer's
    if (own_name != name()) OptimizerAccess::own_state(*this).name = std::move(own_name);
    settle();
  }

  Tensor scale_loss(const Tensor& loss) const override { return loss * Tensor(scale_); }

  void apply(const Tensors& gradients, const Variables& variables) override {
    Trace* trace = Trace::current();
    check_argument(trace != nullptr, name(),
                   ": expected apply() inside a traced step; override train_step() and call it there");
    const TraceScope scope(*trace, name());
    const Tensor scale = scale_, counter = counter_, finite = all_finite(gradients);
    Tensors unscaled;
    for (const Tensor& gradient : gradients) unscaled.push_back(gradient ? gradient / scale : Tensor());
    ConditionalAssignments updates(*trace, finite);
    inner_->apply(unscaled, variables);
    updates.impose();
    const Tensor grows = ops::equal(counter, static_cast<double>(growth_steps_ - 1));
    counter_.assign(ops::where(ops::logical_and(finite, ops::logical_not(grows)), counter + 1.0, 0.0));
    scale_.assign(ops::where(finite, ops::where(grows, scale * 2.0, scale), scale * 0.5));
  }

  Variables variables() const override {
    Variables out = Optimizer::variables();
    out.insert(out.end(), {counter_, scale_});
    const Variables inner = inner_->variables();
    out.insert(out.end(), inner.begin(), inner.end());
    return out;
  }

 protected:
  Tensor update(UpdateContext&) const override {
    throw InternalError("LossScaleOptimizer: expected the inner optimizer to update the variables");
  }

 private:
  /// Checks the options and makes the state follow them.
  void settle() {
    check_argument(std::isfinite(initial_scale_) && initial_scale_ > 0.0,
                   "LossScaleOptimizer: expected initial_scale > 0, got ", initial_scale_);
    check_argument(growth_steps_ > 0, "LossScaleOptimizer: expected dynamic_growth_steps > 0, got ", growth_steps_);
    check_argument(OptimizerAccess::own_state(*inner_).inner == nullptr,
                   "LossScaleOptimizer: expected an optimizer that scales no loss, got another LossScaleOptimizer");
    VariableAccess::state(scale_)->initial = [initial = initial_scale_](std::uint64_t) {
      return Array::full({}, initial, float32);
    };
    OptimizerState& own = OptimizerAccess::own_state(*this);
    own.inner = inner_.shared();
    own.scalars = {counter_, scale_};
    own.rename(own.name);
  }

  Ref<Optimizer> inner_;
  double initial_scale_;
  std::int64_t growth_steps_;
  Variable counter_;  // int64: finite steps since the scale changed
  Variable scale_;    // float32
};

}  // namespace

Ref<Optimizer> optimizers::LossScaleOptimizer(Ref<Optimizer> inner_optimizer, LossScaleOptimizerOptions options) {
  return std::make_shared<LossScale>(std::move(inner_optimizer), std::move(options));
}

}  // namespace keratin
