#include "keratin/layers/normalization.h"
#include "keratin/ops.h"
#include "layers/built_in_layer.h"
#include "layers/registry.h"

namespace keratin {
namespace {

constexpr double mask_epsilon = 1e-7;  // keras.config.epsilon(): where a mask leaves out everything

struct Moments {
  Tensor centred;   // x less the mean …
  Tensor shift;     // … and what that mean is short of; both of x's rank
  Tensor mean;      // extent 1 along the reduced axes
  Tensor variance;  // the population's
};

/// The batch's statistics in two passes over x, so that nothing cancels. What is subtracted first is the mean as a
/// constant s, and both formulas hold for every s:
///   variance = mean((x − s)²) − (mean − s)²,   x − mean = (x − s) − (mean − s)
/// so that gradients of every order are right, while those by the mean are of vectors instead of further passes.
Moments moments(const Tensor& x, const Axes& axes) {
  const Tensor mean = ops::mean(x, {.axis = axes, .keepdims = true});
  const Tensor constant = ops::stop_gradient(mean);
  const Tensor centred = x - constant, shift = mean - constant;
  const Tensor variance = ops::mean(ops::square(centred), {.axis = axes, .keepdims = true}) - ops::square(shift);
  return {centred, shift, mean, variance};
}

/// Those of what the mask, (…) for x (…, c), leaves in: Keras's _moments. What it leaves out is replaced, not
/// multiplied by 0, so that it may be NaN or infinite.
Moments masked_moments(const Tensor& x, const Tensor& mask, const Axes& axes) {
  const Tensor kept = ops::broadcast_to(ops::cast(ops::expand_dims(mask, -1), boolean), x.shape());
  const auto sum = [&](const Tensor& values) { return ops::sum(values, {.axis = axes, .keepdims = true}); };
  const Tensor count = sum(ops::cast(kept, x.dtype())) + mask_epsilon;
  const Tensor mean = sum(ops::where(kept, x, 0.0)) / count;
  const Tensor centred = x - mean;
  const Tensor variance = sum(ops::square(ops::where(kept, centred, 0.0))) / count;
  return {centred, Tensor(), mean, variance};
}

class BatchNormalizationLayer final : public BuiltInLayer {
 public:
  BatchNormalizationLayer() = default;
  explicit BatchNormalizationLayer(const layers::BatchNormalizationOptions& options)
      : BuiltInLayer(options), options_(options) {}
  std::string class_name() const override { return "BatchNormalization"; }
  bool supports_masking() const override { return true; }
  void validate() const override {
    check_argument(options_.momentum >= 0.0 && options_.momentum <= 1.0,
                   "BatchNormalization: expected momentum in [0, 1], got ", options_.momentum);
    check_argument(options_.epsilon >= 0.0, "BatchNormalization: expected epsilon >= 0, got ", options_.epsilon);
  }
  void describe(Fields& fields) override {
    fields("axis", options_.axis);
    fields("momentum", options_.momentum);
    fields("epsilon", options_.epsilon);
    fields("center", options_.center);
    fields("scale", options_.scale);
    fields("beta_initializer", options_.beta_initializer);
    fields("gamma_initializer", options_.gamma_initializer);
    fields("moving_mean_initializer", options_.moving_mean_initializer);
    fields("moving_variance_initializer", options_.moving_variance_initializer);
    fields("beta_regularizer", options_.beta_regularizer);
    fields("gamma_regularizer", options_.gamma_regularizer);
    for (const char* option : {"beta_constraint", "gamma_constraint", "renorm", "synchronized"}) fields.refused(option);
  }

