#include "keratin/layers/convolution.h"
#include "keratin/ops.h"
#include "layers/image_layer.h"
#include "layers/registry.h"

namespace keratin {
namespace {

class DepthwiseConv2DLayer final : public ImageLayer {
 public:
  DepthwiseConv2DLayer() = default;
  DepthwiseConv2DLayer(Size2D kernel_size, const layers::DepthwiseConv2DOptions& options)
      : ImageLayer(options),
        kernel_size_(kernel_size),
        depth_multiplier_(options.depth_multiplier),
        options_(options) {}
  std::string class_name() const override { return "DepthwiseConv2D"; }
  void validate() const override {
    check_positive("kernel_size", kernel_size_);
    check_positive("depth_multiplier", depth_multiplier_);
    check_strides(options_.strides, options_.dilation_rate);
    check_padding(options_.padding);
    check_data_format(options_.data_format);
  }
  void describe(Fields& fields) override {
    fields("depth_multiplier", depth_multiplier_);
    fields("kernel_size", kernel_size_);
    fields("strides", options_.strides);
    fields("padding", options_.padding);
    fields("data_format", options_.data_format);
    fields("dilation_rate", options_.dilation_rate);
    fields("activation", options_.activation);
    fields("use_bias", options_.use_bias);
    fields("depthwise_initializer", options_.depthwise_initializer);
    fields("bias_initializer", options_.bias_initializer);
    fields("depthwise_regularizer", options_.depthwise_regularizer);
    fields("bias_regularizer", options_.bias_regularizer);
    fields("activity_regularizer", options_.activity_regularizer);
  }

  void build(const Shape& input) override {
    check_images(input);
    check_shape(input.back() > 0, who(), ": expected images with channels, got ", input);
    kernel_ =
        add_weight("kernel", {kernel_size_.height, kernel_size_.width, input.back(), depth_multiplier_},
                   {.initializer = options_.depthwise_initializer, .regularizer = options_.depthwise_regularizer});
    if (options_.use_bias)
      bias_ = add_weight("bias", {input.back() * depth_multiplier_},
                         {.initializer = options_.bias_initializer, .regularizer = options_.bias_regularizer});
  }

  Tensor call(const Tensor& x, const CallContext&) override {  // (batch, h, w, c) → (batch, h', w', c · multiplier)
    const Tensor sums = ops::depthwise_conv(
        as_images(x, kernel_.shape()[2]), kernel_,
        {.strides = options_.strides, .padding = options_.padding, .dilation_rate = options_.dilation_rate});
    const Tensor y = (*options_.activation)(options_.use_bias ? sums + bias_ : sums);
    add_activity_loss(options_.activity_regularizer, y);
    return y;
  }

 private:
  Size2D kernel_size_ = 1;
  std::int64_t depth_multiplier_ = 1;
  layers::DepthwiseConv2DOptions options_;
  Variable kernel_;  // (kernel_h, kernel_w, c, depth_multiplier)
  Variable bias_;    // (c · depth_multiplier), unset without
};

}  // namespace

Ref<Layer> layers::DepthwiseConv2D(Size2D kernel_size, DepthwiseConv2DOptions options) {
  return make_valid<DepthwiseConv2DLayer>(kernel_size, options);
}
std::shared_ptr<Layer> blank_depthwise_conv2d() { return std::make_shared<DepthwiseConv2DLayer>(); }

}  // namespace keratin
