#include "layers/image_layer.h"

#include "keratin/ops.h"

namespace keratin {

void ImageLayer::check_positive(std::string_view option, std::int64_t number) const {
  check_argument(number > 0, class_name(), ": expected ", option, " > 0, got ", number);
}

void ImageLayer::check_positive(std::string_view option, Size2D numbers) const {
  check_argument(numbers.height > 0 && numbers.width > 0, class_name(), ": expected ", option, " > 0, got (",
                 numbers.height, ", ", numbers.width, ")");
}

void ImageLayer::check_padding(const std::string& padding) const {
  check_argument(padding == "valid" || padding == "same", class_name(), ": expected padding valid or same, got \"",
                 padding, "\"");
}

void ImageLayer::check_data_format(const std::string& data_format) const {
  if (data_format == "channels_first")
    throw UnsupportedError(concat(class_name(),
                                  ": expected data_format channels_last, got channels_first, which is not there; give "
                                  "images as (batch, height, width, channels)"));
  check_argument(data_format == "channels_last", class_name(), ": expected data_format channels_last, got \"",
                 data_format, "\"");
}

void ImageLayer::check_images(const Shape& input) const {
  check_shape(input.rank() == 4, who(), ": expected images (batch, height, width, channels), got ", input);
}

Tensor ImageLayer::as_images(const Tensor& x) const {
  check_images(x.shape());
  return ops::cast(x, compute_dtype());
}

Tensor ImageLayer::as_images(const Tensor& x, std::int64_t channels) const {
  const Tensor images = as_images(x);
  check_shape(x.shape().back() == channels, who(), ": expected images of ", channels,
              channels == 1 ? " channel" : " channels", ", as when it was built, got ", x.shape());
  return images;
}

}  // namespace keratin
