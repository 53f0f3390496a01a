// Top-k accuracies: whether the true class is among the k best scores.
#include <memory>
#include <utility>

#include "base/check.h"
#include "keratin/layer.h"
#include "metrics/accuracy.h"
#include "metrics/mean_of_function.h"
#include "ops/functions.h"

namespace keratin {
namespace {

/// TensorFlow's in_top_k: fewer than k scores are strictly larger than the true class's, so that all of a tie at the
/// border are in. False where the class does not exist or its score is not a number.
Tensor in_top_k(const Tensor& classes, const Tensor& scores, std::int64_t k) {
  const std::int64_t count = scores.shape().back();
  const Tensor is_class = ops::one_hot(classes, count, boolean);
  const Tensor own = ops::sum(ops::where(is_class, scores, 0.0), {.axis = -1, .keepdims = true});
  const Tensor larger = ops::sum(ops::greater(scores, own), {.axis = -1});
  const Tensor exists = ops::greater(ops::sum(is_class, {.axis = -1}), 0.0);
  const Tensor is_number = ops::squeeze(ops::equal(own, own), -1);
  return ops::logical_and(ops::less(larger, static_cast<double>(k)), ops::logical_and(exists, is_number));
}

class TopKMetric final : public MeanOfFunction {
 public:
  TopKMetric(std::int64_t k, std::string name, bool sparse) : MeanOfFunction(std::move(name)), k_(k), sparse_(sparse) {
    check_argument(k_ > 0, class_name(), ": expected k > 0, got ", k_);
  }
  std::string class_name() const override {
    return sparse_ ? "SparseTopKCategoricalAccuracy" : "TopKCategoricalAccuracy";
  }
  Direction direction() const override { return Direction::up; }
  void describe(Fields& fields) override {
    MeanOfFunction::describe(fields);
    fields("k", k_);
  }

 protected:
  Tensor values(const Tensor& y_true, const Tensor& y_pred) const override {
    const Tensor scores = is_floating(y_pred.dtype()) ? y_pred : cast_to(y_pred, floatx());
    Tensor classes;
    if (sparse_) {
      classes = class_indices("sparse_top_k_categorical_accuracy", y_true, y_pred);
      if (is_floating(classes.dtype())) classes = cast_to(classes, int64);
    } else {
      check_one_hot("top_k_categorical_accuracy", y_true, y_pred);
      classes = ops::argmax(y_true);
    }
    return cast_to(in_top_k(classes, scores, k_), scores.dtype());
  }

 private:
  std::int64_t k_;
  bool sparse_;
};

}  // namespace

namespace metrics {

Ref<Metric> TopKCategoricalAccuracy(Count k, MetricOptions options) {
  return std::make_shared<TopKMetric>(k, options.name.value_or("top_k_categorical_accuracy"), false);
}

Ref<Metric> SparseTopKCategoricalAccuracy(Count k, MetricOptions options) {
  return std::make_shared<TopKMetric>(k, options.name.value_or("sparse_top_k_categorical_accuracy"), true);
}

}  // namespace metrics
}  // namespace keratin
