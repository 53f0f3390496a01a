// Conv2D and its kernel's gradient, float32, as products of register tiles straight from the images: a tile's rows are
// neighbouring positions, its columns filters, and the window is what TileFactor calls runs. Nothing is gathered into
// columns first; images with padding are copied into a frame of zeros, one at a time. Depthwise convolutions, which are
// no products, walk vectors of channels.
#include "ops/conv2d.h"

#include <algorithm>

#include "cpu/kernels/convolution.h"
#include "cpu/kernels/kernels.h"
#include "simd/depthwise_rows.h"

namespace keratin::cpu {
namespace {

constexpr std::int64_t chunk_floats = 8 * 1024;  // of an image and its gradient, which stay in the first-level cache

std::size_t at(std::int64_t index) { return static_cast<std::size_t>(index); }

}  // namespace

KernelPlan plan_conv2d(const KernelRequest& request) {
  const auto& op = static_cast<const Conv2D&>(request.op);
  const Convolution c(op.window(), op.groups(), request.inputs[0].shape, request.outputs[0].shape);
  return make_kernel(
      [c, offsets = c.runs(), tallest = c.tallest(c.share)](const KernelArguments& arguments) {
        const auto* const x = arguments.input<float>(0);       // (images, height, width, channels)
        const auto* const kernel = arguments.input<float>(1);  // (window, depth, filters)
        auto* const y = arguments.output<float>(0);            // (images, rows, columns, filters)
        auto* const frame = static_cast<float*>(arguments.workspace);
        if (c.window.pads()) std::fill_n(frame, c.frame_size(), 0.0f);
        TileFactor a{nullptr, c.step(), 1, c.run_length(), static_cast<std::int64_t>(offsets.size()), offsets.data()};
        for (std::int64_t n = arguments.part.row; n < arguments.part.row_end; ++n) {
          const float* image = x + n * c.image_size();
          if (c.window.pads()) c.frame(image, frame), image = frame;
          for (std::int64_t row = 0; row < c.rows; ++row) {
            if (c.depthwise()) {
              const DepthwiseRow positions{c.columns, c.channels, c.step(), c.filters, a.runs, a.offsets};
              depthwise_rows().sum(positions, image + row * c.row_step(), kernel,
                                   y + n * c.result_size() + row * c.columns * c.filters);
              continue;
            }
            for (std::int64_t g = 0; g < c.groups; ++g)
              for_each_piece(0, c.columns, tallest, [&](std::int64_t begin, std::int64_t end) {
                a.data = image + row * c.row_step() + begin * c.step() + g * c.depth;
                multiply_strip(c.tiles, a, end - begin, kernel + g * c.share, c.filters,
                               y + n * c.result_size() + (row * c.columns + begin) * c.filters + g * c.share, c.filters,
                               c.share);
              });
          }
        }
      },
      c.frame_bytes(), c.division(c.height * c.width, c.rows * c.columns));
}

KernelPlan plan_conv2d_kernel_gradient(const KernelRequest& request) {
  const auto& op = static_cast<const Conv2DKernelGradient&>(request.op);
  const Convolution c(op.window(), op.groups(), request.inputs[0].shape, request.inputs[1].shape);
  const std::int64_t at_once = std::clamp<std::int64_t>(chunk_floats / (c.columns * (c.step() + c.filters)), 1,
                                                        std::max<std::int64_t>(c.rows, 1));
  std::vector<std::int64_t> offsets;  // of the rows of positions that are summed at once
  for (std::int64_t row = 0; row < at_once; ++row) offsets.push_back(row * c.row_step());
  return make_kernel(
      [c, at_once, offsets = std::move(offsets), runs = c.runs(),
       tallest = c.tallest(c.share)](const KernelArguments& arguments) {
        const auto* const x = arguments.input<float>(0);  // (images, height, width, channels)
        const auto* const g = arguments.input<float>(1);  // (images, rows, columns, filters)
        auto* const to = arguments.output<float>(0);      // (window, depth, filters)
        auto* const frame = static_cast<float*>(arguments.workspace);
        const Region& part = arguments.part;
        const std::int64_t length = c.run_length();
        std::fill(to + part.row * c.filters, to + part.row_end * c.filters, 0.0f);
        if (c.window.pads()) std::fill_n(frame, c.frame_size(), 0.0f);
        TileFactor a{nullptr, 1, c.step(), c.columns, 0, offsets.data()};
        for (std::int64_t n = 0; n < c.images; ++n) {
          const float* image = x + n * c.image_size();
          if (c.window.pads()) c.frame(image, frame), image = frame;
          for (std::int64_t row = 0; row < c.rows; row += at_once) {
            a.runs = std::min(at_once, c.rows - row);
            const float* const from = g + n * c.result_size() + row * c.columns * c.filters;
            if (c.depthwise()) {
              const DepthwiseRow positions{c.columns, c.channels,  c.step(),
                                           c.filters, part.rows(), &runs[at(part.row)]};
              for (std::int64_t r = 0; r < a.runs; ++r)
                depthwise_rows().correlate(positions, image + (row + r) * c.row_step(),
                                           from + r * c.columns * c.filters, to + part.row * c.filters);
              continue;
            }
            for (std::int64_t begin = part.row, end; begin < part.row_end; begin = end) {
              const std::int64_t run = begin / length, first = run * length;
              // Two short runs are one tile: few sums would not hide how long an addition takes.
              const bool two = begin == first && first + 2 * length <= part.row_end && 2 * length <= tallest;
              end = two ? first + 2 * length : std::min(first + length, part.row_end);
              const std::int64_t* const offset = &runs[at(run)];
              a.jump = two ? offset[1] - offset[0] - length : 0;
              const float* const seen = image + row * c.row_step() + offset[0] - first;
              for (std::int64_t group = 0; group < c.groups; ++group)
                for_each_piece(begin, end, tallest, [&](std::int64_t top, std::int64_t bottom) {
                  a.data = seen + top + group * c.depth;
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
