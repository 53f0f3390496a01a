// MaxPool2D, AveragePool2D and their gradients, float32, image by image.
#include "ops/pool2d.h"

#include <algorithm>

#include "cpu/division.h"
#include "cpu/kernels/kernels.h"
#include "simd/pool_rows.h"

namespace keratin::cpu {
namespace {

/// A window on images, in elements.
class Pooling {
 public:
  Pooling(const Window& window, const Shape& x, const Shape& y)
      : window_(window), images_(x[0]), height_(x[1]), width_(x[2]), channels_(x[3]), rows_(y[1]), columns_(y[2]) {}

  const PoolRows& loops() const { return loops_; }
  std::int64_t columns() const { return columns_; }
  std::int64_t channels() const { return channels_; }
  std::int64_t image_size() const { return height_ * width_ * channels_; }
  std::int64_t result_size() const { return rows_ * columns_ * channels_; }
  /// Every pixel is seen by one position at most.
  bool apart() const { return window_.strides[0] >= window_.size[0] && window_.strides[1] >= window_.size[1]; }
  /// … and by one at least.
  bool covers() const {
    return apart() && !window_.pads() && rows_ * window_.size[0] == height_ && columns_ * window_.size[1] == width_;
  }
  /// use(what the row of positions sees, from which element of x on, where it is in y).
  template <class Use> void for_each_row(const Use& use) const {
    for (std::int64_t row = 0; row < rows_; ++row) {
      const auto [begin, end] = seen(0, row);
      use(PooledRow{columns_, window_.size[1], window_.strides[1], window_.before[1], end - begin, width_ * channels_,
                    width_, channels_},
          begin * width_ * channels_, row * columns_ * channels_);
    }
  }
  /// How many pixels each position sees: (rows, columns).
  std::vector<float> counts() const {
    const auto length = [&](std::size_t axis, std::int64_t position) {
      const auto [begin, end] = seen(axis, position);
      return static_cast<float>(end - begin);
    };
    std::vector<float> out;
    for (std::int64_t row = 0; row < rows_; ++row)
      for (std::int64_t column = 0; column < columns_; ++column) out.push_back(length(0, row) * length(1, column));
    return out;
  }
  /// By images; of each operand, whether it has y's shape instead of x's.
  Division division(const std::vector<bool>& inputs_pooled, bool output_pooled) const {
    const auto rows = [&](bool pooled) { return pooled ? rows_ * columns_ : height_ * width_; };
    std::vector<std::int64_t> rows_of_inputs;
    for (const bool pooled : inputs_pooled) rows_of_inputs.push_back(rows(pooled));
    Division out = image_division(images_, rows_of_inputs, rows(output_pooled));
    out.flops = static_cast<double>(images_ * result_size() * window_.elements());
    return out;
  }

 private:
  /// The first of the window's pixels on the image, and the end of them.
  std::pair<std::int64_t, std::int64_t> seen(std::size_t axis, std::int64_t position) const {
    const std::int64_t first = position * window_.strides[axis] - window_.before[axis];
    return {std::max<std::int64_t>(first, 0), std::min(first + window_.size[axis], axis == 0 ? height_ : width_)};
  }

  const PoolRows& loops_ = pool_rows();
  Window window_;
  std::int64_t images_, height_, width_, channels_;  // x
  std::int64_t rows_, columns_;                      // y
};

}  // namespace

KernelPlan plan_max_pool2d(const KernelRequest& request) {
  const Pooling p(static_cast<const MaxPool2D&>(request.op).window(), request.inputs[0].shape,
                  request.outputs[0].shape);
  return make_kernel(
      [p](const KernelArguments& arguments) {
        for (std::int64_t n = arguments.part.row; n < arguments.part.row_end; ++n)
          p.for_each_row([&](const PooledRow& row, std::int64_t from, std::int64_t to) {
            p.loops().largest(row, arguments.input<float>(0) + n * p.image_size() + from,
                              arguments.output<float>(0) + n * p.result_size() + to);
          });
      },
      0, p.division({false}, true));
}

KernelPlan plan_average_pool2d(const KernelRequest& request) {
  const auto& op = static_cast<const AveragePool2D&>(request.op);
  const Pooling p(op.window(), request.inputs[0].shape, request.outputs[0].shape);
  return make_kernel(
      [p, counts = p.counts()](const KernelArguments& arguments) {
        for (std::int64_t n = arguments.part.row; n < arguments.part.row_end; ++n) {
          float* y = arguments.output<float>(0) + n * p.result_size();
          p.for_each_row([&](const PooledRow& row, std::int64_t from, std::int64_t to) {
            p.loops().sum(row, arguments.input<float>(0) + n * p.image_size() + from, y + to);
          });
          for (const float count : counts)
            for (std::int64_t c = 0; c < p.channels(); ++c) *y++ /= count;
        }
      },
      0, p.division({false}, true));
}

KernelPlan plan_max_pool2d_gradient(const KernelRequest& request) {
  const auto& op = static_cast<const MaxPool2DGradient&>(request.op);
  const Pooling p(op.window(), request.inputs[0].shape, request.inputs[1].shape);
  return make_kernel(
      [p](const KernelArguments& arguments) {
        for (std::int64_t n = arguments.part.row; n < arguments.part.row_end; ++n) {
          float* const dx = arguments.output<float>(0) + n * p.image_size();
          if (!p.covers()) std::fill_n(dx, p.image_size(), 0.0f);
          p.for_each_row([&](const PooledRow& row, std::int64_t pixel, std::int64_t position) {
            p.loops().give_to_largest(row, arguments.input<float>(0) + n * p.image_size() + pixel,
                                      arguments.input<float>(1) + n * p.result_size() + position,
                                      arguments.input<float>(2) + n * p.result_size() + position, dx + pixel,
                                      p.apart());
          });
        }
      },
      0, p.division({false, true, true}, false));
}

KernelPlan plan_average_pool2d_gradient(const KernelRequest& request) {
  const auto& op = static_cast<const AveragePool2DGradient&>(request.op);
  const Pooling p(op.window(), request.outputs[0].shape, request.inputs[0].shape);
  return make_kernel(
      [p, counts = p.counts()](const KernelArguments& arguments) {
        auto* const share = static_cast<float*>(arguments.workspace);  // (rows, columns, channels)
        for (std::int64_t n = arguments.part.row; n < arguments.part.row_end; ++n) {
          const float* g = arguments.input<float>(0) + n * p.result_size();
          float* const dx = arguments.output<float>(0) + n * p.image_size();
          float* next = share;
          for (const float count : counts)
            for (std::int64_t c = 0; c < p.channels(); ++c) *next++ = *g++ / count;
          std::fill_n(dx, p.image_size(), 0.0f);
          p.for_each_row([&](const PooledRow& row, std::int64_t pixel, std::int64_t position) {
            p.loops().give(row, share + position, dx + pixel);
          });
        }
      },
      static_cast<std::size_t>(p.result_size()) * sizeof(float), p.division({true}, false));
}

}  // namespace keratin::cpu
