#include "ops/softmax_crossentropy.h"

#include <limits>

#include "base/check.h"
#include "ops/functions.h"

namespace keratin {
namespace {

/// 1 where the class is the column, (…, c); NaN rows where the class does not exist, so that the loss shows it.
Tensor classes_as_targets(const Tensor& classes, const Tensor& logits) {
  const std::int64_t count = logits.shape().back();
  const Tensor hot = ops::one_hot(classes, count, logits.dtype());
  const Tensor not_below = ops::greater_equal(classes, 0.0), below = ops::less(classes, static_cast<double>(count));
  const Tensor legal = ops::logical_and(not_below, below);
  const Tensor not_a_number = scalar(std::numeric_limits<double>::quiet_NaN(), logits.dtype());
  return ops::where(ops::expand_dims(legal, -1), hot, not_a_number);
}

}  // namespace

Specs SoftmaxCrossentropy::infer(std::span<const Spec> inputs) const {
  check_shape(inputs[0] == inputs[1] && is_floating(inputs[0].dtype) && inputs[0].shape.rank() > 0,
              "expected logits and targets of one floating-point dtype and shape, got ", inputs[0], " and ", inputs[1]);
  return {{inputs[0].dtype, inputs[0].shape.until(-1)}};
}

Tensors SoftmaxCrossentropy::expand(std::span<const Tensor> in) const {
  return {-ops::sum(in[1] * ops::log_softmax(in[0]), {.axis = -1})};
}

Tensors SoftmaxCrossentropy::gradient(const GradientRequest& r) const {
  const Tensor &z = r.inputs[0], &y = r.inputs[1];
  const Tensor g = ops::expand_dims(r.output_gradients[0], -1);
  Tensor dz, dy;
  if (r.wanted[0]) {
    const Tensor p = ops::softmax(z), total = ops::sum(y, {.axis = -1, .keepdims = true});
    dz = g * (p * total - y);
  }
  if (r.wanted[1]) dy = g * -ops::log_softmax(z);
  return {dz, dy};
}

Specs SparseSoftmaxCrossentropy::infer(std::span<const Spec> inputs) const {
  check_shape(is_floating(inputs[0].dtype) && inputs[0].shape.rank() > 0, "expected floating-point logits, got ",
              inputs[0]);
  check_shape(!is_floating(inputs[1].dtype) && inputs[1].shape == inputs[0].shape.until(-1),
              "expected integer classes of shape ", inputs[0].shape.until(-1), ", got ", inputs[1]);
  return {{inputs[0].dtype, inputs[1].shape}};
}

Tensors SparseSoftmaxCrossentropy::expand(std::span<const Tensor> in) const {
  const Tensor targets = classes_as_targets(in[1], in[0]), logarithms = ops::log_softmax(in[0]);
  return {-ops::sum(targets * logarithms, {.axis = -1})};
}

Tensors SparseSoftmaxCrossentropy::gradient(const GradientRequest& r) const {
  const Tensor g = ops::expand_dims(r.output_gradients[0], -1);
  const Tensor p = ops::softmax(r.inputs[0]), targets = classes_as_targets(r.inputs[1], r.inputs[0]);
  return {g * (p - targets), Tensor()};
}

}  // namespace keratin
