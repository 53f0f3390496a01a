#include "ops/softmax_crossentropy.h"

#include <limits>

#include "base/check.h"
#include "ops/functions.h"

namespace keratin {
namespace {

constexpr CrossentropyResults gradient_alone{.loss = false, .gradient = true};

Tensor sum_of_row(const Tensor& x) { return ops::sum(x, {.axis = -1, .keepdims = true}); }

/// a + b, either of which may be unset.
Tensor plus(const Tensor& a, const Tensor& b) { return a && b ? a + b : (a ? a : b); }

}  // namespace

void CrossentropyOp::fields(FieldWriter& write) const {
  write("loss", results_.loss);
  write("gradient", results_.gradient);
  write("probabilities", results_.probabilities);
}

Specs CrossentropyOp::infer(std::span<const Spec> inputs) const {
  check_inputs(inputs);
  Specs out;
  if (results_.loss) out.push_back({inputs[0].dtype, inputs[0].shape.until(-1)});
  if (results_.gradient) out.push_back(inputs[0]);
  if (results_.probabilities) out.push_back(inputs[0]);
  return out;
}

Tensors CrossentropyOp::expand(std::span<const Tensor> in) const {
  const Tensor t = targets(in);
  Tensors out;
  if (results_.loss) out.push_back(-ops::sum(t * ops::log_softmax(in[0]), {.axis = -1}));
  if (results_.gradient) out.push_back(ops::softmax(in[0]) * sum_of_row(t) - t);
  if (results_.probabilities) out.push_back(ops::softmax(in[0]));
  return out;
}

Tensors CrossentropyOp::gradient(const GradientRequest& r) const {
  std::size_t next = 0;
  const auto arrived = [&](bool asked) { return asked ? r.output_gradients[next++] : Tensor(); };
  const Tensor at_loss = arrived(results_.loss), at_gradient = arrived(results_.gradient),
               at_probabilities = arrived(results_.probabilities);
  const Tensor &z = r.inputs[0], &y = r.inputs[1];
  const bool dense = is_floating(y.dtype());  // classes sum to 1
  Tensor dz, dy;
  if (at_loss) {
    const Tensor g = ops::expand_dims(at_loss, -1);
    if (r.wanted[0]) dz = g * apply_one(asked_for(gradient_alone), {z, y});
    if (r.wanted[1]) dy = g * -ops::log_softmax(z);
  }
  if (at_gradient || at_probabilities) {
    const Tensor p = ops::softmax(z);
    const Tensor g = plus(at_gradient && dense ? at_gradient * sum_of_row(y) : at_gradient, at_probabilities);
    if (r.wanted[0]) dz = plus(dz, p * (g - sum_of_row(g * p)));
    if (r.wanted[1] && at_gradient) dy = plus(dy, sum_of_row(at_gradient * p) - at_gradient);
  }
  return {dz, dy};
}

std::shared_ptr<const Op> SoftmaxCrossentropy::asked_for(CrossentropyResults results) const {
  return std::make_shared<SoftmaxCrossentropy>(results);
}

void SoftmaxCrossentropy::check_inputs(std::span<const Spec> inputs) const {
  check_shape(inputs[0] == inputs[1] && is_floating(inputs[0].dtype) && inputs[0].shape.rank() > 0,
              "expected logits and targets of one floating-point dtype and shape, got ", inputs[0], " and ", inputs[1]);
}

std::shared_ptr<const Op> SparseSoftmaxCrossentropy::asked_for(CrossentropyResults results) const {
  return std::make_shared<SparseSoftmaxCrossentropy>(results);
}

void SparseSoftmaxCrossentropy::check_inputs(std::span<const Spec> inputs) const {
  check_shape(is_floating(inputs[0].dtype) && inputs[0].shape.rank() > 0, "expected floating-point logits, got ",
              inputs[0]);
  check_shape(!is_floating(inputs[1].dtype) && inputs[1].shape == inputs[0].shape.until(-1),
              "expected integer classes of shape ", inputs[0].shape.until(-1), ", got ", inputs[1]);
}

/// NaN rows where the class does not exist, so that the loss shows it.
Tensor SparseSoftmaxCrossentropy::targets(std::span<const Tensor> in) const {
  const std::int64_t count = in[0].shape().back();
  const Tensor hot = ops::one_hot(in[1], count, in[0].dtype());
  const Tensor not_below = ops::greater_equal(in[1], 0.0), below = ops::less(in[1], static_cast<double>(count));
  const Tensor legal = ops::logical_and(not_below, below);
  const Tensor not_a_number = scalar(std::numeric_limits<double>::quiet_NaN(), in[0].dtype());
  return ops::where(ops::expand_dims(legal, -1), hot, not_a_number);
}

}  // namespace keratin
