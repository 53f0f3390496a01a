// The activation functions of Keras 3 as compositions of ops, and the table of their names.
// Where a formula has a kink, the gradient there is JAX's; no branch that is not taken may overflow, or its gradient is
// NaN.
#include "keratin/activations.h"

#include <array>
#include <cmath>
#include <numbers>

#include "base/check.h"

namespace keratin {
namespace activations {
namespace {

Tensor floating(const Tensor& x) { return is_floating(x.dtype()) ? x : ops::cast(x, float32); }

/// relu with a slope below its threshold, an upper bound, or both.
Tensor bent_relu(const Tensor& x, const ReluOptions& options) {
  Tensor positive = options.threshold == 0.0 ? ops::relu(x) : ops::where(ops::greater(x, options.threshold), x, 0.0);
  if (options.max_value) positive = ops::clip(positive, 0.0, *options.max_value);
  if (options.negative_slope == 0.0) return positive;
  return positive - options.negative_slope * ops::relu(options.threshold - x);
}

}  // namespace

Tensor linear(const Tensor& x) { return x; }

Tensor relu(const Tensor& x, ReluOptions options) {
  if (options.negative_slope == 0.0 && options.threshold == 0.0 && !options.max_value) return ops::relu(x);
  if (options.threshold == 0.0 && !options.max_value) return leaky_relu(x, {.negative_slope = options.negative_slope});
  return bent_relu(floating(x), options);
}

Tensor leaky_relu(const Tensor& x, LeakyReluOptions options) {
  const Tensor a = floating(x);
  const Tensor positive = ops::greater(a, 0.0);
  return ops::where(positive, a, a * options.negative_slope);
}

Tensor relu6(const Tensor& x) { return ops::minimum(ops::relu(floating(x)), 6.0); }

Tensor elu(const Tensor& x, AlphaOptions options) {
  const Tensor a = floating(x), positive = ops::greater(a, 0.0);
  return ops::where(positive, a, options.alpha * ops::expm1(ops::where(positive, 0.0, a)));
}

Tensor selu(const Tensor& x) {  // Klambauer et al. 2017, equation 14
  constexpr double alpha = 1.6732632423543772848170429916717, scale = 1.0507009873554804934193349852946;
  return scale * elu(x, {.alpha = alpha});
}

Tensor celu(const Tensor& x, AlphaOptions options) {
  check_argument(options.alpha != 0.0, "celu: expected alpha other than 0, got 0");
  const Tensor a = floating(x), positive = ops::greater(a, 0.0);
  return ops::where(positive, a, options.alpha * ops::expm1(ops::where(positive, 0.0, a) / options.alpha));
}

Tensor gelu(const Tensor& x, GeluOptions options) {  // Hendrycks, Gimpel 2016
  const Tensor a = floating(x);
  const Tensor half = 0.5 * a;
  if (!options.approximate) return half * (1.0 + ops::erf(a * (0.5 * std::numbers::sqrt2)));
  const double root = std::sqrt(2.0 * std::numbers::inv_pi);
  const Tensor little = 0.044715 * a;
  return half * (1.0 + ops::tanh(root * (a + little * ops::square(a))));
}

Tensor silu(const Tensor& x) {
  const Tensor a = floating(x);
  return a * ops::sigmoid(a);
}

Tensor hard_silu(const Tensor& x) {
  const Tensor a = floating(x);
  return a * hard_sigmoid(a);
}

Tensor mish(const Tensor& x) {
  const Tensor a = floating(x);
  return a * ops::tanh(ops::softplus(a));
}

Tensor glu(const Tensor& x, ops::OneAxisOptions options) {  // Dauphin et al. 2017
  const auto [a, b] = ops::split(floating(x), 2, {.axis = options.axis}).unpack<2>();
  return a * ops::sigmoid(b);
}

Tensor sigmoid(const Tensor& x) { return ops::sigmoid(x); }
Tensor hard_sigmoid(const Tensor& x) { return relu6(x + 3.0) / 6.0; }
Tensor sparse_sigmoid(const Tensor& x) { return ops::clip(0.5 * (floating(x) + 1.0), 0.0, 1.0); }
Tensor log_sigmoid(const Tensor& x) { return -ops::softplus(-floating(x)); }
Tensor tanh(const Tensor& x) { return ops::tanh(x); }
Tensor hard_tanh(const Tensor& x) { return ops::clip(floating(x), -1.0, 1.0); }

Tensor tanh_shrink(const Tensor& x) {
  const Tensor a = floating(x);
  return a - ops::tanh(a);
}

Tensor exponential(const Tensor& x) { return ops::exp(x); }
Tensor softplus(const Tensor& x) { return ops::softplus(x); }

Tensor sparse_plus(const Tensor& x) {
  const Tensor a = floating(x);
  const Tensor flat = ops::less_equal(a, -1.0);
  const Tensor below_one = ops::where(flat, 0.0, 0.25 * ops::square(a + 1.0));
  return ops::where(ops::less(a, 1.0), below_one, a);
}

Tensor squareplus(const Tensor& x, SquareplusOptions options) {  // Barron 2021
  check_argument(options.b >= 0.0, "squareplus: expected b >= 0, got ", options.b);
  const Tensor a = floating(x);
  return (a + ops::sqrt(ops::square(a) + options.b)) * 0.5;
}

Tensor softsign(const Tensor& x) {
  const Tensor a = floating(x);
  return a / (ops::abs(a) + 1.0);
}

Tensor soft_shrink(const Tensor& x, ShrinkOptions options) {
  const Tensor a = floating(x);
  const Tensor outside = ops::greater(ops::abs(a), options.threshold);
  return ops::where(outside, a - ops::sign(a) * options.threshold, 0.0);
}

Tensor hard_shrink(const Tensor& x, ShrinkOptions options) {
  const Tensor a = floating(x);
  return ops::where(ops::greater(ops::abs(a), options.threshold), a, 0.0);
}

Tensor threshold(const Tensor& x, double threshold, double default_value) {
  const Tensor a = floating(x);
  return ops::where(ops::greater(a, threshold), a, default_value);
}

Tensor softmax(const Tensor& x, ops::OneAxisOptions options) { return ops::softmax(x, options); }
Tensor log_softmax(const Tensor& x, ops::OneAxisOptions options) { return ops::log_softmax(x, options); }

Tensor sparsemax(const Tensor& x, ops::OneAxisOptions options) {
  // max(x − τ, 0) where τ makes the sum 1. Of the paper's proposition 1 the support without a sort: x_i is in it
  // exactly if Σ_j max(x_j − x_i, 0) < 1, as 1 + k·x_(k) > Σ_{j≤k} x_(j) says with x_(k) = x_i.
  const Tensor a = floating(x);
  const int rank = a.shape().rank(), axis = options.axis < 0 ? options.axis + rank : options.axis;
  const Tensor shifted = a - ops::stop_gradient(ops::max(a, {.axis = options.axis, .keepdims = true}));
  const Tensor others = ops::expand_dims(shifted, axis), own = ops::expand_dims(shifted, axis + 1);
  const Tensor lead = ops::relu(others - own);  // (…, i, j, …)
  const Tensor support = ops::cast(ops::less(ops::sum(lead, {.axis = axis + 1}), 1.0), a.dtype());
  const ops::AxisOptions along{.axis = axis, .keepdims = true};
  const Tensor excess = ops::sum(shifted * support, along) - 1.0, count = ops::sum(support, along);
  const Tensor tau = excess / count;
  return ops::relu(shifted - tau);
}

}  // namespace activations

namespace {

using Function = Tensor (*)(const Tensor&);

struct Row {
  std::string_view name;
  Function function;
};

/// Keras's aliases (swish, hard_swish) keep their own name, as a file of Keras that says "swish" does.
constexpr std::array rows{
    Row{"celu", [](const Tensor& x) { return activations::celu(x); }},
    Row{"elu", [](const Tensor& x) { return activations::elu(x); }},
    Row{"exponential", activations::exponential},
    Row{"gelu", [](const Tensor& x) { return activations::gelu(x); }},
    Row{"glu", [](const Tensor& x) { return activations::glu(x); }},
    Row{"hard_shrink", [](const Tensor& x) { return activations::hard_shrink(x); }},
    Row{"hard_sigmoid", activations::hard_sigmoid},
    Row{"hard_silu", activations::hard_silu},
    Row{"hard_swish", activations::hard_silu},
    Row{"hard_tanh", activations::hard_tanh},
    Row{"leaky_relu", [](const Tensor& x) { return activations::leaky_relu(x); }},
    Row{"linear", activations::linear},
    Row{"log_sigmoid", activations::log_sigmoid},
    Row{"log_softmax", [](const Tensor& x) { return activations::log_softmax(x); }},
    Row{"mish", activations::mish},
    Row{"relu", [](const Tensor& x) { return activations::relu(x); }},
    Row{"relu6", activations::relu6},
    Row{"selu", activations::selu},
    Row{"sigmoid", activations::sigmoid},
    Row{"silu", activations::silu},
    Row{"soft_shrink", [](const Tensor& x) { return activations::soft_shrink(x); }},
    Row{"softmax", [](const Tensor& x) { return activations::softmax(x); }},
    Row{"softplus", activations::softplus},
    Row{"softsign", activations::softsign},
    Row{"sparse_plus", activations::sparse_plus},
    Row{"sparse_sigmoid", activations::sparse_sigmoid},
    Row{"sparsemax", [](const Tensor& x) { return activations::sparsemax(x); }},
    Row{"squareplus", [](const Tensor& x) { return activations::squareplus(x); }},
    Row{"swish", activations::silu},
    Row{"tanh", activations::tanh},
    Row{"tanh_shrink", activations::tanh_shrink},
};

class NamedActivation final : public ActivationFunction {
 public:
  explicit NamedActivation(const Row& row) : row_(row) {}
  Tensor operator()(const Tensor& x) const override { return row_.function(x); }
  std::string name() const override { return std::string(row_.name); }
  std::string class_name() const override { return name(); }

