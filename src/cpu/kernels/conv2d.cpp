// Conv2D and its gradients, float32, as products of register tiles straight from the images: a tile's rows are
// neighbouring positions, its columns filters, and the window is what TileFactor calls runs. Nothing is gathered into
// columns first; images with padding are copied into a frame of zeros, one at a time.
#include "ops/conv2d.h"

#include <algorithm>
#include <cstring>

#include "base/transpose_matrix.h"
#include "cpu/division.h"
#include "cpu/kernels/kernels.h"
#include "cpu/tiled_product.h"

namespace keratin::cpu {
namespace {

constexpr std::int64_t chunk_floats = 8 * 1024;  // of an image and its gradient, which stay in the first-level cache

/// Whole cache lines.
std::int64_t padded(std::int64_t floats) { return (floats + cache_line - 1) / cache_line * cache_line; }

/// A convolution's extents and strides, in elements.
struct Images {
  const ProductTiles& tiles = product_tiles();
  Window window;
  std::int64_t images, height, width, channels;  // x, without padding
  std::int64_t rows, columns, filters;           // y
  std::int64_t groups, depth, share;             // channels and filters of a group
  std::int64_t frame_width, frame_height;        // with padding

  Images(const Window& moved, std::int64_t group_count, const Shape& x, const Shape& y)
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
  /// Where element (i, j) of the window lies from its first one.
  std::int64_t offset(std::int64_t i, std::int64_t j) const {
    return (i * window.dilation[0] * frame_width + j * window.dilation[1]) * channels;
  }
  /// A row of the window lies together, channels and all.
  bool together() const { return groups == 1 && window.dilation[1] == 1; }
  double flops() const {
    return 2.0 * static_cast<double>(images * rows * columns * filters) * static_cast<double>(kernel_rows());
  }
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
      for (std::int64_t j = 0; j < (together() ? 1 : window.size[1]); ++j) out.push_back(offset(i, j));
    return out;
  }
  std::int64_t run_length() const { return together() ? window.size[1] * channels : depth; }

  /// use(begin, end) for pieces of a range of rows that are as high as tiles may be.
  template <class Use> void for_each_tile(std::int64_t begin, std::int64_t end, const Use& use) const {
    for_each_piece(begin, end, tiles.tallest[widest_tile], use);
  }
};

/// Cut by images.
Division division_of(const Images& c, std::int64_t rows_of_input, std::int64_t rows_of_output) {
  Division division = image_division(c.images, {rows_of_input, 0}, rows_of_output);
  division.flops = c.flops();
  return division;
}

}  // namespace

KernelPlan plan_conv2d(const KernelRequest& request) {
  const auto& op = static_cast<const Conv2D&>(request.op);
  const Images c(op.window(), op.groups(), request.inputs[0].shape, request.outputs[0].shape);
  return make_kernel(
      [c, offsets = c.runs()](const KernelArguments& arguments) {
        const auto* const x = arguments.input<float>(0);       // (images, height, width, channels)
        const auto* const kernel = arguments.input<float>(1);  // (window, depth, filters)
        auto* const y = arguments.output<float>(0);            // (images, rows, columns, filters)
        auto* const frame = static_cast<float*>(arguments.workspace);
        if (c.window.pads()) std::fill_n(frame, c.frame_size(), 0.0f);
        TileFactor a{nullptr, c.step(), 1, c.run_length(), static_cast<std::int64_t>(offsets.size()), offsets.data()};
        for (std::int64_t n = arguments.part.row; n < arguments.part.row_end; ++n) {
          const float* image = x + n * c.image_size();
          if (c.window.pads()) c.frame(image, frame), image = frame;
          for (std::int64_t row = 0; row < c.rows; ++row)
            for (std::int64_t g = 0; g < c.groups; ++g)
              c.for_each_tile(0, c.columns, [&](std::int64_t begin, std::int64_t end) {
                a.data = image + row * c.row_step() + begin * c.step() + g * c.depth;
                multiply_strip(c.tiles, a, end - begin, kernel + g * c.share, c.filters,
                               y + n * c.result_size() + (row * c.columns + begin) * c.filters + g * c.share, c.filters,
                               c.share, false);
              });
        }
      },
      c.frame_bytes(), division_of(c, c.height * c.width, c.rows * c.columns));
}

