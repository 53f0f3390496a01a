// What the convolutions share: options, weights, the call. What convolves, and with which kernel, is in their files.
#pragma once

#include <cctype>
#include <string>
#include <string_view>

#include "keratin/layers/convolution.h"
#include "keratin/ops.h"
#include "layers/image_layer.h"

namespace KERATIN_INTERNAL_EXPORT keratin {

/// Options: Conv2DOptions or its like.
template <class Options> class ConvolutionLayer : public ImageLayer {
 public:
  ConvolutionLayer() = default;
  ConvolutionLayer(Size2D kernel_size, const Options& options)
      : ImageLayer(options), kernel_size_(kernel_size), options_(options) {
    options_.padding = lower_case(options_.padding);  // Keras's standardize_padding
  }
  void validate() const override {
    check_positive("kernel_size", kernel_size_);
    check_positive("strides", options_.strides);
    check_positive("dilation_rate", options_.dilation_rate);
    check_padding(options_.padding);
    check_data_format(options_.data_format);
  }

  Tensor call(const Tensor& x, const CallContext&) override {  // (batch, h, w, c) → (batch, h', w', filters)
    check_input(x.shape());
    const Tensor sums =
        convolve(as_images(x, channels_), kernel_,
                 {.strides = options_.strides, .padding = options_.padding, .dilation_rate = options_.dilation_rate});
    const Tensor y = (*options_.activation)(options_.use_bias ? sums + bias_ : sums);
    add_activity_loss(options_.activity_regularizer, y);
    return y;
  }

 protected:
  virtual Tensor convolve(const Tensor& images, const Tensor& kernel, const ops::ConvOptions& options) const = 0;

  void describe_window(Fields& fields) {
    fields("kernel_size", kernel_size_);
    fields("strides", options_.strides);
    fields("padding", options_.padding);
    options_.padding = lower_case(options_.padding);
    fields("data_format", options_.data_format);
    fields("dilation_rate", options_.dilation_rate);
  }
  /// kernel: what Keras calls it in its arguments.
  void describe_weights(Fields& fields, std::string_view kernel, Ref<Initializer>& initializer,
                        std::optional<Ref<Regularizer>>& regularizer) {
    fields("activation", options_.activation);
    fields("use_bias", options_.use_bias);
    fields(concat(kernel, "_initializer"), initializer);
    fields("bias_initializer", options_.bias_initializer);
    fields(concat(kernel, "_regularizer"), regularizer);
    fields("bias_regularizer", options_.bias_regularizer);
    fields("activity_regularizer", options_.activity_regularizer);
    fields.refused(concat(kernel, "_constraint"));
    for (const char* option : {"bias_constraint", "lora_rank", "lora_alpha"}) fields.refused(option);
  }

  /// ShapeError unless it is images that the kernel fits on.
  void check_input(const Shape& input) const {
    check_images(input);
    check_window(input, options_.padding, kernel_size_, options_.strides, options_.dilation_rate);
  }
  /// For build(): the kernel (kernel_h, kernel_w, inputs, outputs) for images of that many channels, and the bias.
  void add_weights(std::int64_t channels, std::int64_t inputs, std::int64_t outputs, std::int64_t filters,
                   const WeightOptions& kernel) {
    channels_ = channels;
    kernel_ = add_weight("kernel", {kernel_size_.height, kernel_size_.width, inputs, outputs}, kernel);
    if (options_.use_bias)
      bias_ = add_weight("bias", {filters},
                         {.initializer = options_.bias_initializer, .regularizer = options_.bias_regularizer});
  }

  Size2D kernel_size_ = 1;
  Options options_;

 private:
  static std::string lower_case(std::string text) {
    for (char& letter : text) letter = static_cast<char>(std::tolower(static_cast<unsigned char>(letter)));
    return text;
  }

  std::int64_t channels_ = 0;  // the images'
  Variable kernel_;
  Variable bias_;  // (filters), unset without
};

}  // namespace keratin
