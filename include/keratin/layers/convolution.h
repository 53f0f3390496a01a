// Convolutions of images: (batch, height, width, channels), Keras's channels_last.
#pragma once

#include <optional>
#include <string>

#include "keratin/activations.h"
#include "keratin/export.h"
#include "keratin/initializers.h"
#include "keratin/layer.h"
#include "keratin/regularizers.h"
#include "keratin/types.h"

namespace KERATIN_EXPORT keratin {
namespace layers {

struct Conv2DOptions {
  Size2D strides = 1;
  std::string padding = "valid";  // or "same": zeros around, as many as ⌈extent / stride⌉ positions take; or "SAME"
  std::string data_format = "channels_last";  // channels_first is not there
  Size2D dilation_rate = 1;                   // how far apart the kernel's elements lie
  Count groups = 1;  // group i makes its share of the filters from its share of the channels alone
  Ref<ActivationFunction> activation = "linear";
  bool use_bias = true;
  Ref<Initializer> kernel_initializer = "glorot_uniform";
  Ref<Initializer> bias_initializer = "zeros";
  std::optional<Ref<Regularizer>> kernel_regularizer = std::nullopt;
  std::optional<Ref<Regularizer>> bias_regularizer = std::nullopt;
  std::optional<Ref<Regularizer>> activity_regularizer = std::nullopt;  // of the output, divided by the batch's size
  std::optional<std::string> name = std::nullopt;
  std::optional<DTypePolicy> dtype = std::nullopt;
  bool trainable = true;
};
/// activation(x ⋆ kernel + bias): a cross-correlation, as everywhere in this trade.
/// Input  (batch, h, w, c)   Output (batch, h', w', filters), with k = (kernel_size − 1) · dilation_rate + 1:
///        h' = ⌈h / stride⌉ for "same", ⌊(h − k) / stride⌋ + 1 for "valid".
/// Weights: kernel (kernel_h, kernel_w, c / groups, filters), bias (filters).
/// Throws ValueError unless all numbers are positive and groups divides filters, for strides > 1 together with
/// dilation_rate > 1 (as Keras), and for a padding that is none; UnsupportedError for channels_first; ShapeError for an
/// input of another rank, of channels that groups does not divide, of other channels than the first call's, or smaller,
/// padding included, than the kernel.
Ref<Layer> Conv2D(Count filters, Size2D kernel_size, Conv2DOptions options = {});

struct DepthwiseConv2DOptions {
  Size2D strides = 1;
  std::string padding = "valid";
  Count depth_multiplier = 1;  // how many filters each channel has
  std::string data_format = "channels_last";
  Size2D dilation_rate = 1;
  Ref<ActivationFunction> activation = "linear";
  bool use_bias = true;
  Ref<Initializer> depthwise_initializer = "glorot_uniform";
  Ref<Initializer> bias_initializer = "zeros";
  std::optional<Ref<Regularizer>> depthwise_regularizer = std::nullopt;
  std::optional<Ref<Regularizer>> bias_regularizer = std::nullopt;
  std::optional<Ref<Regularizer>> activity_regularizer = std::nullopt;
  std::optional<std::string> name = std::nullopt;
  std::optional<DTypePolicy> dtype = std::nullopt;
  bool trainable = true;
};
/// Every channel with filters of its own: output channel c · depth_multiplier + m is made from channel c alone.
/// Input  (batch, h, w, c)   Output (batch, h', w', c · depth_multiplier), h' and w' as Conv2D's.
/// Weights: kernel (kernel_h, kernel_w, c, depth_multiplier), bias (c · depth_multiplier).
/// Throws as Conv2D does, but takes strides > 1 together with dilation_rate > 1.
Ref<Layer> DepthwiseConv2D(Size2D kernel_size, DepthwiseConv2DOptions options = {});

}  // namespace layers
}  // namespace keratin
