#include <algorithm>

#include "layers/convolution/convolution_layer.h"
#include "layers/registry.h"

namespace keratin {
namespace {

bool exceeds_1(Size2D numbers) { return std::max(numbers.height, numbers.width) > 1; }

class Conv2DLayer final : public ConvolutionLayer<layers::Conv2DOptions> {
 public:
  Conv2DLayer() = default;
  Conv2DLayer(std::int64_t filters, Size2D kernel_size, const layers::Conv2DOptions& options)
      : ConvolutionLayer(kernel_size, options), filters_(filters), groups_(options.groups) {}
  std::string class_name() const override { return "Conv2D"; }
  void validate() const override {
    check_positive("filters", filters_);
    check_positive("groups", groups_);
    ConvolutionLayer::validate();
    const Size2D strides = options_.strides, dilation_rate = options_.dilation_rate;
    check_argument(!exceeds_1(strides) || !exceeds_1(dilation_rate),
                   "Conv2D: expected strides or dilation_rate to be 1, got (", strides.height, ", ", strides.width,
                   ") and (", dilation_rate.height, ", ", dilation_rate.width, ")");
    check_argument(filters_ % groups_ == 0, "Conv2D: expected groups to divide ", filters_, " filters, got ", groups_);
  }
  void describe(Fields& fields) override {
    fields("filters", filters_);
    describe_window(fields);
    fields("groups", groups_);
    describe_weights(fields, "kernel", options_.kernel_initializer, options_.kernel_regularizer);
  }

  void build(const Shape& input) override {  // kernel (kernel_h, kernel_w, c / groups, filters)
    check_input(input);
    const std::int64_t channels = input.back();
    check_shape(channels % groups_ == 0, who(), ": expected channels that ", groups_,
                groups_ == 1 ? " group" : " groups", " can share, got ", input);
    add_weights(channels, channels / groups_, filters_, filters_,
                {.initializer = options_.kernel_initializer, .regularizer = options_.kernel_regularizer});
  }

 private:
  Tensor convolve(const Tensor& images, const Tensor& kernel, const ops::ConvOptions& options) const override {
    return ops::conv(images, kernel, options);
  }

  std::int64_t filters_ = 1;
  std::int64_t groups_ = 1;
};

}  // namespace

Ref<Layer> layers::Conv2D(Count filters, Size2D kernel_size, Conv2DOptions options) {
  return make_valid<Conv2DLayer>(filters, kernel_size, options);
}
std::shared_ptr<Layer> blank_conv2d() { return std::make_shared<Conv2DLayer>(); }

}  // namespace keratin
