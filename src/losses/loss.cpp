// Loss: from per-sample values to the number that training makes small, by Keras's rules of weights, masks and
// reductions.
#include <array>
#include <tuple>
#include <utility>

#include "base/check.h"
#include "graph/spec.h"
#include "graph/trace.h"
#include "keratin/layer.h"
#include "keratin/losses.h"
#include "ops/functions.h"
#include "ops/weighting.h"

namespace keratin {
namespace {

constexpr std::array<std::pair<LossReduction, const char*>, 4> reduction_names{{
    {LossReduction::sum_over_batch_size, "sum_over_batch_size"},
    {LossReduction::sum, "sum"},
    {LossReduction::none, "none"},
    {LossReduction::mean_with_sample_weight, "mean_with_sample_weight"},
}};

/// A loss made of the user's function, of which a file can hold the name.
class FunctionLoss final : public Loss {
 public:
  FunctionLoss(std::function<Tensor(Tensor, Tensor)> function, std::string function_name)
      : Loss(function_name.empty() ? "function" : function_name),
        function_(std::move(function)),
        function_name_(std::move(function_name)) {}
  std::optional<std::string> function_name() const override { return function_name_; }
  Tensor call(const Tensor& y_true, const Tensor& y_pred) const override {
    const auto [target, prediction] = to_same_rank(y_true, y_pred);
    return function_(target, prediction);
  }

 private:
  std::function<Tensor(Tensor, Tensor)> function_;
  std::string function_name_;
};

std::optional<Tensor> both(const std::optional<Tensor>& a, const std::optional<Tensor>& b) {
  if (a && b) return ops::logical_and(*a, *b);
  return a ? a : b;
}

Tensor weighted(const std::string& who, const Tensor& values, const Tensor& weight) {
  try {
    broadcast_shapes(values.shape(), weight.shape());
  } catch (const ShapeError&) {
    throw ShapeError(concat(who, ": expected a sample_weight that broadcasts to the per-sample values ", values.shape(),
                            ", got ", weight.shape(),
                            "; to weigh whole samples give it extent 1 along the other axes"));
  }
  return values * weight;
}

Tensor reduce(const std::string& who, const Tensor& per_sample, const std::optional<Tensor>& weight,
              LossReduction reduction) {
  Tensor values = per_sample, weights;
  if (weight) {
    std::tie(values, weights) = to_same_rank(per_sample, *weight);
    values = weighted(who, values, weights);
  }
  if (reduction == LossReduction::none || values.shape().rank() == 0) return values;
  Tensor total = ops::sum(values);
  if (reduction == LossReduction::sum) return total;
  if (reduction == LossReduction::mean_with_sample_weight && weight) return divide_no_nan(total, ops::sum(weights));
  return total / element_count(values.shape(), values.dtype());
}

}  // namespace

std::string to_string(LossReduction reduction) {
  for (const auto& [value, name] : reduction_names)
    if (value == reduction) return name;
  return "";
}

LossReduction loss_reduction_from_name(std::string_view name) {
  if (name == "mean") return LossReduction::sum_over_batch_size;
  for (const auto& [value, known] : reduction_names)
    if (name == known) return value;
  throw ValueError(concat(
      "reduction: expected \"sum_over_batch_size\", \"mean\", \"sum\", \"none\" or \"mean_with_sample_weight\", got \"",
      name, "\""));
}

Loss::Loss(std::string name, LossReduction reduction) : name_(std::move(name)), reduction_(reduction) {}

std::shared_ptr<Loss> Loss::from_function(std::function<Tensor(Tensor, Tensor)> function, std::string name) {
  check_argument(function != nullptr, "Loss: expected a function of (y_true, y_pred), got an empty one");
  return std::make_shared<FunctionLoss>(std::move(function), std::move(name));
}

Tensor Loss::operator()(const Tensor& y_true, const Tensor& y_pred, const std::optional<Tensor>& sample_weight) const {
  const std::string who = name_.empty() ? "loss" : name_;
  std::optional<TraceScope> scope;
  if (Trace* trace = Trace::current()) scope.emplace(*trace, who);
  const Tensor prediction = at_least_float32(is_floating(y_pred.dtype()) ? y_pred : cast_to(y_pred, floatx()));
  const Tensor target = takes_classes() ? y_true : cast_to(y_true, prediction.dtype());
  const Tensor values = cast_to(call(target, prediction), prediction.dtype());
  const std::optional<Tensor> mask = both(mask_of(y_pred), compute_mask(target, prediction));
  const bool preserve_mean = reduction_ == LossReduction::sum_over_batch_size;
  return reduce(who, values, merge_mask(sample_weight, mask, values.dtype(), preserve_mean), reduction_);
}

std::optional<Tensor> Loss::compute_mask(const Tensor&, const Tensor&) const { return std::nullopt; }

void Loss::check_targets(const Array&, const Shape&) const {}

void Loss::describe(Fields& fields) {
  fields("name", name_);
  std::string reduction = to_string(reduction_);
  fields("reduction", reduction);
  reduction_ = loss_reduction_from_name(reduction);
}

}  // namespace keratin
