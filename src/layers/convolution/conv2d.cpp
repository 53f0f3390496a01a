#include "keratin/layers/convolution.h"
#include "keratin/ops.h"
#include "layers/image_layer.h"
#include "layers/registry.h"

namespace keratin {
namespace {

class Conv2DLayer final : public ImageLayer {
 public:
  Conv2DLayer() = default;
  Conv2DLayer(std::int64_t filters, Size2D kernel_size, const layers::Conv2DOptions& options)
      : ImageLayer(options), filters_(filters), kernel_size_(kernel_size), groups_(options.groups), options_(options) {}
  std::string class_name() const override { return "Conv2D"; }
  void validate() const override {
    check_positive("filters", filters_);
    check_positive("kernel_size", kernel_size_);
    check_positive("groups", groups_);
    check_strides(options_.strides, options_.dilation_rate);
    check_padding(options_.padding);
    check_data_format(options_.data_format);
    check_argument(filters_ % groups_ == 0, "Conv2D: expected groups to divide ", filters_, " filters, got ", groups_);
  }
  void describe(Fields& fields) override {
    fields("filters", filters_);
    fields("kernel_size", kernel_size_);
    fields("strides", options_.strides);
    fields("padding", options_.padding);
    fields("data_format", options_.data_format);
    fields("dilation_rate", options_.dilation_rate);
    fields("groups", groups_);
    fields("activation", options_.activation);
    fields("use_bias", options_.use_bias);
    fields("kernel_initializer", options_.kernel_initializer);
    fields("bias_initializer", options_.bias_initializer);
    fields("kernel_regularizer", options_.kernel_regularizer);
    fields("bias_regularizer", options_.bias_regularizer);
    fields("activity_regularizer", options_.activity_regularizer);
  }

  void build(const Shape& input) override {
    check_images(input);
    check_shape(input.back() > 0 && input.back() % groups_ == 0, who(), ": expected channels that ", groups_,
                groups_ == 1 ? " group" : " groups", " can share, got ", input);
    kernel_ = add_weight("kernel", {kernel_size_.height, kernel_size_.width, input.back() / groups_, filters_},
                         {.initializer = options_.kernel_initializer, .regularizer = options_.kernel_regularizer});
    if (options_.use_bias)
      bias_ = add_weight("bias", {filters_},
                         {.initializer = options_.bias_initializer, .regularizer = options_.bias_regularizer});
  }

  Tensor call(const Tensor& x, const CallContext&) override {  // (batch, h, w, c) → (batch, h', w', filters)
    const Tensor sums =
        ops::conv(as_images(x, kernel_.shape()[2] * groups_), kernel_,
                  {.strides = options_.strides, .padding = options_.padding, .dilation_rate = options_.dilation_rate});
    const Tensor y = (*options_.activation)(options_.use_bias ? sums + bias_ : sums);
    add_activity_loss(options_.activity_regularizer, y);
    return y;
  }

 private:
  std::int64_t filters_ = 1;
  Size2D kernel_size_ = 1;
  std::int64_t groups_ = 1;
  layers::Conv2DOptions options_;
  Variable kernel_;  // (kernel_h, kernel_w, c / groups, filters)
  Variable bias_;    // (filters), unset without
};

}  // namespace

Ref<Layer> layers::Conv2D(Count filters, Size2D kernel_size, Conv2DOptions options) {
  return make_valid<Conv2DLayer>(filters, kernel_size, options);
}
std::shared_ptr<Layer> blank_conv2d() { return std::make_shared<Conv2DLayer>(); }

}  // namespace keratin
