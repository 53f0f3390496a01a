// Activation functions: keras.activations.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "keratin/export.h"
#include "keratin/fields.h"
#include "keratin/ops.h"
#include "keratin/ref.h"
#include "keratin/tensor.h"

namespace KERATIN_EXPORT keratin {

/// An elementwise (or last-axis) function of a tensor. A Ref converts from Keras's name and from a function of tensors.
class ActivationFunction : public Configurable {
 public:
  virtual Tensor operator()(const Tensor& x) const = 0;
  /// "relu"; "" for a function of the user's that has no name.
  virtual std::string name() const = 0;
  /// ValueError that lists the names there are.
  static std::shared_ptr<ActivationFunction> from_name(std::string_view name);
  /// A named one can be saved; CustomObjects::add_activation gives it back.
  static std::shared_ptr<ActivationFunction> from_function(std::function<Tensor(Tensor)> function,
                                                           std::string name = "");
};

/// The functions themselves. Integers are taken as float32, except by linear and relu. With arguments of your own they
/// are an activation by a lambda: .activation = [](Tensor x) { return activations::relu(x, {.max_value = 6.0}); }.
namespace activations {

struct ReluOptions {
  double negative_slope = 0.0;                     // below the threshold: negative_slope · (x − threshold)
  std::optional<double> max_value = std::nullopt;  // none: unbounded
  double threshold = 0.0;
};
struct LeakyReluOptions {
  double negative_slope = 0.2;  // 0.3 in the layer LeakyReLU, as in Keras
};
struct AlphaOptions {
  double alpha = 1.0;
};
struct GeluOptions {
  bool approximate = false;  // by tanh instead of erf
};
struct ShrinkOptions {
  double threshold = 0.5;
};
struct SquareplusOptions {
  double b = 4.0;
};

Tensor linear(const Tensor& x);
Tensor relu(const Tensor& x, ReluOptions options = {});
Tensor leaky_relu(const Tensor& x, LeakyReluOptions options = {});
Tensor relu6(const Tensor& x);                           // min(relu(x), 6)
Tensor elu(const Tensor& x, AlphaOptions options = {});  // x > 0: x, else α(eˣ − 1)
Tensor selu(const Tensor& x);
Tensor celu(const Tensor& x, AlphaOptions options = {});        // x > 0: x, else α(e^(x/α) − 1)
Tensor gelu(const Tensor& x, GeluOptions options = {});         // x · Φ(x)
Tensor silu(const Tensor& x);                                   // x · sigmoid(x); also "swish"
Tensor hard_silu(const Tensor& x);                              // also "hard_swish"
Tensor mish(const Tensor& x);                                   // x · tanh(softplus(x))
Tensor glu(const Tensor& x, ops::OneAxisOptions options = {});  // a · sigmoid(b) of x's two halves along the axis
Tensor sigmoid(const Tensor& x);
Tensor hard_sigmoid(const Tensor& x);    // clip(x/6 + 0.5, 0, 1): Keras 3's
Tensor sparse_sigmoid(const Tensor& x);  // clip((x + 1)/2, 0, 1)
Tensor log_sigmoid(const Tensor& x);
Tensor tanh(const Tensor& x);
Tensor hard_tanh(const Tensor& x);    // clip(x, −1, 1)
Tensor tanh_shrink(const Tensor& x);  // x − tanh(x)
Tensor exponential(const Tensor& x);
Tensor softplus(const Tensor& x);
Tensor sparse_plus(const Tensor& x);                                 // 0 up to −1, (x + 1)²/4 between, x from 1 on
Tensor squareplus(const Tensor& x, SquareplusOptions options = {});  // (x + √(x² + b))/2
Tensor softsign(const Tensor& x);                                    // x/(1 + |x|)
Tensor soft_shrink(const Tensor& x, ShrinkOptions options = {});     // towards 0 by the threshold, at most to 0
Tensor hard_shrink(const Tensor& x, ShrinkOptions options = {});     // 0 where |x| ≤ threshold
Tensor threshold(const Tensor& x, double threshold, double default_value);  // x where above, else the default
Tensor softmax(const Tensor& x, ops::OneAxisOptions options = {});
Tensor log_softmax(const Tensor& x, ops::OneAxisOptions options = {});
/// The point of the simplex nearest to x along the axis: Martins, Astudillo 2016.
Tensor sparsemax(const Tensor& x, ops::OneAxisOptions options = {});

}  // namespace activations
}  // namespace keratin
