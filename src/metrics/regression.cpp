// Metrics that are means of a loss's per-sample values: the functions of keratin/losses.h.
#include <memory>
#include <string_view>
#include <utility>

#include "base/check.h"
#include "keratin/losses.h"
#include "metrics/mean_of_function.h"

namespace keratin {
namespace {

using losses::CrossentropyForm;

/// Binary and categorical crossentropy: the two differ in their function alone.
class CrossentropyMetric final : public MeanOfFunction {
 public:
  using Function = Tensor (*)(const Tensor&, const Tensor&, CrossentropyForm);
  CrossentropyMetric(const char* class_name, std::string name, CrossentropyForm form, Function function)
      : MeanOfFunction(std::move(name)), class_name_(class_name), form_(form), function_(function) {
    check_argument(form_.label_smoothing >= 0.0 && form_.label_smoothing <= 1.0, class_name,
                   ": expected label_smoothing in [0, 1], got ", form_.label_smoothing);
  }
  std::string class_name() const override { return class_name_; }
  Direction direction() const override { return Direction::down; }
  void describe(Fields& fields) override {
    MeanOfFunction::describe(fields);
    fields("from_logits", form_.from_logits);
    fields("label_smoothing", form_.label_smoothing);
    if (class_name_ == std::string_view("BinaryCrossentropy")) {
      fields.extension("axis", form_.axis, -1);
    } else {
      fields("axis", form_.axis);
    }
  }

 protected:
  Tensor values(const Tensor& y_true, const Tensor& y_pred) const override { return function_(y_true, y_pred, form_); }

 private:
  const char* class_name_;
  CrossentropyForm form_;
  Function function_;
};

class SparseCategoricalCrossentropyMetric final : public MeanOfFunction {
 public:
  SparseCategoricalCrossentropyMetric(std::string name, losses::SparseCrossentropyForm form)
      : MeanOfFunction(std::move(name)), form_(form) {}
  std::string class_name() const override { return "SparseCategoricalCrossentropy"; }
  Direction direction() const override { return Direction::down; }
  void describe(Fields& fields) override {
    MeanOfFunction::describe(fields);
    fields("from_logits", form_.from_logits);
    fields("axis", form_.axis);
  }

 protected:
  Tensor values(const Tensor& y_true, const Tensor& y_pred) const override {
    return losses::sparse_categorical_crossentropy(y_true, y_pred, form_);
  }

 private:
  losses::SparseCrossentropyForm form_;
};

CrossentropyForm form_of(const metrics::CrossentropyOptions& options) {
  return {.from_logits = options.from_logits, .label_smoothing = options.label_smoothing, .axis = options.axis};
}

}  // namespace

namespace metrics {

Ref<Metric> MeanSquaredError(MetricOptions options) {
  return std::make_shared<PlainMetric>("MeanSquaredError", options.name.value_or("mean_squared_error"),
                                       Metric::Direction::down, losses::mean_squared_error);
}

Ref<Metric> MeanAbsoluteError(MetricOptions options) {
  return std::make_shared<PlainMetric>("MeanAbsoluteError", options.name.value_or("mean_absolute_error"),
                                       Metric::Direction::down, losses::mean_absolute_error);
}

Ref<Metric> BinaryCrossentropy(CrossentropyOptions options) {
  return std::make_shared<CrossentropyMetric>("BinaryCrossentropy", options.name.value_or("binary_crossentropy"),
                                              form_of(options), losses::binary_crossentropy);
}

Ref<Metric> CategoricalCrossentropy(CrossentropyOptions options) {
  return std::make_shared<CrossentropyMetric>("CategoricalCrossentropy",
                                              options.name.value_or("categorical_crossentropy"), form_of(options),
                                              losses::categorical_crossentropy);
}

Ref<Metric> SparseCategoricalCrossentropy(SparseCategoricalCrossentropyOptions options) {
  return std::make_shared<SparseCategoricalCrossentropyMetric>(
      options.name.value_or("sparse_categorical_crossentropy"),
      losses::SparseCrossentropyForm{.from_logits = options.from_logits, .axis = options.axis});
}

}  // namespace metrics
}  // namespace keratin
