// Losses: keras.losses.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "keratin/export.h"
#include "keratin/fields.h"
#include "keratin/ref.h"
#include "keratin/tensor.h"

namespace KERATIN_EXPORT keratin {

/// How per-sample values become one: Keras's names. sum_over_batch_size divides by the number of values, weights or not.
enum class LossReduction { sum_over_batch_size, sum, none, mean_with_sample_weight };
std::string to_string(LossReduction reduction);
LossReduction loss_reduction_from_name(std::string_view name);

/// What training makes small. Authors override call(); the reduction and the weights are here once. A Ref converts from Keras's
/// name and from a function of (y_true, y_pred).
class Loss : public Configurable {
 public:
  static std::shared_ptr<Loss> from_name(std::string_view name);
  /// A fresh object of that class with its defaults; null if there is none.
  static std::shared_ptr<Loss> from_class_name(std::string_view class_name);
  static std::shared_ptr<Loss> from_function(std::function<Tensor(Tensor, Tensor)> function);

  /// The reduced loss: a scalar, unless the reduction is none. sample_weight broadcasts to the per-sample values. y_true is
  /// cast to y_pred's dtype where that is floating-point and y_true is not a class index.
  Tensor operator()(const Tensor& y_true, const Tensor& y_pred, const std::optional<Tensor>& sample_weight = std::nullopt) const;
  /// Per-sample values: one for each element of y_pred without its last axis.
  virtual Tensor call(const Tensor& y_true, const Tensor& y_pred) const = 0;
  const std::string& name() const { return name_; }
  LossReduction reduction() const { return reduction_; }
  void describe(Fields& fields) override;

 protected:
  explicit Loss(std::string name = "", LossReduction reduction = LossReduction::sum_over_batch_size);

 private:
  std::string name_;
  LossReduction reduction_;
};

}  // namespace keratin
