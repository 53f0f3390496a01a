#include "keratin/layers/core.h"
#include "keratin/ops.h"
#include "layers/built_in_layer.h"
#include "layers/registry.h"

namespace keratin {
namespace {

class DenseLayer final : public BuiltInLayer {
 public:
  DenseLayer() = default;
  DenseLayer(std::int64_t units, const layers::DenseOptions& options)
      : BuiltInLayer(options), units_(units), options_(options) {}
  std::string class_name() const override { return "Dense"; }
  bool supports_masking() const override { return true; }
  void validate() const override { check_argument(units_ > 0, "Dense: expected units > 0, got ", units_); }
  void describe(Fields& fields) override {
    fields("units", units_);
    fields("activation", options_.activation);
    fields("use_bias", options_.use_bias);
    fields("kernel_initializer", options_.kernel_initializer);
    fields("bias_initializer", options_.bias_initializer);
    fields("kernel_regularizer", options_.kernel_regularizer);
    fields("bias_regularizer", options_.bias_regularizer);
    fields.extension("activity_regularizer", options_.activity_regularizer);
    for (const char* option :
         {"kernel_constraint", "bias_constraint", "quantization_config", "lora_rank", "lora_alpha"})
      fields.refused(option);
  }

  void build(const Shape& input) override {
    check_shape(input.rank() >= 2, who(), ": expected an input (batch, …, features), got ", input);
    kernel_ = add_weight("kernel", {input.back(), units_},
                         {.initializer = options_.kernel_initializer, .regularizer = options_.kernel_regularizer});
    if (options_.use_bias)
      bias_ = add_weight("bias", {units_},
                         {.initializer = options_.bias_initializer, .regularizer = options_.bias_regularizer});
  }

  Tensor call(const Tensor& x, const CallContext&) override {  // (batch, …, in) → (batch, …, units)
    const std::int64_t features = kernel_.shape()[0];
    check_shape(x.shape().rank() >= 2 && x.shape().back() == features, who(),
                ": expected the last extent of the input to be ", features, ", as when it was built, got ", x.shape());
    const Tensor numbers = ops::cast(x, compute_dtype());  // of integers, too
    const Tensor product = ops::matmul(numbers, kernel_);
    const Tensor y = (*options_.activation)(options_.use_bias ? product + bias_ : product);
    add_activity_loss(options_.activity_regularizer, y);
    return y;
  }

 private:
  std::int64_t units_ = 1;
  layers::DenseOptions options_;
  Variable kernel_;  // (in, units)
  Variable bias_;    // (units), unset without
};

}  // namespace

Ref<Layer> layers::Dense(Count units, DenseOptions options) { return make_valid<DenseLayer>(units, options); }
std::shared_ptr<Layer> blank_dense() { return std::make_shared<DenseLayer>(); }

}  // namespace keratin
