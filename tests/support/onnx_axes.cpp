// Operators of ONNX that work along axes: reductions, products, softmax.
#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "base/check.h"
#include "graph/spec.h"
#include "support/onnx_numbers.h"
#include "support/onnx_operators.h"

namespace keratin::testing {
namespace {

Array softmax(const OnnxCall& call) {
  const Array& x = call.inputs.at(0);
  expect_floating(x);
  return along_axis(x, axis_in(call.integer("axis", -1), x.shape().rank()), x.shape(), x.dtype(),
                    [](const Numbers64& line, const auto& out) {
                      const double top = *std::max_element(line.begin(), line.end());
                      double total = 0.0;
                      for (const double number : line) total += std::exp(number - top);
                      for (std::size_t i = 0; i < line.size(); ++i)
                        out(static_cast<std::int64_t>(i)) = std::exp(line[i] - top) / total;
                    });
}

Array without_axes(const Array& kept, const Extents& axes) {
  Extents extents;
  for (int axis = 0; axis < kept.shape().rank(); ++axis)
    if (std::find(axes.begin(), axes.end(), axis) == axes.end()) extents.push_back(kept.shape()[axis]);
  return kept.reshape(Shape(std::move(extents)));
}

Array arg_max(const OnnxCall& call) {
  const Array& x = call.inputs.at(0);
  const std::size_t axis = axis_in(call.integer("axis", 0), x.shape().rank());
  Extents extents = extents_of(x.shape());
  extents[axis] = 1;
  const Array kept = along_axis(x, axis, Shape(std::move(extents)), int64, [](const Numbers64& line, const auto& out) {
    out(0) = static_cast<double>(std::max_element(line.begin(), line.end()) - line.begin());
  });
  return call.integer("keepdims", 1) != 0 ? kept : without_axes(kept, {static_cast<std::int64_t>(axis)});
}

double sum(double a, double b) { return a + b; }
double product(double a, double b) { return a * b; }
double larger(double a, double b) { return std::isnan(a) || std::isnan(b) ? std::nan("") : std::max(a, b); }
double smaller(double a, double b) { return std::isnan(a) || std::isnan(b) ? std::nan("") : std::min(a, b); }

/// F from its neutral element on: 0, 1, or -1 and 2 for the infinities, since a double is no template argument in
/// clang 14.
template <double (*F)(double, double), int neutral> Array reduce(const OnnxCall& call) {
  const Array& x = call.inputs.at(0);
  constexpr double infinity = std::numeric_limits<double>::infinity();
  constexpr double start = neutral > 1 ? infinity : neutral < 0 ? -infinity : neutral;
  const bool sums = F == &sum || F == &product;
  check_data(x.dtype() != boolean && !(sums && (x.dtype() == int8 || x.dtype() == uint8)),
             "expected numbers that it takes, got ", x.dtype());
  Extents axes = call.inputs.size() > 1 ? integers_in(call.inputs[1]) : call.integers("axes");
  for (std::int64_t& axis : axes) axis = static_cast<std::int64_t>(axis_in(axis, x.shape().rank()));
  Array kept = x.astype(float64);
  for (const std::int64_t axis : axes) {
    Extents extents = extents_of(kept.shape());
    extents[static_cast<std::size_t>(axis)] = 1;
    kept = along_axis(
        kept, static_cast<std::size_t>(axis), Shape(std::move(extents)), float64,
        [](const Numbers64& line, const auto& out) { out(0) = std::accumulate(line.begin(), line.end(), start, F); });
  }
  kept = kept.astype(x.dtype());
  return call.integer("keepdims", 1) != 0 ? kept : without_axes(kept, axes);
}

/// (…, m, k) · (…, k, n), the leading axes broadcast.
Array mat_mul(const OnnxCall& call) {
  expect_alike(call, 2);
  const Array& a = call.inputs[0];
  const Array& b = call.inputs[1];
  check_data(a.shape().rank() >= 2 && b.shape().rank() >= 2 && a.shape().back() == b.shape()[-2],
             "expected shapes that multiply, got ", a.shape(), " and ", b.shape());
  const Shape out_shape =
      broadcast_shapes(a.shape().until(-2), b.shape().until(-2)) + Shape({a.shape()[-2], b.shape().back()});
  const Numbers64 x = numbers_of(a), y = numbers_of(b);
  Numbers64 out(static_cast<std::size_t>(out_shape.size()));
  for (std::size_t i = 0; i < out.size(); ++i) {
    const Extents position = position_of(static_cast<std::int64_t>(i), out_shape);
    const Extents leading(position.begin(), position.end() - 2);
    const std::int64_t row = position.end()[-2], column = position.back(), k = a.shape().back(), n = b.shape().back();
    const std::size_t from_a = index_of(leading, a.shape().until(-2)) * static_cast<std::size_t>(a.shape()[-2] * k) +
                               static_cast<std::size_t>(row * k);
    const std::size_t from_b =
        index_of(leading, b.shape().until(-2)) * static_cast<std::size_t>(k * n) + static_cast<std::size_t>(column);
    for (std::size_t term = 0; term < static_cast<std::size_t>(k); ++term)
      out[i] += x[from_a + term] * y[from_b + term * static_cast<std::size_t>(n)];
  }
  return made(std::move(out), out_shape, a.dtype());
}

Array swapped(const Array& matrix) {
  Array out = Array::uninitialized({matrix.shape()[1], matrix.shape()[0]}, float64);
  const Array wide = matrix.astype(float64);
  for (std::int64_t row = 0; row < matrix.shape()[0]; ++row)
    for (std::int64_t column = 0; column < matrix.shape()[1]; ++column)
      out.at<double>(column, row) = wide.at<double>(row, column);
  return out.astype(matrix.dtype());
}

Array gemm(const OnnxCall& call) {
  expect_alike(call, 3);
  check_data(call.find("alpha") == nullptr && call.find("beta") == nullptr, "expected neither alpha nor beta");
  check_data(call.inputs[0].shape().rank() == 2 && call.inputs[1].shape().rank() == 2, "expected matrices");
  const Array a = call.integer("transA", 0) != 0 ? swapped(call.inputs[0]) : call.inputs[0];
  const Array b = call.integer("transB", 0) != 0 ? swapped(call.inputs[1]) : call.inputs[1];
  const Array product = mat_mul({call.node, {a, b}});
  return elementwise({product, call.inputs[2]}, product.dtype(), [](std::span<const double> x) { return x[0] + x[1]; });
}

constexpr OnnxRow rows[] = {
    {"ArgMax", arg_max},
    {"Gemm", gemm},
    {"MatMul", mat_mul},
    {"ReduceMax", reduce<larger, -1>},
    {"ReduceMin", reduce<smaller, 2>},
    {"ReduceProd", reduce<product, 1>},
    {"ReduceSum", reduce<sum, 0>},
    {"Softmax", softmax},
};

}  // namespace

std::span<const OnnxRow> onnx_axis_operators() { return rows; }

}  // namespace keratin::testing
