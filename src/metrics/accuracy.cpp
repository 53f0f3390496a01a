// Accuracies: binary, categorical, sparse categorical, and the one that "accuracy" names.
#include "metrics/accuracy.h"

#include <memory>
#include <utility>

#include "base/check.h"
#include "graph/spec.h"
#include "keratin/layer.h"
#include "metrics/mean_of_function.h"
#include "ops/functions.h"
#include "ops/weighting.h"

namespace keratin {
namespace {

/// Booleans as numbers that can be averaged beside y_pred.
Tensor as_numbers(const Tensor& matches, const Tensor& y_pred) {
  return cast_to(matches, is_floating(y_pred.dtype()) ? y_pred.dtype() : floatx());
}

class BinaryAccuracyMetric final : public MeanOfFunction {
 public:
  BinaryAccuracyMetric(std::string name, double threshold) : MeanOfFunction(std::move(name)), threshold_(threshold) {}
  std::string class_name() const override { return "BinaryAccuracy"; }
  Direction direction() const override { return Direction::up; }
  void describe(Fields& fields) override {
    MeanOfFunction::describe(fields);
    fields("threshold", threshold_);
  }

 protected:
  Tensor values(const Tensor& y_true, const Tensor& y_pred) const override {
    return binary_matches(y_true, y_pred, threshold_);
  }

 private:
  double threshold_;
};

/// Keras's rule: one column is binary, targets of a lower rank or of one column are indices, anything else is one-hot.
Tensor matches_by_shape(const Tensor& y_true, const Tensor& y_pred) {
  const int true_rank = y_true.shape().rank(), rank = y_pred.shape().rank();
  if (rank < 2 || y_pred.shape().back() == 1) return binary_matches(y_true, y_pred, 0.5);
  if (true_rank < rank || y_true.shape().back() == 1) return sparse_matches(y_true, y_pred);
  return categorical_matches(y_true, y_pred);
}

}  // namespace

Tensor class_indices(const char* who, const Tensor& y_true, const Tensor& y_pred) {
  const Shape expected = y_pred.shape().until(-1);
  const bool column = y_true.shape().rank() == y_pred.shape().rank() && y_true.shape().back() == 1;
  Tensor classes = column ? ops::squeeze(y_true, -1) : y_true;
  check_shape(classes.shape() == expected, who, ": expected class indices of shape ", expected, ", got ",
              y_true.shape(), "; ",
              y_true.shape() == y_pred.shape() ? "for one-hot rows use the metric without \"sparse\""
                                               : "give one index per sample");
  return classes;
}

void check_one_hot(const char* who, const Tensor& y_true, const Tensor& y_pred) {
  check_shape(y_true.shape() == y_pred.shape(), who, ": expected targets of shape ", y_pred.shape(), ", got ",
              y_true.shape(),
              "; y has one column per class; for class indices use the metric with \"sparse\" in its name");
}

Tensor binary_matches(const Tensor& y_true, const Tensor& y_pred, double threshold) {
  const auto [target, prediction] = to_same_rank(y_true, y_pred);
  try {
    broadcast_shapes(target.shape(), prediction.shape());
  } catch (const ShapeError&) {
    throw ShapeError(concat("binary_accuracy: expected targets of shape ", y_pred.shape(), ", got ", y_true.shape(),
                            "; for class indices use sparse_categorical_accuracy"));
  }
  const Tensor guess = cast_to(ops::greater(prediction, threshold), int32);
  return as_numbers(ops::equal(target, guess), y_pred);
}

Tensor categorical_matches(const Tensor& y_true, const Tensor& y_pred) {
  check_one_hot("categorical_accuracy", y_true, y_pred);
  return as_numbers(ops::equal(ops::argmax(y_true), ops::argmax(y_pred)), y_pred);
}

Tensor sparse_matches(const Tensor& y_true, const Tensor& y_pred) {
  const Tensor classes = class_indices("sparse_categorical_accuracy", y_true, y_pred);
  return as_numbers(ops::equal(classes, ops::argmax(y_pred)), y_pred);
}

namespace metrics {

Ref<Metric> BinaryAccuracy(BinaryAccuracyOptions options) {
  return std::make_shared<BinaryAccuracyMetric>(options.name.value_or("binary_accuracy"), options.threshold);
}

Ref<Metric> CategoricalAccuracy(MetricOptions options) {
  return std::make_shared<PlainMetric>("CategoricalAccuracy", options.name.value_or("categorical_accuracy"),
                                       Metric::Direction::up, categorical_matches);
}

Ref<Metric> SparseCategoricalAccuracy(MetricOptions options) {
  return std::make_shared<PlainMetric>("SparseCategoricalAccuracy",
                                       options.name.value_or("sparse_categorical_accuracy"), Metric::Direction::up,
                                       sparse_matches);
}

}  // namespace metrics

Ref<Metric> accuracy_by_shape(std::string name) {
  return std::make_shared<PlainMetric>("accuracy", std::move(name), Metric::Direction::up, matches_by_shape);
}

}  // namespace keratin
