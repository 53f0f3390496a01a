// MaxPool2D, AveragePool2D and their gradients, float32: loops over neighbouring channels.
#include "ops/pool2d.h"

#include <algorithm>
#include <limits>

#include "cpu/division.h"
#include "cpu/kernels/kernels.h"
#include "cpu/lanes.h"

namespace keratin::cpu {
namespace {

/// Positions of a window on images, in elements.
struct Pooling {
  Window window;
  std::int64_t images, height, width, channels;  // x
  std::int64_t rows, columns;                    // y

  Pooling(const Window& moved, const Shape& x, const Shape& y)
      : window(moved), images(x[0]), height(x[1]), width(x[2]), channels(x[3]), rows(y[1]), columns(y[2]) {}

  std::int64_t line() const { return width * channels; }
  std::int64_t image_size() const { return height * line(); }
  std::int64_t result_size() const { return rows * columns * channels; }
  /// use(i, where that is in the input) for the window's rows, or columns, that lie on the image.
  template <class Use> void for_each_seen(std::size_t axis, std::int64_t position, const Use& use) const {
    const std::int64_t first = position * window.strides[axis] - window.before[axis];
    const std::int64_t extent = axis == 0 ? height : width;
    const std::int64_t end = std::min(window.size[axis], extent - first);
    for (std::int64_t i = std::max<std::int64_t>(-first, 0); i < end; ++i) use(first + i);
  }
  float seen(std::int64_t row, std::int64_t column) const {
    std::int64_t in_rows = 0, in_columns = 0;
    for_each_seen(0, row, [&](std::int64_t) { ++in_rows; });
    for_each_seen(1, column, [&](std::int64_t) { ++in_columns; });
    return static_cast<float>(in_rows * in_columns);
  }
  Division division(std::vector<std::int64_t> rows_of_inputs, std::int64_t rows_of_output) const {
    Division out = image_division(images, std::move(rows_of_inputs), rows_of_output);
    out.flops = static_cast<double>(images * result_size() * window.elements());
    return out;
  }
};

/// Combines what each position sees: first the window's rows, along whole lines, then its columns.
template <class Combine, class Finish>
KernelPlan plan_pool(const KernelRequest& request, const Window& window, float start, Combine combine, Finish finish) {
  const Pooling p(window, request.inputs[0].shape, request.outputs[0].shape);
  return make_kernel(
      [=](const KernelArguments& arguments) {
        auto* const line = static_cast<float*>(arguments.workspace);  // (width, channels)
        const std::int64_t channels = p.channels;
        for (std::int64_t n = arguments.part.row; n < arguments.part.row_end; ++n) {
          const float* const x = arguments.input<float>(0) + n * p.image_size();
          float* y = arguments.output<float>(0) + n * p.result_size();
          for (std::int64_t row = 0; row < p.rows; ++row) {
            std::fill_n(line, p.line(), start);
            p.for_each_seen(0, row, [&](std::int64_t i) {
              const float* const from = x + i * p.line();
              for (std::int64_t k = 0; k < p.line(); ++k) line[k] = combine(line[k], from[k]);
            });
            for (std::int64_t column = 0; column < p.columns; ++column, y += channels) {
              std::fill_n(y, channels, start);
              p.for_each_seen(1, column, [&](std::int64_t j) {
                const float* const from = line + j * channels;
                KERATIN_INDEPENDENT
                for (std::int64_t c = 0; c < channels; ++c) y[c] = combine(y[c], from[c]);
              });
              finish(y, channels, p, row, column);
            }
          }
        }
      },
      static_cast<std::size_t>(p.line()) * sizeof(float), p.division({p.height * p.width}, p.rows * p.columns));
}

}  // namespace

KernelPlan plan_max_pool2d(const KernelRequest& request) {
  return plan_pool(
      request, static_cast<const MaxPool2D&>(request.op).window(), -std::numeric_limits<float>::infinity(),
      [](float a, float b) { return scalar::max(a, b); },
      [](float*, std::int64_t, const Pooling&, std::int64_t, std::int64_t) {});
}

KernelPlan plan_average_pool2d(const KernelRequest& request) {
  return plan_pool(
      request, static_cast<const AveragePool2D&>(request.op).window(), 0.0f, [](float a, float b) { return a + b; },
      [](float* y, std::int64_t channels, const Pooling& p, std::int64_t row, std::int64_t column) {
        const float count = p.seen(row, column);
        for (std::int64_t c = 0; c < channels; ++c) y[c] /= count;
      });
}

KernelPlan plan_max_pool2d_gradient(const KernelRequest& request) {
  const auto& op = static_cast<const MaxPool2DGradient&>(request.op);
  const Pooling p(op.window(), request.inputs[0].shape, request.inputs[1].shape);
  return make_kernel(
      [p](const KernelArguments& arguments) {
        auto* const left = static_cast<float*>(arguments.workspace);  // (channels) of g, what nobody has been given
        for (std::int64_t n = arguments.part.row; n < arguments.part.row_end; ++n) {
          const float* const x = arguments.input<float>(0) + n * p.image_size();
          const float* y = arguments.input<float>(1) + n * p.result_size();
          const float* g = arguments.input<float>(2) + n * p.result_size();
          float* const to = arguments.output<float>(0) + n * p.image_size();
          std::fill_n(to, p.image_size(), 0.0f);
          for (std::int64_t row = 0; row < p.rows; ++row)
            for (std::int64_t column = 0; column < p.columns; ++column, y += p.channels, g += p.channels) {
              std::copy_n(g, p.channels, left);
              p.for_each_seen(0, row, [&](std::int64_t i) {
                p.for_each_seen(1, column, [&](std::int64_t j) {
                  const std::int64_t at = i * p.line() + j * p.channels;
                  KERATIN_INDEPENDENT
                  for (std::int64_t c = 0; c < p.channels; ++c) {
                    const bool largest = x[at + c] == y[c];
                    to[at + c] += largest ? left[c] : 0.0f;
                    left[c] = largest ? 0.0f : left[c];
                  }
                });
              });
            }
        }
      },
      static_cast<std::size_t>(p.channels) * sizeof(float),
      p.division({p.height * p.width, p.rows * p.columns, p.rows * p.columns}, p.height * p.width));
}

KernelPlan plan_average_pool2d_gradient(const KernelRequest& request) {
  const auto& op = static_cast<const AveragePool2DGradient&>(request.op);
  const Pooling p(op.window(), request.outputs[0].shape, request.inputs[0].shape);
  return make_kernel(
      [p](const KernelArguments& arguments) {
        for (std::int64_t n = arguments.part.row; n < arguments.part.row_end; ++n) {
          const float* g = arguments.input<float>(0) + n * p.result_size();
          float* const to = arguments.output<float>(0) + n * p.image_size();
          std::fill_n(to, p.image_size(), 0.0f);
          for (std::int64_t row = 0; row < p.rows; ++row)
            for (std::int64_t column = 0; column < p.columns; ++column, g += p.channels) {
              const float count = p.seen(row, column);
              p.for_each_seen(0, row, [&](std::int64_t i) {
                p.for_each_seen(1, column, [&](std::int64_t j) {
                  float* const at = to + i * p.line() + j * p.channels;
                  KERATIN_INDEPENDENT
                  for (std::int64_t c = 0; c < p.channels; ++c) at[c] += g[c] / count;
                });
              });
            }
        }
      },
      0, p.division({p.rows * p.columns}, p.height * p.width));
}

}  // namespace keratin::cpu
