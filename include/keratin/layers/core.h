// Dense, and the inputs of functional models.
#pragma once

#include <optional>
#include <string>

#include "keratin/activations.h"
#include "keratin/export.h"
#include "keratin/initializers.h"
#include "keratin/layer.h"
#include "keratin/regularizers.h"

namespace KERATIN_EXPORT keratin {
namespace layers {

struct DenseOptions {
  Ref<ActivationFunction> activation = "linear";
  bool use_bias = true;
  Ref<Initializer> kernel_initializer = "glorot_uniform";
  Ref<Initializer> bias_initializer = "zeros";
  std::optional<Ref<Regularizer>> kernel_regularizer = std::nullopt;
  std::optional<Ref<Regularizer>> bias_regularizer = std::nullopt;
  std::optional<Ref<Regularizer>> activity_regularizer = std::nullopt;  // of the output, divided by the batch's size
  std::optional<std::string> name = std::nullopt;
  std::optional<DTypePolicy> dtype = std::nullopt;
  bool trainable = true;
};
/// activation(x · kernel + bias) along the last axis.
/// Input  (batch, …, in)   Output (batch, …, units)
/// Weights: kernel (in, units), bias (units).
/// Throws ValueError unless units > 0, ShapeError if the last extent is not that of the first call.
Ref<Layer> Dense(Count units, DenseOptions options = {});

struct InputOptions {
  std::optional<DType> dtype = std::nullopt;  // none: floatx()
  std::optional<std::string> name = std::nullopt;
};
/// Where data enters a model: what Input() makes a tensor of. shape: of one sample, without the batch.
Ref<Layer> InputLayer(const Shape& shape, InputOptions options = {});

}  // namespace layers

/// A tensor for functional models to start from. shape: of one sample; the tensor's has the batch in front.
/// Throws ValueError if an extent is not known.
Tensor Input(const Shape& shape, layers::InputOptions options = {});

}  // namespace keratin
