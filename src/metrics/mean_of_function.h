// MeanOfFunction: the metric that most metrics are, the mean of a function's per-sample values.
#pragma once

#include <optional>
#include <string>

#include "keratin/metrics.h"

namespace KERATIN_INTERNAL_EXPORT keratin {

class MeanOfFunction : public metrics::MeanMetric {
 public:
  using metrics::MeanMetric::MeanMetric;
  /// y_pred's mask, if a layer left one, takes part in the weights.
  void update_state(const Tensor& y_true, const Tensor& y_pred, const std::optional<Tensor>& sample_weight) final;

 protected:
  virtual Tensor values(const Tensor& y_true, const Tensor& y_pred) const = 0;
};

/// Of a plain function, for metrics without options.
class PlainMetric final : public MeanOfFunction {
 public:
  using Function = Tensor (*)(const Tensor&, const Tensor&);
  PlainMetric(const char* class_name, std::string name, Direction direction, Function function)
      : MeanOfFunction(std::move(name)), class_name_(class_name), direction_(direction), function_(function) {}
  std::string class_name() const override { return class_name_; }
  Direction direction() const override { return direction_; }

 protected:
  Tensor values(const Tensor& y_true, const Tensor& y_pred) const override { return function_(y_true, y_pred); }

 private:
  const char* class_name_;
  Direction direction_;
  Function function_;
};

}  // namespace keratin
