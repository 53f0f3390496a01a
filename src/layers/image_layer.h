// ImageLayer: what convolutions, poolings and paddings of images check alike.
#pragma once

#include <string>
#include <string_view>

#include "layers/built_in_layer.h"

namespace KERATIN_INTERNAL_EXPORT keratin {

class ImageLayer : public BuiltInLayer {
 protected:
  using BuiltInLayer::BuiltInLayer;

  // For validate(): ValueError.
  void check_positive(std::string_view option, std::int64_t number) const;
  void check_positive(std::string_view option, Size2D numbers) const;
  void check_padding(const std::string& padding) const;
  /// UnsupportedError for channels_first.
  void check_data_format(const std::string& data_format) const;

  /// ShapeError unless it is (batch, height, width, channels) with something in it.
  void check_images(const Shape& input) const;
  /// ShapeError unless the window has a place on such images.
  void check_window(const Shape& images, const std::string& padding, Size2D size, Size2D strides,
                    Size2D dilation_rate = 1) const;
  /// x in the dtype that the layer computes in: of integers, too. ShapeError unless it is images.
  Tensor as_images(const Tensor& x) const;
  /// The same; ShapeError unless they have that many channels.
  Tensor as_images(const Tensor& x, std::int64_t channels) const;
};

}  // namespace keratin
