// Crossentropies of binary, categorical and sparse targets, computed from the logits wherever they can be found.
#include <algorithm>
#include <limits>
#include <span>
#include <utility>
#include <vector>

#include "base/check.h"
#include "graph/spec.h"
#include "graph/symbolic.h"
#include "keratin/array.h"
#include "keratin/losses.h"
#include "ops/functions.h"
#include "ops/softmax.h"
#include "ops/softmax_crossentropy.h"
#include "ops/weighting.h"

namespace keratin {
namespace {

constexpr double epsilon = 1e-7;  // keras.config.epsilon()

/// What a tensor was computed from, if one use of the op of that name made it; inside a trace and outside.
struct Maker {
  const Op* op = nullptr;
  Tensor input;
};
Maker maker(const Tensor& tensor, std::string_view op_name) {
  if (const Node* node = TensorAccess::producer(tensor)) {
    if (node->op->name() != op_name) return {};
    return {node->op.get(), TensorAccess::make(*TensorAccess::graph(tensor), node->inputs[0])};
  }
  const auto& call = TensorAccess::call(tensor);
  if (call == nullptr || call->op == nullptr || call->op->name() != op_name) return {};
  return {call->op.get(), call->inputs[0]};
}

std::optional<Tensor> logits_of_sigmoid(const Tensor& y_pred) {
  const Maker made = maker(y_pred, "Sigmoid");
  return made.op != nullptr ? std::optional(made.input) : std::nullopt;
}

std::optional<Tensor> logits_of_softmax(const Tensor& y_pred, int axis) {
  const Maker made = maker(y_pred, "Softmax");
  if (made.op == nullptr || static_cast<const Softmax*>(made.op)->axis() != axis) return std::nullopt;
  return made.input;
}

Tensor clipped(const Tensor& probabilities) { return ops::clip(probabilities, epsilon, 1.0 - epsilon); }

/// Probabilities that sum to 1 along the axis, clipped, and their logarithms.
Tensor log_of_normalized(const Tensor& y_pred, int axis) {
  return ops::log(clipped(y_pred / ops::sum(y_pred, {.axis = axis, .keepdims = true})));
}

/// The axis moved to the end.
Tensor axis_last(const Tensor& x, int axis) {
  std::vector<int> order;
  for (int i = 0; i < x.shape().rank(); ++i)
    if (i != axis) order.push_back(i);
  order.push_back(axis);
  return ops::transpose(x, std::move(order));
}

Shape without(const Shape& shape, int axis) { return shape.until(axis) + shape.from(axis + 1); }

void check_targets(const char* who, const Tensor& y_true, const Tensor& y_pred, const char* advice) {
  check_shape(y_true.shape() == y_pred.shape(), who, ": expected targets of shape ", y_pred.shape(), ", got ",
              y_true.shape(), "; ", advice);
}

/// As TensorFlow's: exact for large |z|, and differentiable at 0, where relu(z) and |z| are not.
Tensor sigmoid_crossentropy(const Tensor& y, const Tensor& z) {
  const Tensor positive = ops::greater_equal(z, 0.0);
  const Tensor above = ops::where(positive, z, 0.0), product = z * y;
  const Tensor line = above - product, curve = ops::log1p(ops::exp(ops::where(positive, -z, z)));
  return line + curve;
}

/// Class indices as SparseSoftmaxCrossentropy takes them: shaped as y_pred without the axis, of an integer dtype that
/// can hold the number of classes.
Tensor classes_of(const Tensor& y_true, const Tensor& y_pred, int axis) {
  const Shape expected = without(y_pred.shape(), axis);
  Tensor classes = y_true;
  if (classes.shape().rank() == y_pred.shape().rank() + 1 && classes.shape().back() == 1)
    classes = ops::squeeze(classes, -1);
  if (classes.shape().rank() == y_pred.shape().rank() && classes.shape()[axis] == 1)
    classes = ops::squeeze(classes, axis);
  const char* advice =
      y_true.shape() == y_pred.shape() ? "for one-hot rows use categorical_crossentropy" : "give one index per sample";
  check_shape(classes.shape() == expected, "sparse_categorical_crossentropy: expected class indices of shape ",
              expected, ", got ", y_true.shape(), "; ", advice);
  return cast_to(classes, is_floating(y_true.dtype()) ? int64 : promote(int32, y_true.dtype()));
}

Tensor is_valid(const Tensor& classes, std::int64_t ignore_class) {
  return ops::not_equal(classes, Tensor(Array::full({}, static_cast<double>(ignore_class), classes.dtype())));
}

/// -log p of the true class; NaN for a class outside the axis, as the op that starts from logits gives.
Tensor pick(const Tensor& classes, const Tensor& log_probabilities) {
  const std::int64_t count = log_probabilities.shape().back();
  const Tensor not_below = ops::greater_equal(classes, 0.0), below = ops::less(classes, static_cast<double>(count));
  const Tensor exists = ops::logical_and(not_below, below);
  const Tensor picked =
      ops::sum(ops::one_hot(classes, count, log_probabilities.dtype()) * log_probabilities, {.axis = -1});
  return ops::where(exists, -picked, std::numeric_limits<double>::quiet_NaN());
}

Tensor sparse_values(const Tensor& classes, const Tensor& y_pred, int axis,
                     const losses::SparseCrossentropyForm& form) {
  const std::optional<Tensor> logits =
      form.clip_probabilities || form.ignore_class ? std::nullopt : logits_of_softmax(y_pred, axis);
  if (logits || form.from_logits)
    return make_op<SparseSoftmaxCrossentropy>({axis_last(logits.value_or(y_pred), axis), classes});
  if (form.clip_probabilities) return pick(classes, axis_last(log_of_normalized(y_pred, axis), axis));
  return make_op<SparseSoftmaxCrossentropy>({axis_last(ops::log(clipped(y_pred)), axis), classes});
}

/// Binary and categorical crossentropy: the two differ in their function alone.
class CrossentropyLoss final : public Loss {
 public:
  using Function = Tensor (*)(const Tensor&, const Tensor&, losses::CrossentropyForm);
  CrossentropyLoss(const char* class_name, const char* name, losses::CrossentropyOptions options, Function function)
      : Loss(options.name.value_or(name), options.reduction),
        class_name_(class_name),
        form_{options.from_logits, options.label_smoothing, options.axis, options.clip_probabilities},
        function_(function) {
    check_argument(form_.label_smoothing >= 0.0 && form_.label_smoothing <= 1.0, class_name,
                   ": expected label_smoothing in [0, 1], got ", form_.label_smoothing);
  }
  std::string class_name() const override { return class_name_; }
  void describe(Fields& fields) override {
    Loss::describe(fields);
    fields("from_logits", form_.from_logits);
    fields("label_smoothing", form_.label_smoothing);
    fields("axis", form_.axis);
    fields.extension("clip_probabilities", form_.clip_probabilities, false);
  }
  Tensor call(const Tensor& y_true, const Tensor& y_pred) const override {
    const auto [target, prediction] = to_same_rank(y_true, y_pred);
    return function_(target, prediction, form_);
  }

