// The extents and strides of a convolution of float32 images, which its kernels share.
#pragma once

#include <cstring>
#include <vector>

#include "cpu/division.h"
#include "cpu/tiled_product.h"
#include "ops/window.h"

namespace KERATIN_INTERNAL_EXPORT keratin {
namespace cpu {

/// In elements.
struct Convolution {
  const ProductTiles& tiles = product_tiles();
  Window window;
  std::int64_t images, height, width, channels;  // x, without padding
  std::int64_t rows, columns, filters;           // y
  std::int64_t groups, depth, share;             // channels and filters of a group
  std::int64_t frame_width, frame_height;        // with padding

  Convolution(const Window& moved, std::int64_t group_count, const Shape& x, const Shape& y)
      : window(moved),
        images(x[0]),
        height(x[1]),
        width(x[2]),
        channels(x[3]),
        rows(y[1]),
        columns(y[2]),
        filters(y[3]),
        groups(group_count),
        depth(x[3] / group_count),
        share(y[3] / group_count),
        frame_width(x[2] + moved.before[1] + moved.after[1]),
        frame_height(x[1] + moved.before[0] + moved.after[0]) {}

  std::int64_t image_size() const { return height * width * channels; }
  std::int64_t result_size() const { return rows * columns * filters; }
  std::int64_t frame_size() const { return frame_height * frame_width * channels; }
  std::int64_t kernel_rows() const { return window.elements() * depth; }
  /// From position to position along a row, and from row to row of positions.
  std::int64_t step() const { return window.strides[1] * channels; }
  std::int64_t row_step() const { return window.strides[0] * frame_width * channels; }
  /// A row of the window lies together, channels and all.
  bool together() const { return groups == 1 && window.dilation[1] == 1; }
  std::size_t frame_bytes() const { return window.pads() ? static_cast<std::size_t>(frame_size()) * sizeof(float) : 0; }

  /// The image in its frame, whose border is zero already.
  void frame(const float* image, float* to) const {
    const std::size_t bytes = static_cast<std::size_t>(width * channels) * sizeof(float);
    for (std::int64_t row = 0; row < height; ++row)
      std::memcpy(to + ((row + window.before[0]) * frame_width + window.before[1]) * channels,
                  image + row * width * channels, bytes);
  }
  /// As much as together() allows: where runs begin in the window, and how long they are.
  std::vector<std::int64_t> runs() const {
    std::vector<std::int64_t> out;
    for (std::int64_t i = 0; i < window.size[0]; ++i)
      for (std::int64_t j = 0; j < (together() ? 1 : window.size[1]); ++j)
        out.push_back((i * window.dilation[0] * frame_width + j * window.dilation[1]) * channels);
    return out;
  }
  std::int64_t run_length() const { return together() ? window.size[1] * channels : depth; }

  /// Every channel has one filter of its own.
  bool depthwise() const { return depth == 1 && share == 1 && groups > 1; }

  /// As high as tiles may be for a result of so many columns.
  std::int64_t tallest(std::int64_t result_columns) const {
    return tiles.tallest[result_columns < widest_tile * tiles.lanes ? 1 : widest_tile];
  }

  /// Cut by images.
  Division division(std::int64_t rows_of_input, std::int64_t rows_of_output) const {
    Division out = image_division(images, {rows_of_input, 0}, rows_of_output);
    out.flops = flops();
    return out;
  }
  double flops() const {
    return 2.0 * static_cast<double>(images * rows * columns * filters) * static_cast<double>(kernel_rows());
  }
};

}  // namespace cpu
}  // namespace keratin
