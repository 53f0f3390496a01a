#include "cuda/image_product.h"

#include <algorithm>
#include <numeric>

namespace keratin::cuda {
namespace {

int narrowed(std::int64_t n) { return static_cast<int>(n); }

ImageAxis axis_of(const Window& window, std::size_t axis, const Shape& source, const Shape& made) {
  const int extent = static_cast<int>(axis) + 1;
  return {.source = narrowed(source[extent]),
          .made = narrowed(made[extent]),
          .size = narrowed(window.size[axis]),
          .stride = narrowed(window.strides[axis]),
          .dilation = narrowed(window.dilation[axis]),
          .before = narrowed(window.before[axis]),
          .classes = 1,
          .element_step = 1};
}

ImageAxis turned(ImageAxis axis) {
  axis.classes = std::min(axis.stride, axis.made);
  axis.element_step = axis.stride / std::gcd(axis.stride, axis.dilation);
  return axis;
}

}  // namespace

// Coordinates keep below 2^29 and offsets below 2^30, so that sums of two, and one that is nowhere, fit 32 bits.
bool is_countable(const ConvolutionOp& op, const Shape& x, const Shape& kernel) {
  constexpr std::int64_t most_pixels = 1 << 29, most_numbers = 1 << 30;
  const Window& window = op.window();
  const Shape frame = window.around(x);
  const auto counts = [](std::int64_t a, std::int64_t b, std::int64_t most) { return b == 0 || a <= most / b; };
  for (std::size_t axis = 0; axis < 2; ++axis)
    if (frame[static_cast<int>(axis) + 1] >= most_pixels || window.strides[axis] >= most_pixels ||
        window.dilation[axis] >= most_pixels)
      return false;
  return counts(frame[1], frame[2], most_numbers) &&
         counts(frame[1] * frame[2], std::max(x[3], kernel[3]), most_numbers) &&
         counts(kernel[0] * kernel[1], kernel[2], most_numbers) &&
         counts(kernel[0] * kernel[1] * kernel[2], kernel[3], most_numbers);
}

ImageProduct image_product(const ConvolutionOp& op, const Shape& x, const Shape& kernel, const Shape& y) {
  const int depth = narrowed(kernel[2]), filters = narrowed(kernel[3]), groups = narrowed(op.groups());
  return {.turned = false,
          .rows = axis_of(op.window(), 0, x, y),
          .columns = axis_of(op.window(), 1, x, y),
          .images = x[0],
          .groups = groups,
          .depth = depth,
          .width = filters / groups,
          .kernel_element = depth * filters,
          .kernel_depth = filters,
          .kernel_width = 1,
          .kernel_group = filters / groups};
}

ImageProduct turned_image_product(const ConvolutionOp& op, const Shape& x, const Shape& kernel, const Shape& y) {
  const int depth = narrowed(kernel[2]), filters = narrowed(kernel[3]), groups = narrowed(op.groups());
  return {.turned = true,
          .rows = turned(axis_of(op.window(), 0, y, x)),
          .columns = turned(axis_of(op.window(), 1, y, x)),
          .images = x[0],
          .groups = groups,
          .depth = filters / groups,
          .width = depth,
          .kernel_element = depth * filters,
          .kernel_depth = 1,
          .kernel_width = filters,
          .kernel_group = filters / groups};
}

}  // namespace keratin::cuda
