// Metrics: keras.metrics.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "keratin/export.h"
#include "keratin/fields.h"
#include "keratin/layer.h"
#include "keratin/ref.h"
#include "keratin/tensor.h"
#include "keratin/types.h"
#include "keratin/variable.h"

namespace KERATIN_EXPORT keratin {

/// What is told of training beside the loss. Its variables are made in the constructor; update_state() is traced into
/// the step and result() evaluated after it. They start each epoch at their initial values. A Ref converts from Keras's
/// name ("accuracy" resolves by the shapes it meets, as in Keras) and from a function of (y_true, y_pred), whose mean
/// it is.
class Metric : public Configurable {
 public:
  /// A class's name ("MeanSquaredError"), the same in snake case, or an alias ("mse"), as Keras's metrics.get;
  /// "accuracy" and "acc". The metric is named as it was asked for. ValueError lists the names there are.
  static std::shared_ptr<Metric> from_name(std::string_view name);
  /// A fresh object of that class with its defaults; null if there is none.
  static std::shared_ptr<Metric> from_class_name(std::string_view class_name);
  /// The mean of the function's values; without a name it is called "mean_metric_wrapper". A named one can be saved;
  /// CustomObjects::add_metric gives it back.
  static std::shared_ptr<Metric> from_function(std::function<Tensor(Tensor, Tensor)> function, std::string name = "");

  /// Which way it improves, if known: what mode "auto" of a callback that monitors it asks.
  enum class Direction : std::uint8_t { none, down, up };
  virtual Direction direction() const { return Direction::none; }

  const std::string& name() const { return name_; }
  virtual void update_state(const Tensor& y_true, const Tensor& y_pred,
                            const std::optional<Tensor>& sample_weight = std::nullopt) = 0;
  virtual Tensor result() const = 0;
  const Variables& variables() const { return variables_; }
  /// The variables back to their initial values, at once.
  void reset_state();
  void describe(Fields& fields) override;

 protected:
  explicit Metric(std::string name);
  /// Non-trainable, of floatx; zeros unless the options say otherwise.
  Variable add_weight(std::string_view name, const Shape& shape = {}, WeightOptions options = {.initializer = "zeros"});

 private:
  std::string name_;
  Variables variables_;
};

namespace metrics {

struct MetricOptions {
  std::optional<std::string> name = std::nullopt;
};

/// The weighted mean of what it is given, over all batches: total / count, 0 before the first. A value of several axes
/// counts as the mean of its sample's. total and count are float64, where Keras has floatx: in float32 a count stands
/// still at 2^24.
class MeanMetric : public Metric {
 public:
  explicit MeanMetric(std::string name = "mean");
  std::string class_name() const override { return "Mean"; }
  /// value: a scalar, or one number or more per sample. sample_weight: of the value's leading axes.
  void update_state(const Tensor& value, const std::optional<Tensor>& sample_weight = std::nullopt);
  /// ValueError: a mean compares nothing. Derived metrics override it.
  void update_state(const Tensor& y_true, const Tensor& y_pred, const std::optional<Tensor>& sample_weight) override;
  /// float64.
  Tensor result() const override;

 private:
  Variable total_, count_;
};

/// Tracks a value: loss_tracker->update_state(loss).
Ref<MeanMetric> Mean(MetricOptions options = {});
/// The mean of a function's per-sample values.
Ref<Metric> MeanMetricWrapper(std::function<Tensor(Tensor, Tensor)> function, MetricOptions options = {});

// How often predictions are right. y_pred has the classes on its last axis; of equal scores the first is the
// prediction.

struct BinaryAccuracyOptions {
  std::optional<std::string> name = std::nullopt;
  double threshold = 0.5;  // predictions strictly above it are 1, the others 0
};
/// Every element counts: y_true of 0 and 1, y_pred of the same shape.
Ref<Metric> BinaryAccuracy(BinaryAccuracyOptions options = {});
/// y_true: one-hot rows or probabilities, of y_pred's shape.
Ref<Metric> CategoricalAccuracy(MetricOptions options = {});
/// y_true: class indices of any dtype, shaped as y_pred without its last axis, or with extent 1 there.
Ref<Metric> SparseCategoricalAccuracy(MetricOptions options = {});
/// The class counts as found if fewer than k scores are strictly larger than its own.
Ref<Metric> TopKCategoricalAccuracy(Count k = 5, MetricOptions options = {});
Ref<Metric> SparseTopKCategoricalAccuracy(Count k = 5, MetricOptions options = {});

// The means of the losses' per-sample values, whatever the reduction of the model's own loss.

Ref<Metric> MeanSquaredError(MetricOptions options = {});
Ref<Metric> MeanAbsoluteError(MetricOptions options = {});

struct CrossentropyOptions {
  std::optional<std::string> name = std::nullopt;
  bool from_logits = false;
  double label_smoothing = 0.0;
  int axis = -1;
};
Ref<Metric> BinaryCrossentropy(CrossentropyOptions options = {});
Ref<Metric> CategoricalCrossentropy(CrossentropyOptions options = {});
struct SparseCategoricalCrossentropyOptions {
  std::optional<std::string> name = std::nullopt;
  bool from_logits = false;
  int axis = -1;
};
Ref<Metric> SparseCategoricalCrossentropy(SparseCategoricalCrossentropyOptions options = {});

}  // namespace metrics
}  // namespace keratin