 private:
  const char* class_name_;
  losses::CrossentropyForm form_;
  Function function_;
};

class SparseCategoricalCrossentropyLoss final : public Loss {
 public:
  explicit SparseCategoricalCrossentropyLoss(losses::SparseCategoricalCrossentropyOptions options)
      : Loss(options.name.value_or("sparse_categorical_crossentropy"), options.reduction),
        form_{options.from_logits, options.ignore_class, options.axis, options.clip_probabilities} {}
  std::string class_name() const override { return "SparseCategoricalCrossentropy"; }
  void describe(Fields& fields) override {
    Loss::describe(fields);
    fields("from_logits", form_.from_logits);
    fields("ignore_class", form_.ignore_class);
    fields.extension("axis", form_.axis, -1);
    fields.extension("clip_probabilities", form_.clip_probabilities, false);
  }
  Tensor call(const Tensor& y_true, const Tensor& y_pred) const override {
    return losses::sparse_categorical_crossentropy(y_true, y_pred, form_);
  }
  void check_targets(const Array& y_true, const Shape& y_pred) const override {
    const std::int64_t classes = y_pred[form_.axis];
    const Array indices = y_true.astype(int64);
    const std::span<const std::int64_t> values = std::as_const(indices).values<std::int64_t>();
    const auto bad = std::find_if(values.begin(), values.end(), [&](std::int64_t index) {
      return (index < 0 || index >= classes) && index != form_.ignore_class;
    });
    if (bad == values.end() || classes < 0) return;
    const std::int64_t row = y_true.size() / y_true.length();
    throw DataError(concat(name(), ": expected classes from 0 to ", classes - 1, " in y, got ", *bad, " at sample ",
                           (bad - values.begin()) / row, "; the model's output needs an entry for every class"));
  }

