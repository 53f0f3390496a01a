// Activation functions as layers. Output shapes are the inputs'.
#pragma once

#include <optional>
#include <string>

#include "keratin/activations.h"
#include "keratin/export.h"
#include "keratin/layer.h"

namespace KERATIN_EXPORT keratin {
namespace layers {

struct ActivationOptions {
  std::optional<std::string> name = std::nullopt;
  std::optional<DTypePolicy> dtype = std::nullopt;
  bool trainable = true;
};
/// Any activation by its name or as a function: Activation("tanh").
Ref<Layer> Activation(Ref<ActivationFunction> activation, ActivationOptions options = {});

struct ReLUOptions {
  std::optional<double> max_value = std::nullopt;  // none: unbounded
  double negative_slope = 0.0;
  double threshold = 0.0;
  std::optional<std::string> name = std::nullopt;
  std::optional<DTypePolicy> dtype = std::nullopt;
  bool trainable = true;
};
/// activations::relu. Throws ValueError if an option is negative.
Ref<Layer> ReLU(ReLUOptions options = {});

struct LeakyReLUOptions {
  double negative_slope = 0.3;  // the function's is 0.2, in Keras too
  std::optional<std::string> name = std::nullopt;
  std::optional<DTypePolicy> dtype = std::nullopt;
  bool trainable = true;
};
/// Throws ValueError if the slope is negative.
Ref<Layer> LeakyReLU(LeakyReLUOptions options = {});

struct SoftmaxOptions {
  int axis = -1;
  std::optional<std::string> name = std::nullopt;
  std::optional<DTypePolicy> dtype = std::nullopt;
  bool trainable = true;
};
/// Along the axis; what a mask that broadcasts to the input hides becomes 0.
Ref<Layer> Softmax(SoftmaxOptions options = {});

}  // namespace layers
}  // namespace keratin