KernelPlan plan_conv2d_input_gradient(const KernelRequest& request) {
  const auto& op = static_cast<const Conv2DInputGradient&>(request.op);
  const Images c(op.window(), op.groups(), request.outputs[0].shape, request.inputs[0].shape);
  const std::int64_t line_columns = c.window.size[1] * c.depth;
  return make_kernel(
      [c, line_columns](const KernelArguments& arguments) {
        const auto* const g = arguments.input<float>(0);                   // (images, rows, columns, filters)
        const auto* const kernel = arguments.input<float>(1);              // (window, depth, filters)
        auto* const x = arguments.output<float>(0);                        // (images, height, width, channels)
        auto* const turned = static_cast<float*>(arguments.workspace);     // (filters, window, depth)
        float* const seen = turned + padded(c.kernel_rows() * c.filters);  // (columns, window's columns, depth)
        float* const frame = seen + padded(c.columns * line_columns);
        transpose_matrix(turned, c.kernel_rows(), kernel, c.filters, c.filters, c.kernel_rows());
        constexpr std::int64_t start = 0;
        TileFactor a{nullptr, c.filters, 1, c.share, 1, &start};
        const FoldedRow folded{c.columns,           c.window.size[1],     c.depth,
                               c.window.strides[1], c.window.dilation[1], c.channels};
        for (std::int64_t n = arguments.part.row; n < arguments.part.row_end; ++n) {
          float* const image = x + n * c.image_size();
          float* const to = c.window.pads() ? frame : image;
          std::fill_n(to, c.frame_size(), 0.0f);
          for (std::int64_t row = 0; row < c.rows; ++row)
            for (std::int64_t group = 0; group < c.groups; ++group)
              for (std::int64_t i = 0; i < c.window.size[0]; ++i) {
                const float* const b = turned + group * c.share * c.kernel_rows() + i * line_columns;
                c.for_each_tile(0, c.columns, [&](std::int64_t begin, std::int64_t end) {
                  a.data = g + n * c.result_size() + (row * c.columns + begin) * c.filters + group * c.share;
                  multiply_strip(c.tiles, a, end - begin, b, c.kernel_rows(), seen + begin * line_columns, line_columns,
                                 line_columns, false);
                });
                c.tiles.fold(folded, seen, to + row * c.row_step() + c.offset(i, 0) + group * c.depth);
              }
          const std::size_t bytes = static_cast<std::size_t>(c.width * c.channels) * sizeof(float);
          for (std::int64_t row = 0; row < c.height && c.window.pads(); ++row)
            std::memcpy(image + row * c.width * c.channels,
                        frame + ((row + c.window.before[0]) * c.frame_width + c.window.before[1]) * c.channels, bytes);
        }
      },
      static_cast<std::size_t>(padded(c.kernel_rows() * c.filters) + padded(c.columns * line_columns)) * sizeof(float) +
          c.frame_bytes(),
      division_of(c, c.rows * c.columns, c.height * c.width));
}

KernelPlan plan_conv2d_kernel_gradient(const KernelRequest& request) {
  const auto& op = static_cast<const Conv2DKernelGradient&>(request.op);
  const Images c(op.window(), op.groups(), request.inputs[0].shape, request.inputs[1].shape);
  const std::int64_t at_once = std::clamp<std::int64_t>(chunk_floats / (c.columns * (c.step() + c.filters)), 1,
                                                        std::max<std::int64_t>(c.rows, 1));
  std::vector<std::int64_t> offsets;  // of the rows of positions that are summed at once
  for (std::int64_t row = 0; row < at_once; ++row) offsets.push_back(row * c.row_step());
  return make_kernel(
      [c, at_once, offsets = std::move(offsets)](const KernelArguments& arguments) {
        const auto* const x = arguments.input<float>(0);  // (images, height, width, channels)
        const auto* const g = arguments.input<float>(1);  // (images, rows, columns, filters)
        auto* const to = arguments.output<float>(0);      // (window, depth, filters)
        auto* const frame = static_cast<float*>(arguments.workspace);
        const Region& part = arguments.part;
        std::fill(to + part.row * c.filters, to + part.row_end * c.filters, 0.0f);
        if (c.window.pads()) std::fill_n(frame, c.frame_size(), 0.0f);
        TileFactor a{nullptr, 1, c.step(), c.columns, 0, offsets.data()};
        for (std::int64_t n = 0; n < c.images; ++n) {
          const float* image = x + n * c.image_size();
          if (c.window.pads()) c.frame(image, frame), image = frame;
          for (std::int64_t row = 0; row < c.rows; row += at_once) {
            a.runs = std::min(at_once, c.rows - row);
            const float* const from = g + n * c.result_size() + row * c.columns * c.filters;
            for (std::int64_t begin = part.row, end; begin < part.row_end; begin = end) {
              const std::int64_t run = begin / c.run_length(), element = run * (c.together() ? c.window.size[1] : 1);
              end = std::min((run + 1) * c.run_length(), part.row_end);
              const float* const first = image + row * c.row_step() +
                                         c.offset(element / c.window.size[1], element % c.window.size[1]) -
                                         run * c.run_length();
              for (std::int64_t group = 0; group < c.groups; ++group)
                c.for_each_tile(begin, end, [&](std::int64_t top, std::int64_t bottom) {
                  a.data = first + top + group * c.depth;
                  multiply_strip(c.tiles, a, bottom - top, from + group * c.share, c.filters,
                                 to + top * c.filters + group * c.share, c.filters, c.share, true);
                });
            }
          }
        }
      },
      c.frame_bytes(), {c.kernel_rows(), 1, 1, 0, {{}, {}}, {{Follows::rows, Follows::nothing}}, c.flops()});
}

}  // namespace keratin::cpu
