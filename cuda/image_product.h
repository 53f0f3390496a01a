// What convolutions of images and their gradients are to kernels of our own: products whose first factor is what a
// window sees, never written down. No addresses.
#pragma once

#include <cstdint>

#include "cuda/kernel_table.h"
#include "ops/conv2d.h"

namespace keratin::cuda {

/// Rows, or columns, of images. A window's element i sees, of y's position p, x's pixel p · stride + i · dilation −
/// before.
struct ImageAxis {
  int source, made;                    // extents of what is seen, and of what is made
  int size, stride, dilation, before;  // the window's
  int classes;                         // every classes-th of what is made sees through the same elements
  int element_step;                    // from one of these elements to the next
};

/// made (images, rows, columns, groups · width): of every group the sums over a window and over the depth channels of
/// the group in source (images, rows, columns, groups · depth).
struct ImageProduct {
  bool turned;  // made are x's pixels, through what positions see of them; else y's positions
  ImageAxis rows, columns;
  std::int64_t images;
  int groups, depth, width;
  int kernel_element, kernel_depth, kernel_width, kernel_group;  // steps in the kernel, in numbers

  constexpr int source_channels() const { return groups * depth; }
  constexpr int made_channels() const { return groups * width; }
  int classes() const { return rows.classes * columns.classes; }
  std::int64_t made_pixels() const { return images * rows.made * columns.made; }
  /// Tiles of a product would be nearly empty.
  bool narrow() const { return groups > 1 && width < 8; }
};

/// False for images, or kernels, of so many numbers that 32 bits cannot count them; then the others must not be asked.
bool is_countable(const ConvolutionOp& op, const Shape& x, const Shape& kernel);
/// x's product with the kernel: y.
ImageProduct image_product(const ConvolutionOp& op, const Shape& x, const Shape& kernel, const Shape& y);
/// y's gradient's product with the kernel: x's gradient. Pixels a stride apart see alike.
ImageProduct turned_image_product(const ConvolutionOp& op, const Shape& x, const Shape& kernel, const Shape& y);

/// A kernel of the source and the convolution's kernel.
KernelPlan plan_image_product(const ImageProduct& product, DType dtype, const Planning& planning);

}  // namespace keratin::cuda
