#include "layers/image_layer.h"

#include "keratin/ops.h"
#include "ops/window.h"

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
  check_shape(input[1] > 0 && input[2] > 0 && input[3] > 0, who(),
              ": expected images of 1 row, column and channel or more, got ", input);
}

void ImageLayer::check_window(const Shape& images, const std::string& padding, Size2D size, Size2D strides,
                              Size2D dilation_rate) const {
  const auto pair = [](Size2D numbers) { return Pair{numbers.height, numbers.width}; };
  const auto placed = [this](const Error& error) { return concat(who(), ": ", error.what()); };
  try {
    Window::padded(images, padding, pair(size), pair(strides), pair(dilation_rate)).positions(images, images.back());
  } catch (const ShapeError& error) {
    throw ShapeError(placed(error));
  } catch (const ValueError& error) {
    throw ValueError(placed(error));
  }
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
