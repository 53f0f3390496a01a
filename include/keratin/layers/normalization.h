// Layers that keep numbers in a range that trains well. Output shapes are the inputs'.
#pragma once

#include <optional>
#include <string>

#include "keratin/export.h"
#include "keratin/initializers.h"
#include "keratin/layer.h"
#include "keratin/regularizers.h"

namespace KERATIN_EXPORT keratin {
namespace layers {

struct BatchNormalizationOptions {
  int axis = -1;           // the channels': statistics are over all other axes
  double momentum = 0.99;  // of the moving statistics
  double epsilon = 1e-3;   // added to the variance
  bool center = true;      // whether there is a beta
  bool scale = true;       // whether there is a gamma
  Ref<Initializer> beta_initializer = "zeros";
  Ref<Initializer> gamma_initializer = "ones";
  Ref<Initializer> moving_mean_initializer = "zeros";
  Ref<Initializer> moving_variance_initializer = "ones";
  std::optional<Ref<Regularizer>> beta_regularizer = std::nullopt;
  std::optional<Ref<Regularizer>> gamma_regularizer = std::nullopt;
  std::optional<std::string> name = std::nullopt;
  std::optional<DTypePolicy> dtype = std::nullopt;
  bool trainable = true;
};
/// gamma · (x − mean) / √(variance + epsilon) + beta (Ioffe and Szegedy 2015, arXiv:1502.03167). While training with
/// the batch's mean and biased variance, which also move the moving ones: moving · momentum + batch · (1 − momentum).
/// Otherwise, and always where trainable is false, with the moving ones. Where there is a mask, of the shape of the
/// input without its last axis, what it leaves out has no part in the statistics.
/// Weights: gamma (c), beta (c), moving_mean (c), moving_variance (c); the last two do not train. In float32 at least.
/// Throws ValueError unless momentum is in [0, 1] and epsilon at least 0, ShapeError for an input that has no such axis
/// or nothing along it, or another rank or extent there than the first call's, and for a mask of another rank than the
/// input's without its last axis.
Ref<Layer> BatchNormalization(BatchNormalizationOptions options = {});

}  // namespace layers
}  // namespace keratin