 protected:
  std::optional<Tensor> compute_mask(const Tensor& y_true, const Tensor& y_pred) const override {
    if (!form_.ignore_class) return std::nullopt;
    const int axis = normalize_axis(form_.axis, y_pred.shape().rank(), "sparse_categorical_crossentropy");
    return is_valid(classes_of(y_true, y_pred, axis), *form_.ignore_class);
  }
  bool takes_classes() const override { return true; }

 private:
  losses::SparseCrossentropyForm form_;
};

}  // namespace

namespace losses {

Tensor binary_crossentropy(const Tensor& y_true, const Tensor& y_pred, CrossentropyForm form) {
  check_targets("binary_crossentropy", y_true, y_pred,
                y_true.shape().rank() < y_pred.shape().rank() ? "for class indices use sparse_categorical_crossentropy"
                                                              : "y has to be shaped as the model's output");
  Tensor y = cast_to(y_true, y_pred.dtype());
  if (form.label_smoothing != 0.0) y = y * (1.0 - form.label_smoothing) + 0.5 * form.label_smoothing;
  const std::optional<Tensor> logits = form.clip_probabilities ? std::nullopt : logits_of_sigmoid(y_pred);
  Tensor values;
  if (logits || form.from_logits) {
    values = sigmoid_crossentropy(y, logits.value_or(y_pred));
  } else {
    const Tensor p = clipped(y_pred);
    const Tensor of_one = y * ops::log(p), other = 1.0 - y;
    const Tensor of_zero = other * ops::log(1.0 - p);
    values = -(of_one + of_zero);
  }
  return ops::mean(values, {.axis = form.axis});
}

Tensor categorical_crossentropy(const Tensor& y_true, const Tensor& y_pred, CrossentropyForm form) {
  const int axis = normalize_axis(form.axis, y_pred.shape().rank(), "categorical_crossentropy");
  const bool indices = y_true.shape().rank() < y_pred.shape().rank() || y_true.shape()[axis] == 1;
  check_targets("categorical_crossentropy", y_true, y_pred,
                indices ? "for class indices use sparse_categorical_crossentropy, or ops::one_hot"
                        : "y has one column per class, as ops::one_hot makes them");
  Tensor y = cast_to(y_true, y_pred.dtype());
  if (form.label_smoothing != 0.0)
    y = y * (1.0 - form.label_smoothing) + form.label_smoothing / static_cast<double>(y.shape()[axis]);
  const std::optional<Tensor> logits = form.clip_probabilities ? std::nullopt : logits_of_softmax(y_pred, axis);
  if (logits || form.from_logits)
    return make_op<SoftmaxCrossentropy>({axis_last(logits.value_or(y_pred), axis), axis_last(y, axis)});
  return -ops::sum(y * log_of_normalized(y_pred, axis), {.axis = axis});
}

Tensor sparse_categorical_crossentropy(const Tensor& y_true, const Tensor& y_pred, SparseCrossentropyForm form) {
  const int axis = normalize_axis(form.axis, y_pred.shape().rank(), "sparse_categorical_crossentropy");
  const Tensor classes = classes_of(y_true, y_pred, axis);
  if (!form.ignore_class) return sparse_values(classes, y_pred, axis, form);
  const Tensor valid = is_valid(classes, *form.ignore_class);
  const Tensor known = ops::where(valid, classes, Tensor(Array::zeros({}, classes.dtype())));
  return ops::where(valid, sparse_values(known, ops::where(ops::expand_dims(valid, axis), y_pred, 0.0), axis, form),
                    0.0);
}

Ref<Loss> BinaryCrossentropy(CrossentropyOptions options) {
  return std::make_shared<CrossentropyLoss>("BinaryCrossentropy", "binary_crossentropy", std::move(options),
                                            binary_crossentropy);
}

Ref<Loss> CategoricalCrossentropy(CrossentropyOptions options) {
  return std::make_shared<CrossentropyLoss>("CategoricalCrossentropy", "categorical_crossentropy", std::move(options),
                                            categorical_crossentropy);
}

Ref<Loss> SparseCategoricalCrossentropy(SparseCategoricalCrossentropyOptions options) {
  return std::make_shared<SparseCategoricalCrossentropyLoss>(std::move(options));
}

}  // namespace losses
}  // namespace keratin
