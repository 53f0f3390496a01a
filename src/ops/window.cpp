#include "ops/window.h"

#include <algorithm>

#include "base/check.h"
#include "ops/functions.h"
#include "ops/pad.h"
#include "ops/slice.h"

namespace keratin {
namespace {

constexpr std::array<int, 2> axes{1, 2};
constexpr std::array<const char*, 2> names{"rows", "columns"};

constexpr std::int64_t farthest = std::int64_t{1} << 31;  // what a window may reach over: sums of a few fit 64 bits

/// How far the window's last element lies from its first, and one more.
std::int64_t reach(const Window& window, std::size_t i) { return (window.size[i] - 1) * window.dilation[i] + 1; }

StridedSlice slice_under(const Window& window, const Shape& padded, std::int64_t row, std::int64_t column) {
  Window plain = window;
  plain.before = plain.after = {0, 0};
  const Shape positions = plain.positions(padded, padded.back());
  return {{0, row * window.dilation[0], column * window.dilation[1], 0},
          positions,
          {1, positions[1] > 1 ? window.strides[0] : 1, positions[2] > 1 ? window.strides[1] : 1, 1}};
}

}  // namespace

Pair positive_pair(std::string_view who, Size2D numbers) {
  check_argument(numbers.height > 0 && numbers.width > 0, who, ": expected positive numbers, got (", numbers.height,
                 ", ", numbers.width, ")");
  return {numbers.height, numbers.width};
}

Window Window::padded(const Shape& input, std::string_view padding, Pair size, Pair strides, Pair dilation) {
  check_argument(padding == "valid" || padding == "same", "padding: expected valid or same, got ", padding);
  Window out{size, strides, dilation};
  for (std::size_t i = 0; i < 2; ++i)
    check_argument(size[i] < farthest && (size[i] == 1 || dilation[i] < farthest / (size[i] - 1)),
                   "expected a window over less than ", farthest, " ", names[i], ", got ", size[i],
                   " at a distance of ", dilation[i]);
  for (std::size_t i = 0; i < 2 && padding == "same"; ++i) {
    const std::int64_t extent = input[axes[i]];  // the last of ⌈extent / stride⌉ positions lies before its end
    const std::int64_t last = extent > 0 ? (extent - 1) / strides[i] * strides[i] : 0;
    const std::int64_t total = std::max<std::int64_t>(last + reach(out, i) - extent, 0);
    out.before[i] = total / 2;
    out.after[i] = total - total / 2;
  }
  return out;
}

void Window::fields(FieldWriter& write) const {
  const auto pair = [&](const char* name, const Pair& numbers) {
    write(name, std::vector(numbers.begin(), numbers.end()));
  };
  pair("size", size);
  pair("strides", strides);
  pair("dilation", dilation);
  pair("before", before);
  pair("after", after);
}

Shape Window::positions(const Shape& input, std::int64_t channels) const {
  check_shape(input.rank() == 4, "expected (batch, height, width, channels), got ", input);
  Pair out;
  for (std::size_t i = 0; i < 2; ++i) {
    const std::int64_t extent = input[axes[i]], whole = extent + before[i] + after[i];
    check_shape(extent > 0 && whole >= reach(*this, i), "expected an input with at least ", reach(*this, i), " ",
                names[i], ", padding included, for a window of ", size[i], " at a distance of ", dilation[i], ", got ",
                whole, " in ", input);
    out[i] = (whole - reach(*this, i)) / strides[i] + 1;
  }
  return {input[0], out[0], out[1], channels};
}

Shape Window::around(const Shape& input) const {
  return {input[0], input[1] + before[0] + after[0], input[2] + before[1] + after[1], input[3]};
}

Tensor Window::pad(const Tensor& x, double value) const {
  if (!pads()) return x;
  return make_op<Pad>(x, std::vector<std::int64_t>{0, before[0], before[1], 0}, around(x.shape()), value);
}

Tensor Window::under(const Tensor& padded, std::int64_t row, std::int64_t column) const {
  const StridedSlice slice = slice_under(*this, padded.shape(), row, column);
  return make_op<StridedSlice>(padded, slice.starts(), slice.extents(), slice.steps());
}

Tensor Window::put(const Tensor& values, const Shape& input, std::int64_t row, std::int64_t column) const {
  const Shape shape = around(input);
  const StridedSlice slice = slice_under(*this, shape, row, column);
  return put_apart(values, shape, slice.starts(), slice.steps());
}

Tensor Window::unpad(const Tensor& padded, const Shape& input) const {
  if (!pads()) return padded;
  return make_op<StridedSlice>(padded, std::vector<std::int64_t>{0, before[0], before[1], 0}, input,
                               std::vector<std::int64_t>{1, 1, 1, 1});
}

void Window::emit(OnnxNode& node, std::string_view type, std::vector<std::string> others,
                  std::vector<OnnxAttribute> attributes) const {
  const auto integers = [](const auto&... numbers) { return std::vector<std::int64_t>{numbers...}; };
  const std::string x = node.temporary(), y = node.temporary();
  node.emit("Transpose", {node.input(0)}, {x}, {{"perm", integers(0, 3, 1, 2)}});
  attributes.push_back({"kernel_shape", integers(size[0], size[1])});
  attributes.push_back({"strides", integers(strides[0], strides[1])});
  attributes.push_back({"pads", integers(before[0], before[1], after[0], after[1])});
  if (dilation != Pair{1, 1}) attributes.push_back({"dilations", integers(dilation[0], dilation[1])});
  others.insert(others.begin(), x);
  node.emit(type, std::move(others), {y}, std::move(attributes));
  node.emit("Transpose", {y}, {node.output()}, {{"perm", integers(0, 2, 3, 1)}});
}

}  // namespace keratin
