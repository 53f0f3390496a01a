// The running mean, and the metrics that are the mean of a function.
#include <functional>
#include <numeric>
#include <tuple>
#include <utility>
#include <vector>

#include "base/check.h"
#include "graph/spec.h"
#include "metrics/mean_of_function.h"
#include "ops/functions.h"
#include "ops/reduce.h"
#include "ops/weighting.h"

namespace keratin {
namespace {

/// The mean over this axis and all after it.
Tensor mean_from(const Tensor& x, int axis) {
  if (axis >= x.shape().rank()) return x;
  std::vector<int> axes(static_cast<std::size_t>(x.shape().rank() - axis));
  std::iota(axes.begin(), axes.end(), axis);
  return make_op<Reduce>(x, Reduction::sum, std::move(axes), false) / element_count(x.shape().from(axis), x.dtype());
}

Tensor broadcast_weight(const std::string& who, const Tensor& weight, const Shape& shape) {
  try {
    if (broadcast_shapes(weight.shape(), shape) == shape) return broadcast_to(weight, shape);
  } catch (const ShapeError&) {  // told below, with what a metric's user can know
  }
  throw ShapeError(concat(who, ": expected a sample_weight that broadcasts to the per-sample values ", shape, ", got ",
                          weight.shape()));
}

/// The mean of a function of the user's, of which a file can hold the name.
class FunctionMetric final : public MeanOfFunction {
 public:
  FunctionMetric(std::string function_name, std::function<Tensor(Tensor, Tensor)> function)
      : MeanOfFunction(function_name.empty() ? "mean_metric_wrapper" : function_name),
        function_(std::move(function)),
        function_name_(std::move(function_name)) {}
  std::optional<std::string> function_name() const override { return function_name_; }

 protected:
  Tensor values(const Tensor& y_true, const Tensor& y_pred) const override { return function_(y_true, y_pred); }

 private:
  std::function<Tensor(Tensor, Tensor)> function_;
  std::string function_name_;
};

}  // namespace

namespace metrics {

MeanMetric::MeanMetric(std::string name)
    : Metric(std::move(name)),
      total_(add_weight("total", {}, {.initializer = "zeros", .dtype = float64})),
      count_(add_weight("count", {}, {.initializer = "zeros", .dtype = float64})) {}

void MeanMetric::update_state(const Tensor& value, const std::optional<Tensor>& sample_weight) {
  Tensor values = at_least_float32(is_floating(value.dtype()) ? value : cast_to(value, floatx()));
  Tensor number = scalar(1.0, float64);
  if (sample_weight) {
    Tensor weight = cast_to(*sample_weight, values.dtype());
    std::tie(values, weight) = to_same_rank(values, weight);
    values = mean_from(values, weight.shape().rank());
    weight = broadcast_weight(name(), weight, values.shape());
    values = values * weight;
    number = ops::sum(mean_from(weight, 1));
  } else if (values.shape().rank() > 0) {
    number = element_count(values.shape().until(1), float64);
  }
  total_.assign_add(ops::sum(mean_from(values, 1)));
  count_.assign_add(number);
}

void MeanMetric::update_state(const Tensor&, const Tensor&, const std::optional<Tensor>&) {
  throw ValueError(
      concat(name(),
             ": expected one value to average, got y_true and y_pred; use metrics::MeanMetricWrapper with a "
             "function of both"));
}

Tensor MeanMetric::result() const { return divide_no_nan(total_, count_); }

Ref<MeanMetric> Mean(MetricOptions options) { return std::make_shared<MeanMetric>(options.name.value_or("mean")); }

Ref<Metric> MeanMetricWrapper(std::function<Tensor(Tensor, Tensor)> function, MetricOptions options) {
  check_argument(function != nullptr, "MeanMetricWrapper: expected a function of (y_true, y_pred), got an empty one");
  return std::make_shared<FunctionMetric>(options.name.value_or(""), std::move(function));
}

}  // namespace metrics

void MeanOfFunction::update_state(const Tensor& y_true, const Tensor& y_pred,
                                  const std::optional<Tensor>& sample_weight) {
  const Tensor prediction = at_least_float32(y_pred);
  const DType dtype = is_floating(prediction.dtype()) ? prediction.dtype() : floatx();
  metrics::MeanMetric::update_state(values(y_true, prediction),
                                    merge_mask(sample_weight, mask_of(y_pred), dtype, false));
}

std::shared_ptr<Metric> Metric::from_function(std::function<Tensor(Tensor, Tensor)> function, std::string name) {
  return metrics::MeanMetricWrapper(std::move(function), {.name = std::move(name)}).shared();
}

}  // namespace keratin
