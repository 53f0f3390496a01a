// Operators of ONNX on images (batch, channels, height, width): convolutions and poolings.
#include <cmath>
#include <functional>
#include <limits>

#include "base/check.h"
#include "support/onnx_numbers.h"
#include "support/onnx_operators.h"

namespace keratin::testing {
namespace {

/// What the attributes of a sliding window say of one of the two axes.
struct Slide {
  std::int64_t size, stride, dilation, before, after, extent;
  std::int64_t positions() const { return (extent + before + after - (size - 1) * dilation - 1) / stride + 1; }
  /// use(element of the window, where that is in the input) for what a position sees of the input.
  void for_each(std::int64_t position, const std::function<void(std::int64_t, std::int64_t)>& use) const {
    for (std::int64_t i = 0; i < size; ++i) {
      const std::int64_t at = position * stride + i * dilation - before;
      if (at >= 0 && at < extent) use(i, at);
    }
  }
};

Slide slide(const OnnxCall& call, std::size_t axis) {
  const Shape& x = call.inputs.at(0).shape();
  check_data(x.rank() == 4, "expected (batch, channels, height, width), got ", x);
  const auto number = [&](const char* name, std::size_t index, std::int64_t otherwise) {
    return call.find(name) == nullptr ? otherwise : call.integers(name).at(index);
  };
  return {call.integers("kernel_shape").at(axis),
          number("strides", axis, 1),
          number("dilations", axis, 1),
          number("pads", axis, 0),
          number("pads", axis + 2, 0),
          x[static_cast<int>(axis) + 2]};
}

/// The element at every position of (batch, channels, rows, columns).
Array at_positions(const OnnxCall& call, std::int64_t channels, const Slide& rows, const Slide& columns,
                   const std::function<double(const Extents&)>& f) {
  const Shape shape({call.inputs[0].shape()[0], channels, rows.positions(), columns.positions()});
  Numbers64 out(static_cast<std::size_t>(shape.size()));
  for (std::size_t i = 0; i < out.size(); ++i) out[i] = f(position_of(static_cast<std::int64_t>(i), shape));
  return made(std::move(out), shape, call.inputs[0].dtype());
}

Array conv(const OnnxCall& call) {
  expect_alike(call, call.inputs.size());
  const Shape &x = call.inputs[0].shape(), &kernel = call.inputs.at(1).shape();  // (filters, channels / group, …)
  const std::int64_t groups = call.integer("group", 1);
  check_data(kernel.rank() == 4 && kernel[1] * groups == x[1] && kernel[0] % groups == 0,
             "expected a kernel for its groups, got ", kernel);
  const Slide rows = slide(call, 0), columns = slide(call, 1);
  const Numbers64 image = numbers_of(call.inputs[0]), weights = numbers_of(call.inputs[1]);
  const Numbers64 bias = call.inputs.size() > 2 ? numbers_of(call.inputs[2]) : Numbers64();
  return at_positions(call, kernel[0], rows, columns, [&](const Extents& y) {
    const std::int64_t first = y[1] / (kernel[0] / groups) * kernel[1];
    double sum = bias.empty() ? 0.0 : bias.at(static_cast<std::size_t>(y[1]));
    rows.for_each(y[2], [&](std::int64_t i, std::int64_t row) {
      columns.for_each(y[3], [&](std::int64_t j, std::int64_t column) {
        for (std::int64_t c = 0; c < kernel[1]; ++c)
          sum += image[index_of({y[0], first + c, row, column}, x)] * weights[index_of({y[1], c, i, j}, kernel)];
      });
    });
    return sum;
  });
}

/// finish(sum or largest, count) of what every position sees.
Array pool(const OnnxCall& call, double start, double (*combine)(double, double), double (*finish)(double, double)) {
  expect_floating(call.inputs.at(0));
  const Shape& x = call.inputs[0].shape();
  const Slide rows = slide(call, 0), columns = slide(call, 1);
  const Numbers64 image = numbers_of(call.inputs[0]);
  return at_positions(call, x[1], rows, columns, [&](const Extents& y) {
    double result = start, count = 0.0;
    rows.for_each(y[2], [&](std::int64_t, std::int64_t row) {
      columns.for_each(y[3], [&](std::int64_t, std::int64_t column) {
        result = combine(result, image[index_of({y[0], y[1], row, column}, x)]);
        count += 1.0;
      });
    });
    return finish(result, count);
  });
}

Array max_pool(const OnnxCall& call) {
  return pool(
      call, -std::numeric_limits<double>::infinity(),
      [](double a, double b) { return std::isnan(a) || std::isnan(b) ? std::nan("") : std::max(a, b); },
      [](double largest, double) { return largest; });
}

Array average_pool(const OnnxCall& call) {
  check_data(call.integer("count_include_pad", 0) == 0, "expected a mean without the padding");
  return pool(
      call, 0.0, [](double a, double b) { return a + b; }, [](double sum, double count) { return sum / count; });
}

constexpr OnnxRow rows[] = {{"AveragePool", average_pool}, {"Conv", conv}, {"MaxPool", max_pool}};

}  // namespace

std::span<const OnnxRow> onnx_image_operators() { return rows; }

}  // namespace keratin::testing
