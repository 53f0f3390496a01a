// Losses of numbers: mean squared and mean absolute error.
#include <utility>

#include "base/check.h"
#include "graph/spec.h"
#include "keratin/losses.h"
#include "ops/functions.h"
#include "ops/weighting.h"

namespace keratin {
namespace {

/// y_true - y_pred; both have one rank, and broadcast as Keras lets them.
Tensor error_of(const char* who, const Tensor& y_true, const Tensor& y_pred) {
  const auto [target, prediction] = to_same_rank(cast_to(y_true, y_pred.dtype()), y_pred);
  try {
    broadcast_shapes(target.shape(), prediction.shape());
  } catch (const ShapeError&) {
    throw ShapeError(concat(who, ": expected targets of shape ", y_pred.shape(), ", got ", y_true.shape(),
                            "; y has to be shaped as the model's output"));
  }
  return target - prediction;
}

class RegressionLoss final : public Loss {
 public:
  using Function = Tensor (*)(const Tensor&, const Tensor&);
  RegressionLoss(const char* class_name, std::string name, LossReduction reduction, Function function)
      : Loss(std::move(name), reduction), class_name_(class_name), function_(function) {}
  std::string class_name() const override { return class_name_; }
  Tensor call(const Tensor& y_true, const Tensor& y_pred) const override { return function_(y_true, y_pred); }

 private:
  const char* class_name_;
  Function function_;
};

}  // namespace

namespace losses {

Tensor mean_squared_error(const Tensor& y_true, const Tensor& y_pred) {
  return ops::mean(ops::square(error_of("mean_squared_error", y_true, y_pred)), {.axis = -1});
}

Tensor mean_absolute_error(const Tensor& y_true, const Tensor& y_pred) {
  return ops::mean(ops::abs(error_of("mean_absolute_error", y_true, y_pred)), {.axis = -1});
}

Ref<Loss> MeanSquaredError(LossOptions options) {
  return std::make_shared<RegressionLoss>("MeanSquaredError", options.name.value_or("mean_squared_error"),
                                          options.reduction, mean_squared_error);
}

Ref<Loss> MeanAbsoluteError(LossOptions options) {
  return std::make_shared<RegressionLoss>("MeanAbsoluteError", options.name.value_or("mean_absolute_error"),
                                          options.reduction, mean_absolute_error);
}

}  // namespace losses
}  // namespace keratin
