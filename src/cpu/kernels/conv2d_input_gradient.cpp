// Conv2DInputGradient, float32. Pixels a stride apart see the gradient through the same elements of the window: for
// each such class of pixels it is a convolution of its own, of the gradient with the kernel's rows in another order,
// and its tiles write every pixel once.
#include <algorithm>

#include "base/transpose_matrix.h"
#include "cpu/kernels/convolution.h"
#include "cpu/kernels/kernels.h"
#include "ops/conv2d.h"
#include "simd/depthwise_rows.h"

namespace keratin::cpu {
namespace {

/// Of the pixels first, first + stride, … of an axis: pixel number q sees the position q + shifts[e] through the
/// window's element elements[e].
struct PixelClass {
  std::int64_t first = 0, pixels = 0;
  std::vector<std::int64_t> elements, shifts;
};

/// Rows in the order of the window, columns in that of the positions, which lie beside each other.
std::vector<PixelClass> classes_of(const Window& window, std::size_t axis, std::int64_t extent) {
  const std::int64_t stride = window.strides[axis];
  std::vector<PixelClass> classes;
  for (std::int64_t first = 0; first < std::min(stride, extent); ++first) {
    PixelClass made{first, (extent - first + stride - 1) / stride, {}, {}};
    for (std::int64_t i = 0; i < window.size[axis]; ++i) {
      const std::int64_t element = axis == 0 ? i : window.size[axis] - 1 - i;
      const std::int64_t from = first + window.before[axis] - element * window.dilation[axis];
      if (from % stride != 0) continue;
      made.elements.push_back(element);
      made.shifts.push_back(from / stride);
    }
    classes.push_back(std::move(made));
  }
  return classes;
}

class InputGradient {
 public:
  explicit InputGradient(const Convolution& convolution)
      : c_(convolution),
        tallest_(c_.tallest(c_.depth)),
        row_classes_(classes_of(c_.window, 0, c_.height)),
        column_classes_(classes_of(c_.window, 1, c_.width)) {
    for (const PixelClass& columns : column_classes_) {
      if (columns.elements.empty()) continue;
      left_ = std::max(left_, -columns.shifts.front());
      right_ = std::max(right_, columns.pixels + columns.shifts.back() - c_.columns);
    }
    std::int64_t at = 0;
    for (const PixelClass& rows : row_classes_)
      for (const PixelClass& columns : column_classes_) {
        blocks_.push_back(block_of(rows, columns, at));
        at += static_cast<std::int64_t>(rows.elements.size() * columns.elements.size()) * c_.share * c_.channels;
      }
  }

  std::size_t workspace_bytes() const {
    return static_cast<std::size_t>(turned_size() + (framed() ? frame_size() : 0)) * sizeof(float);
  }

  void run(const KernelArguments& arguments) const {
    const auto* const g = arguments.input<float>(0);                // (images, rows, columns, filters)
    auto* const x = arguments.output<float>(0);                     // (images, height, width, channels)
    auto* const turned = static_cast<float*>(arguments.workspace);  // (blocks, groups, elements, share, depth)
    float* const frame = turned + turned_size();                    // (rows, left + columns + right, filters)
    turn(arguments.input<float>(1), turned);
    if (framed()) std::fill_n(frame, frame_size(), 0.0f);
    for (std::int64_t n = arguments.part.row; n < arguments.part.row_end; ++n) {
      const float* image = g + n * c_.result_size();
      if (framed()) {
        for (std::int64_t row = 0; row < c_.rows; ++row)
          std::copy_n(image + row * c_.columns * c_.filters, c_.columns * c_.filters,
                      frame + row * line() + left_ * c_.filters);
        image = frame;
      }
      auto block = blocks_.begin();
      for (const PixelClass& rows : row_classes_)
        for (const PixelClass& columns : column_classes_)
          give(rows, columns, *block++, image, turned, x + n * c_.image_size());
    }
  }

 private:
  /// What a class of rows and one of columns have in common.
  struct Block {
    std::int64_t at;                    // in the turned kernel
    std::int64_t run_length;            // elements of the gradient that lie together
    std::int64_t runs_of_row;           // of the window
    std::vector<std::int64_t> offsets;  // of the runs, from where pixel (0, 0) would see position (0, 0)
  };

