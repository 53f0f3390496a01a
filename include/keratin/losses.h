// Losses: keras.losses.
#pragma once

#include <cstdint>
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

class Array;

/// How per-sample values become one: Keras's names. sum_over_batch_size divides by the number of values, weights or
/// not; mean_with_sample_weight by the sum of the weights, and is the former without weights.
enum class LossReduction : std::uint8_t { sum_over_batch_size, sum, none, mean_with_sample_weight };
std::string to_string(LossReduction reduction);
/// Also Keras's "mean", another name of sum_over_batch_size. ValueError lists the names there are.
LossReduction loss_reduction_from_name(std::string_view name);

/// What training makes small. Authors override call(); the reduction and the weights are here once. A Ref converts from
/// Keras's name and from a function of (y_true, y_pred).
class Loss : public Configurable {
 public:
  /// A function's name ("mean_squared_error"), its alias ("mse") or a class's ("MeanSquaredError"), as Keras's
  /// losses.get. The loss is named as it was asked for. ValueError lists the names there are.
  static std::shared_ptr<Loss> from_name(std::string_view name);
  /// A fresh object of that class with its defaults; null if there is none.
  static std::shared_ptr<Loss> from_class_name(std::string_view class_name);
  /// The function gives per-sample values. (n) and (n, 1) meet as in Keras before it sees them. A named one can be
  /// saved; CustomObjects::add_loss gives it back.
  static std::shared_ptr<Loss> from_function(std::function<Tensor(Tensor, Tensor)> function, std::string name = "");

  /// The reduced loss: a scalar, unless the reduction is none. sample_weight broadcasts to the per-sample values, after
  /// a last axis of extent 1 was dropped or added to fit; a mask of y_pred, and the loss's own, take part as weights.
  /// y_true is cast to y_pred's dtype where that is floating-point and y_true is not a class index.
  Tensor operator()(const Tensor& y_true, const Tensor& y_pred,
                    const std::optional<Tensor>& sample_weight = std::nullopt) const;
  /// Per-sample values: one for each element of y_pred without its last axis.
  virtual Tensor call(const Tensor& y_true, const Tensor& y_pred) const = 0;
  /// Looks at targets before they train a model whose output has the shape y_pred, batch in front. DataError for
  /// numbers that cannot be meant.
  virtual void check_targets(const Array& y_true, const Shape& y_pred) const;
  const std::string& name() const { return name_; }
  LossReduction reduction() const { return reduction_; }
  void describe(Fields& fields) override;

 protected:
  explicit Loss(std::string name = "", LossReduction reduction = LossReduction::sum_over_batch_size);
  /// Which of call()'s values count: boolean, of their shape; unset: all. The others weigh nothing, nor do they in a
  /// mean.
  virtual std::optional<Tensor> compute_mask(const Tensor& y_true, const Tensor& y_pred) const;
  /// True if y_true holds class indices, which keep their dtype.
  virtual bool takes_classes() const { return false; }

 private:
  std::string name_;
  LossReduction reduction_;
};

namespace losses {

struct LossOptions {
  LossReduction reduction = LossReduction::sum_over_batch_size;
  std::optional<std::string> name = std::nullopt;
};

/// Of BinaryCrossentropy and CategoricalCrossentropy.
struct CrossentropyOptions {
  bool from_logits = false;      // y_pred is what goes into a sigmoid (softmax), not what comes out
  double label_smoothing = 0.0;  // in [0, 1]: how much of the targets is spread over all classes
  int axis = -1;                 // categorical: the classes'; binary: the mean's
  LossReduction reduction = LossReduction::sum_over_batch_size;
  std::optional<std::string> name = std::nullopt;
  bool clip_probabilities = false;  // see below
};

struct SparseCategoricalCrossentropyOptions {
  bool from_logits = false;
  std::optional<std::int64_t> ignore_class = std::nullopt;  // samples of this class do not count
  LossReduction reduction = LossReduction::sum_over_batch_size;
  int axis = -1;
  std::optional<std::string> name = std::nullopt;
  bool clip_probabilities = false;
};

/// Mean of (y_true - y_pred)² over the last axis.
Ref<Loss> MeanSquaredError(LossOptions options = {});
/// Mean of |y_true - y_pred| over the last axis.
Ref<Loss> MeanAbsoluteError(LossOptions options = {});

// The crossentropies of probabilities. Keras's backends differ, and so does clip_probabilities.
//
// false, as Keras on TensorFlow: where a Sigmoid (a Softmax along `axis`) made y_pred, the loss is computed from what
// went into it, exactly and with a gradient however sure the prediction is; from_logits makes no difference then. Any
// other y_pred is clipped to [1e-7, 1 - 1e-7]; the sparse loss then takes the logarithms for logits, so that it
// normalises after clipping, and with ignore_class it does not look for a Softmax.
//
// true, as Keras on JAX, PyTorch and NumPy: y_pred is divided by its sum along `axis` (binary: is not) and clipped,
// whatever made it. No sample's loss exceeds -log 1e-7 = 16.1, and beyond that no gradient flows.

/// Mean over `axis` of -(y log p + (1 - y) log(1 - p)). y_true and y_pred have one shape; targets lie in [0, 1].
Ref<Loss> BinaryCrossentropy(CrossentropyOptions options = {});
/// -Σ y log p along `axis`. y_true and y_pred have one shape: targets are probabilities, one-hot rows for instance.
/// Smoothing divides by the extent of `axis`; Keras by that of the last axis, which is another one only if `axis` is
/// not the last.
Ref<Loss> CategoricalCrossentropy(CrossentropyOptions options = {});
/// -log p of the true class along `axis`. y_true: indices of any dtype, shaped as y_pred without `axis`, or with extent
/// 1 there. The loss of a class that does not exist is NaN.
Ref<Loss> SparseCategoricalCrossentropy(SparseCategoricalCrossentropyOptions options = {});

// The same, per sample and without weights: keras.losses.mean_squared_error and so on. y_true is cast to y_pred's
// dtype.

struct CrossentropyForm {
  bool from_logits = false;
  double label_smoothing = 0.0;
  int axis = -1;
  bool clip_probabilities = false;
};
struct SparseCrossentropyForm {
  bool from_logits = false;
  std::optional<std::int64_t> ignore_class = std::nullopt;  // its samples' values are 0
  int axis = -1;
  bool clip_probabilities = false;
};
Tensor mean_squared_error(const Tensor& y_true, const Tensor& y_pred);
Tensor mean_absolute_error(const Tensor& y_true, const Tensor& y_pred);
Tensor binary_crossentropy(const Tensor& y_true, const Tensor& y_pred, CrossentropyForm form = {});
Tensor categorical_crossentropy(const Tensor& y_true, const Tensor& y_pred, CrossentropyForm form = {});
Tensor sparse_categorical_crossentropy(const Tensor& y_true, const Tensor& y_pred, SparseCrossentropyForm form = {});

}  // namespace losses
}  // namespace keratin
