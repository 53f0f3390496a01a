// For the tests of authors of layers, losses and other functions of tensors: gradients checked against differences.
#pragma once

#include <concepts>
#include <cstdint>
#include <functional>
#include <vector>

#include "keratin/array.h"
#include "keratin/export.h"
#include "keratin/layer.h"
#include "keratin/ref.h"
#include "keratin/tensor.h"

namespace KERATIN_EXPORT keratin {
namespace testing {

struct GradientCheckOptions {
  bool training = false;  // for layers
  double epsilon = 1e-6;  // the step of the differences
  double tolerance = 1e-6;
  std::uint64_t seed = 1;  // of the direction and of the outputs' weights
};
/// The derivative of a weighted sum of the outputs along one random direction of the inputs.
struct GradientCheck {
  double by_gradient = 0.0;
  double by_differences = 0.0;  // central: (f(x + εd) − f(x − εd)) / 2ε
  double error = 0.0;           // their difference relative to Σ |gradient · direction|
};

/// Throws Error, with the numbers, if the error exceeds the tolerance. Inputs: float64, where the function has no kink
/// (ValueError for float32: no ε suits it), or integers and booleans, which stay.
GradientCheck check_gradient(const std::function<Tensors(const Tensors&)>& function, const std::vector<Array>& inputs,
                             GradientCheckOptions options = {});

GradientCheck check_layer_gradient(const Ref<Layer>& layer, const std::vector<Array>& inputs,
                                   GradientCheckOptions options);
/// The same for a layer and all its trainable weights, which keep their values. The inputs have the batch in front; the
/// layer is of dtype float64: make it under set_floatx(float64) or with the option dtype.
template <std::derived_from<Layer> L>
GradientCheck check_gradient(const Ref<L>& layer, const std::vector<Array>& inputs, GradientCheckOptions options = {}) {
  return check_layer_gradient(layer, inputs, options);
}

}  // namespace testing
}  // namespace keratin