  Block block_of(const PixelClass& rows, const PixelClass& columns, std::int64_t at) const {
    const std::vector<std::int64_t>& shifts = columns.shifts;
    const auto count = static_cast<std::int64_t>(shifts.size());
    const bool together = c_.groups == 1 && count > 0 && shifts.back() - shifts.front() == count - 1;
    Block block{at, together ? count * c_.share : c_.share, together ? 1 : count, {}};
    for (const std::int64_t row : rows.shifts)
      for (std::int64_t j = 0; j < block.runs_of_row; ++j)
        block.offsets.push_back(row * line() + (shifts[static_cast<std::size_t>(j)] + left_) * c_.filters);
    return block;
  }

  bool framed() const { return left_ > 0 || right_ > 0; }
  std::int64_t line() const { return (left_ + c_.columns + right_) * c_.filters; }
  std::int64_t frame_size() const { return c_.rows * line(); }
  std::int64_t turned_size() const {
    return (c_.kernel_rows() * c_.filters + cache_line - 1) / cache_line * cache_line;
  }

  /// The kernel, (window, depth, filters), in the order in which the classes' pixels see its elements; of a depthwise
  /// convolution (blocks, elements, channels).
  void turn(const float* kernel, float* to) const {
    const std::int64_t groups = c_.depthwise() ? 1 : c_.groups, share = c_.filters / groups;
    for (const PixelClass& rows : row_classes_)
      for (const PixelClass& columns : column_classes_)
        for (std::int64_t group = 0; group < groups; ++group)
          for (const std::int64_t i : rows.elements)
            for (const std::int64_t j : columns.elements) {
              const float* const from = kernel + (i * c_.window.size[1] + j) * c_.depth * c_.filters + group * share;
              transpose_matrix(to, c_.depth, from, c_.filters, share, c_.depth);
              to += share * c_.depth;
            }
  }

  /// To all pixels of the two classes.
  void give(const PixelClass& rows, const PixelClass& columns, const Block& block, const float* g, const float* turned,
            float* x) const {
    const std::int64_t row_of_window = static_cast<std::int64_t>(columns.elements.size()) * c_.share * c_.depth;
    const auto elements = static_cast<std::int64_t>(rows.elements.size());
    TileFactor a{nullptr, c_.filters, 1, block.run_length, 0, nullptr};
    for (std::int64_t q = 0; q < rows.pixels; ++q) {
      std::int64_t begin = 0, end = elements;  // of the elements, those that see a row of positions
      while (begin < end && q + rows.shifts[static_cast<std::size_t>(begin)] >= c_.rows) ++begin;
      while (begin < end && q + rows.shifts[static_cast<std::size_t>(end - 1)] < 0) --end;
      a.runs = (end - begin) * block.runs_of_row;
      a.offsets = block.offsets.data() + begin * block.runs_of_row;
      float* const row = x + ((rows.first + q * c_.window.strides[0]) * c_.width + columns.first) * c_.channels;
      if (c_.depthwise()) {
        const float* const kernel = turned + block.at + begin * row_of_window * c_.groups;
        depthwise_rows().sum({columns.pixels, c_.channels, c_.filters, c_.step(), a.runs, a.offsets}, g + q * line(),
                             kernel, row);
        continue;
      }
      for (std::int64_t group = 0; group < c_.groups; ++group)
        for_each_piece(0, columns.pixels, tallest_, [&](std::int64_t left, std::int64_t right) {
          a.data = g + q * line() + left * c_.filters + group * c_.share;
          multiply_strip(c_.tiles, a, right - left, turned + block.at + (group * elements + begin) * row_of_window,
                         c_.depth, row + left * c_.step() + group * c_.depth, c_.step(), c_.depth);
        });
    }
  }

  Convolution c_;
  std::int64_t tallest_;
  std::vector<PixelClass> row_classes_, column_classes_;
  std::vector<Block> blocks_;          // of each pair of them
  std::int64_t left_ = 0, right_ = 0;  // zeros beside the gradient's rows that pixels see
};

}  // namespace

KernelPlan plan_conv2d_input_gradient(const KernelRequest& request) {
  const auto& op = static_cast<const Conv2DInputGradient&>(request.op);
  const Convolution c(op.window(), op.groups(), request.outputs[0].shape, request.inputs[0].shape);
  const InputGradient gradient(c);
  return make_kernel([gradient](const KernelArguments& arguments) { gradient.run(arguments); },
                     gradient.workspace_bytes(), c.division(c.rows * c.columns, c.height * c.width));
}

}  // namespace keratin::cpu