 private:
  const Row& row_;
};

class CustomActivation final : public ActivationFunction {
 public:
  CustomActivation(std::function<Tensor(Tensor)> function, std::string name)
      : function_(std::move(function)), name_(std::move(name)) {}
  Tensor operator()(const Tensor& x) const override { return function_(x); }
  std::string name() const override { return name_; }
  std::optional<std::string> function_name() const override { return name_; }

 private:
  std::function<Tensor(Tensor)> function_;
  std::string name_;
};

}  // namespace

std::shared_ptr<ActivationFunction> ActivationFunction::from_name(std::string_view name) {
  for (const Row& row : rows)
    if (row.name == name) return std::make_shared<NamedActivation>(row);
  check_argument(
      name != "threshold",
      "activation: threshold has arguments without defaults; pass a function that calls activations::threshold");
  std::vector<std::string_view> names;
  names.reserve(std::size(rows));
  for (const Row& row : rows) names.push_back(row.name);
  throw ValueError(concat("activation: expected one of ", join(names, ", "), ", got \"", name, "\""));
}

std::shared_ptr<ActivationFunction> ActivationFunction::from_function(std::function<Tensor(Tensor)> function,
                                                                      std::string name) {
  check_argument(static_cast<bool>(function), "activation: expected a function, got an empty one");
  return std::make_shared<CustomActivation>(std::move(function), std::move(name));
}

}  // namespace keratin