  void build(const Shape& input) override {
    axis_of(input);
    rank_ = input.rank();
    const Shape channels{input[options_.axis]};
    check_shape(channels[0] > 0, who(), ": expected a known extent of 1 or more along axis ", options_.axis, ", got ",
                input);
    // Not cast, as in Keras: everything is computed in float32 at least.
    if (options_.scale)
      gamma_ = add_weight(
          "gamma", channels,
          {.initializer = options_.gamma_initializer, .regularizer = options_.gamma_regularizer, .autocast = false});
    if (options_.center)
      beta_ = add_weight(
          "beta", channels,
          {.initializer = options_.beta_initializer, .regularizer = options_.beta_regularizer, .autocast = false});
    moving_mean_ = add_weight("moving_mean", channels,
                              {.initializer = options_.moving_mean_initializer, .trainable = false, .autocast = false});
    moving_variance_ =
        add_weight("moving_variance", channels,
                   {.initializer = options_.moving_variance_initializer, .trainable = false, .autocast = false});
  }

  Tensor call(const Tensor& input, const CallContext& context) override {
    check_shape(input.shape().rank() == rank_, who(), ": expected an input of rank ", rank_,
                ", as when it was built, got ", input.shape());
    if (context.mask)
      check_shape(context.mask->shape().rank() == rank_ - 1, who(),
                  ": expected a mask of the input's shape without its last axis, got ", context.mask->shape(), " for ",
                  input.shape());
    const int axis = axis_of(input.shape());
    check_shape(input.shape()[axis] == moving_mean_.shape()[0], who(), ": expected extent ", moving_mean_.shape()[0],
                " along axis ", options_.axis, ", as when it was built, got ", input.shape());
    const DType wide = size_in_bytes(compute_dtype()) < 4 ? float32 : compute_dtype();
    const Tensor x = ops::cast(input, wide);
    const auto aligned = [&](const Tensor& vector) {  // (c), to broadcast with x
      return ops::reshape(ops::cast(vector, wide), Shape({vector.shape()[0]}) + ones(x.shape().rank() - axis - 1));
    };
    const bool batch_statistics = context.training && trainable();
    const Moments m = batch_statistics ? moments_of_batch(x, axis, context.mask)
                                       : Moments{x, aligned(moving_mean_), Tensor(), aligned(moving_variance_)};
    if (batch_statistics) {
      move(moving_mean_, m.mean);
      move(moving_variance_, m.variance);
    }
    // factor · (x − mean) + beta, as one product and one sum for each number
    const Tensor deviation = ops::sqrt(m.variance + options_.epsilon);
    const Tensor factor = options_.scale ? aligned(gamma_) / deviation : 1.0 / deviation;
    Tensor y = m.centred * factor;
    if (m.shift && options_.center) {
      y = y + (aligned(beta_) - m.shift * factor);
    } else if (m.shift) {
      y = y - m.shift * factor;
    } else if (options_.center) {
      y = y + aligned(beta_);
    }
    return ops::cast(y, compute_dtype());
  }

 private:
  static Shape ones(int rank) { return Shape(std::vector<std::int64_t>(static_cast<std::size_t>(rank), 1)); }

  /// From 0. ShapeError if there is none.
  int axis_of(const Shape& input) const {
    const int rank = input.rank(), axis = options_.axis;
    check_shape(axis >= -rank && axis < rank, who(), ": expected an input with axis ", axis, ", got ", input);
    return axis < 0 ? axis + rank : axis;
  }

  static Moments moments_of_batch(const Tensor& x, int axis, const std::optional<Tensor>& mask) {
    std::vector<int> others;
    for (int i = 0; i < x.shape().rank(); ++i)
      if (i != axis) others.push_back(i);
    return mask ? masked_moments(x, *mask, Axes(others)) : moments(x, Axes(others));
  }

  void move(Variable& moving, const Tensor& batch) const {
    const Tensor now = ops::cast(ops::reshape(batch, moving.shape()), moving.dtype());
    moving.assign(moving * options_.momentum + now * (1.0 - options_.momentum));
  }

  layers::BatchNormalizationOptions options_;
  int rank_ = 0;                            // of the input
  Variable gamma_, beta_;                   // (c), unset without
  Variable moving_mean_, moving_variance_;  // (c)
};

}  // namespace

Ref<Layer> layers::BatchNormalization(BatchNormalizationOptions options) {
  return make_valid<BatchNormalizationLayer>(options);
}
std::shared_ptr<Layer> blank_batch_normalization() { return std::make_shared<BatchNormalizationLayer>(); }

}  // namespace keratin
