#include "layers/convolution/convolution_layer.h"
#include "layers/registry.h"

namespace keratin {
namespace {

class DepthwiseConv2DLayer final : public ConvolutionLayer<layers::DepthwiseConv2DOptions> {
 public:
  DepthwiseConv2DLayer() = default;
  DepthwiseConv2DLayer(Size2D kernel_size, const layers::DepthwiseConv2DOptions& options)
      : ConvolutionLayer(kernel_size, options), depth_multiplier_(options.depth_multiplier) {}
  std::string class_name() const override { return "DepthwiseConv2D"; }
  void validate() const override {
    check_positive("depth_multiplier", depth_multiplier_);
    ConvolutionLayer::validate();
  }
  void describe(Fields& fields) override {
    fields("depth_multiplier", depth_multiplier_);
    describe_window(fields);
    describe_weights(fields, "depthwise", options_.depthwise_initializer, options_.depthwise_regularizer);
  }

  void build(const Shape& input) override {  // kernel (kernel_h, kernel_w, c, depth_multiplier)
    check_input(input);
    const std::int64_t channels = input.back();
    add_weights(channels, channels, depth_multiplier_, channels * depth_multiplier_,
                {.initializer = options_.depthwise_initializer, .regularizer = options_.depthwise_regularizer});
  }

 private:
  Tensor convolve(const Tensor& images, const Tensor& kernel, const ops::ConvOptions& options) const override {
    return ops::depthwise_conv(images, kernel, options);
  }

  std::int64_t depth_multiplier_ = 1;
};

}  // namespace

Ref<Layer> layers::DepthwiseConv2D(Size2D kernel_size, DepthwiseConv2DOptions options) {
  return make_valid<DepthwiseConv2DLayer>(kernel_size, options);
}
std::shared_ptr<Layer> blank_depthwise_conv2d() { return std::make_shared<DepthwiseConv2DLayer>(); }

}  // namespace keratin
