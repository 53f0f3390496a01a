// Poolings of images: (batch, height, width, channels), Keras's channels_last. Channels are pooled each by itself.
#pragma once

#include <optional>
#include <string>

#include "keratin/export.h"
#include "keratin/layer.h"
#include "keratin/types.h"

namespace KERATIN_EXPORT keratin {
namespace layers {

struct Pooling2DOptions {
  std::optional<Size2D> strides = std::nullopt;  // none: pool_size
  std::string padding = "valid";                 // or "same": as many positions as ⌈extent / stride⌉
  std::string data_format = "channels_last";     // channels_first is not there
  std::optional<std::string> name = std::nullopt;
  std::optional<DTypePolicy> dtype = std::nullopt;
  bool trainable = true;
};
/// The largest number under each position of the window; padding is never the largest. Of equal ones the first takes
/// the gradient.
/// Input  (batch, h, w, c)   Output (batch, h', w', c): h' = ⌈h / stride⌉ for "same", ⌊(h − pool) / stride⌋ + 1 for
///        "valid".
/// Throws ValueError unless all numbers are positive and padding is one, UnsupportedError for channels_first,
/// ShapeError for an input of another rank, without pixels or channels, or smaller than the window.
Ref<Layer> MaxPooling2D(Size2D pool_size = 2, Pooling2DOptions options = {});
/// The mean under each position of the window; padding is not counted. Shapes and errors as MaxPooling2D's.
Ref<Layer> AveragePooling2D(Size2D pool_size, Pooling2DOptions options = {});

struct GlobalPooling2DOptions {
  std::string data_format = "channels_last";  // channels_first is not there
  bool keepdims = false;
  std::optional<std::string> name = std::nullopt;
  std::optional<DTypePolicy> dtype = std::nullopt;
  bool trainable = true;
};
/// The mean of each channel.
/// Input  (batch, h, w, c)   Output (batch, c), or with keepdims (batch, 1, 1, c).
/// Throws UnsupportedError for channels_first, ShapeError for an input of another rank or without pixels or channels.
Ref<Layer> GlobalAveragePooling2D(GlobalPooling2DOptions options = {});
/// The largest number of each channel. Shapes and errors as GlobalAveragePooling2D's.
Ref<Layer> GlobalMaxPooling2D(GlobalPooling2DOptions options = {});

}  // namespace layers
}  // namespace keratin
