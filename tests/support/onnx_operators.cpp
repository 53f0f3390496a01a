#include "support/onnx_operators.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <numeric>
#include <span>
#include <utility>

#include "base/check.h"
#include "graph/onnx_node.h"
#include "graph/spec.h"

namespace keratin::testing {

const onnx_ir::AttributeProto* OnnxCall::find(std::string_view name) const {
  for (const onnx_ir::AttributeProto& attribute : node.attribute())
    if (attribute.name() == name) return &attribute;
  return nullptr;
}

std::int64_t OnnxCall::integer(std::string_view name, std::int64_t otherwise) const {
  const auto* attribute = find(name);
  return attribute != nullptr ? attribute->i() : otherwise;
}

std::vector<std::int64_t> OnnxCall::integers(std::string_view name) const {
  const auto* attribute = find(name);
  check_data(attribute != nullptr, "expected the attribute ", name);
  return {attribute->ints().begin(), attribute->ints().end()};
}

DType dtype_of_onnx(std::int64_t code) {
  for (const DType dtype : {float32, float64, float16, bfloat16, int8, uint8, int32, int64, boolean})
    if (onnx_dtype(dtype) == code) return dtype;
  throw DataError(concat("expected a dtype that Keratin has, got ", code));
}

namespace {

using Numbers = std::vector<double>;
using Extents = std::vector<std::int64_t>;

Numbers numbers_of(const Array& array) {
  const Array wide = array.astype(float64);
  return {wide.values<double>().begin(), wide.values<double>().end()};
}

Array made(Numbers numbers, const Shape& shape, DType dtype) { return Array(std::move(numbers), shape).astype(dtype); }

Extents extents_of(const Shape& shape) { return {shape.begin(), shape.end()}; }

/// An argument that says a shape or axes.
Extents integers_in(const Array& array) {
  check_data(array.dtype() == int64 && array.shape().rank() <= 1, "expected int64 numbers along one axis, got ",
             array.dtype(), array.shape());
  return {array.values<std::int64_t>().begin(), array.values<std::int64_t>().end()};
}

std::size_t axis_in(std::int64_t axis, int rank) {
  check_data(axis >= -rank && axis < rank, "expected an axis in [", -rank, ", ", rank, "), got ", axis);
  return static_cast<std::size_t>(axis < 0 ? axis + rank : axis);
}

/// The position of element `index` of a tensor of that shape along each axis.
Extents position_of(std::int64_t index, const Shape& shape) {
  Extents position(static_cast<std::size_t>(shape.rank()));
  for (std::size_t axis = position.size(); axis-- > 0;) {
    const std::int64_t extent = shape[static_cast<int>(axis)];
    position[axis] = index % extent;
    index /= extent;
  }
  return position;
}

/// The element at a position, whose leading axes the shape may lack and whose axes of extent 1 repeat.
std::size_t index_of(const Extents& position, const Shape& shape) {
  const std::size_t leading = position.size() - static_cast<std::size_t>(shape.rank());
  std::int64_t index = 0;
  for (int axis = 0; axis < shape.rank(); ++axis)
    index = index * shape[axis] + (shape[axis] == 1 ? 0 : position[leading + static_cast<std::size_t>(axis)]);
  return static_cast<std::size_t>(index);
}

/// f at every position of the inputs' common shape.
Array elementwise(const std::vector<Array>& inputs, DType dtype,
                  const std::function<double(std::span<const double>)>& f) {
  Shape shape;
  std::vector<Numbers> numbers;
  for (const Array& input : inputs) {
    shape = broadcast_shapes(shape, input.shape());
    numbers.push_back(numbers_of(input));
  }
  Numbers out(static_cast<std::size_t>(shape.size()));
  Numbers arguments(inputs.size());
  for (std::size_t i = 0; i < out.size(); ++i) {
    const Extents position = position_of(static_cast<std::int64_t>(i), shape);
    for (std::size_t k = 0; k < inputs.size(); ++k) arguments[k] = numbers[k][index_of(position, inputs[k].shape())];
    out[i] = f(arguments);
  }
  return made(std::move(out), shape, dtype);
}

void expect_alike(const OnnxCall& call, std::size_t count) {
  check_data(call.inputs.size() == count, "expected ", count, " inputs, got ", call.inputs.size());
  for (const Array& input : call.inputs)
    check_data(input.dtype() == call.inputs[0].dtype(), "expected inputs of one dtype, got ", call.inputs[0].dtype(),
               " and ", input.dtype());
}

void expect_floating(const Array& array) {
  check_data(is_floating(array.dtype()), "expected floating-point numbers, got ", array.dtype());
}

template <double (*F)(double)>
Array floating_unary(const OnnxCall& call) {
  expect_alike(call, 1);
  expect_floating(call.inputs[0]);
  return elementwise(call.inputs, call.inputs[0].dtype(), [](std::span<const double> x) { return F(x[0]); });
}

template <double (*F)(double)>
Array numeric_unary(const OnnxCall& call) {
  expect_alike(call, 1);
  check_data(call.inputs[0].dtype() != boolean, "expected numbers, got booleans");
  return elementwise(call.inputs, call.inputs[0].dtype(), [](std::span<const double> x) { return F(x[0]); });
}

template <double (*F)(double, double)>
Array arithmetic(const OnnxCall& call) {
  expect_alike(call, 2);
  check_data(call.inputs[0].dtype() != boolean, "expected numbers, got booleans");
  return elementwise(call.inputs, call.inputs[0].dtype(), [](std::span<const double> x) { return F(x[0], x[1]); });
}

template <double (*F)(double, double)>
Array comparison(const OnnxCall& call) {
  expect_alike(call, 2);
  return elementwise(call.inputs, boolean, [](std::span<const double> x) { return F(x[0], x[1]); });
}

template <double (*F)(double, double)>
Array logical(const OnnxCall& call) {
  check_data(call.inputs.at(0).dtype() == boolean, "expected booleans, got ", call.inputs[0].dtype());
  return comparison<F>(call);
}

double negative(double x) { return -x; }
double sign(double x) { return std::isnan(x) ? x : static_cast<double>((x > 0) - (x < 0)); }
double sigmoid(double x) { return 1.0 / (1.0 + std::exp(-x)); }
double relu(double x) { return std::isnan(x) ? x : std::max(x, 0.0); }
double sum(double a, double b) { return a + b; }
double difference(double a, double b) { return a - b; }
double product(double a, double b) { return a * b; }
double quotient(double a, double b) { return a / b; }
double larger(double a, double b) { return std::isnan(a) || std::isnan(b) ? std::nan("") : std::max(a, b); }
double smaller(double a, double b) { return std::isnan(a) || std::isnan(b) ? std::nan("") : std::min(a, b); }
double is_equal(double a, double b) { return a == b; }
double is_less(double a, double b) { return a < b; }
double is_less_or_equal(double a, double b) { return a <= b; }
double both(double a, double b) { return a != 0 && b != 0; }
double either(double a, double b) { return a != 0 || b != 0; }

Array identity(const OnnxCall& call) { return call.inputs.at(0); }

Array logical_not(const OnnxCall& call) {
  check_data(call.inputs.at(0).dtype() == boolean, "expected booleans, got ", call.inputs[0].dtype());
  return elementwise(call.inputs, boolean, [](std::span<const double> x) { return x[0] == 0; });
}

Array where(const OnnxCall& call) {
  check_data(
      call.inputs.size() == 3 && call.inputs[0].dtype() == boolean && call.inputs[1].dtype() == call.inputs[2].dtype(),
      "expected a boolean condition and two inputs of one dtype");
  return elementwise(call.inputs, call.inputs[1].dtype(),
                     [](std::span<const double> x) { return x[0] != 0 ? x[1] : x[2]; });
}

Array cast(const OnnxCall& call) { return call.inputs.at(0).astype(dtype_of_onnx(call.integer("to", 0))); }

Array shape(const OnnxCall& call) {
  const Extents extents = extents_of(call.inputs.at(0).shape());
  return Array(extents, {extents.size()});
}

Array reshape(const OnnxCall& call) {
  Extents extents = integers_in(call.inputs.at(1));
  const Shape& from = call.inputs[0].shape();
  for (std::size_t i = 0; i < extents.size(); ++i)
    if (extents[i] == 0 && call.integer("allowzero", 0) == 0) extents[i] = from[static_cast<int>(i)];
  return call.inputs[0].reshape(Shape(std::move(extents)));
}

Array expand(const OnnxCall& call) {
  const Shape shape = broadcast_shapes(call.inputs.at(0).shape(), Shape(integers_in(call.inputs.at(1))));
  return elementwise({call.inputs[0], Array::zeros(shape)}, call.inputs[0].dtype(),
                     [](std::span<const double> x) { return x[0]; });
}

Array transpose(const OnnxCall& call) {
  const Array& x = call.inputs.at(0);
  const Extents order = call.integers("perm");
  Extents extents;
  for (const std::int64_t axis : order) extents.push_back(x.shape()[static_cast<int>(axis)]);
  const Shape shape(std::move(extents));
  const Numbers from = numbers_of(x);
  Numbers out(from.size());
  for (std::size_t i = 0; i < out.size(); ++i) {
    const Extents position = position_of(static_cast<std::int64_t>(i), shape);
    Extents source(order.size());
    for (std::size_t axis = 0; axis < order.size(); ++axis)
      source[static_cast<std::size_t>(order[axis])] = position[axis];
    out[i] = from[index_of(source, x.shape())];
  }
  return made(std::move(out), shape, x.dtype());
}

Array concat_arrays(const OnnxCall& call) {
  expect_alike(call, call.inputs.size());
  const Shape& first = call.inputs.at(0).shape();
  const std::size_t axis = axis_in(call.integer("axis", 0), first.rank());
  Extents extents = extents_of(first);
  extents[axis] = 0;
  for (const Array& input : call.inputs) extents[axis] += input.shape()[static_cast<int>(axis)];
  const Shape shape(std::move(extents));
  Numbers out(static_cast<std::size_t>(shape.size()));
  std::int64_t before = 0;
  for (const Array& input : call.inputs) {
    const Numbers numbers = numbers_of(input);
    for (std::size_t i = 0; i < numbers.size(); ++i) {
      Extents position = position_of(static_cast<std::int64_t>(i), input.shape());
      position[axis] += before;
      out[index_of(position, shape)] = numbers[i];
    }
    before += input.shape()[static_cast<int>(axis)];
  }
  return made(std::move(out), shape, call.inputs[0].dtype());
}

/// Along one axis: for every position the numbers of the input along it.
Array along_axis(const Array& x, std::size_t axis, const Shape& shape, DType dtype,
                 const std::function<void(const Numbers& line, const std::function<double&(std::int64_t)>& out)>& f) {
  const Numbers from = numbers_of(x);
  Numbers out(static_cast<std::size_t>(shape.size()));
  Extents lines = extents_of(x.shape());
  const std::int64_t length = std::exchange(lines[axis], 1);
  const Shape line_shape(lines);
  for (std::int64_t i = 0; i < line_shape.size(); ++i) {
    Extents position = position_of(i, line_shape);
    Numbers line;
    for (position[axis] = 0; position[axis] < length; ++position[axis])
      line.push_back(from[index_of(position, x.shape())]);
    f(line, [&](std::int64_t place) -> double& {
      position[axis] = place;
      return out[index_of(position, shape)];
    });
  }
  return made(std::move(out), shape, dtype);
}

Array softmax(const OnnxCall& call) {
  const Array& x = call.inputs.at(0);
  expect_floating(x);
  return along_axis(x, axis_in(call.integer("axis", -1), x.shape().rank()), x.shape(), x.dtype(),
                    [](const Numbers& line, const auto& out) {
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
  const Array kept = along_axis(x, axis, Shape(std::move(extents)), int64, [](const Numbers& line, const auto& out) {
    out(0) = static_cast<double>(std::max_element(line.begin(), line.end()) - line.begin());
  });
  return call.integer("keepdims", 1) != 0 ? kept : without_axes(kept, {static_cast<std::int64_t>(axis)});
}

template <double (*F)(double, double)>
Array reduce(const OnnxCall& call) {
  const Array& x = call.inputs.at(0);
  Extents axes = call.inputs.size() > 1 ? integers_in(call.inputs[1]) : call.integers("axes");
  for (std::int64_t& axis : axes) axis = static_cast<std::int64_t>(axis_in(axis, x.shape().rank()));
  Array kept = x;
  for (const std::int64_t axis : axes) {
    Extents extents = extents_of(kept.shape());
    extents[static_cast<std::size_t>(axis)] = 1;
    kept = along_axis(kept, static_cast<std::size_t>(axis), Shape(std::move(extents)), x.dtype(),
                      [](const Numbers& line, const auto& out) {
                        out(0) = std::accumulate(line.begin() + 1, line.end(), line.at(0), F);
                      });
  }
  return call.integer("keepdims", 1) != 0 ? kept : without_axes(kept, axes);
}

Array gather(const OnnxCall& call) {
  const Array& x = call.inputs.at(0);
  const Array& indices = call.inputs.at(1);
  check_data(indices.dtype() == int32 || indices.dtype() == int64, "expected indices of int32 or int64, got ",
             indices.dtype());
  const int axis = static_cast<int>(axis_in(call.integer("axis", 0), x.shape().rank()));
  const Shape out_shape = x.shape().until(axis) + indices.shape() + x.shape().from(axis + 1);
  const Numbers from = numbers_of(x), chosen = numbers_of(indices);
  Numbers out(static_cast<std::size_t>(out_shape.size()));
  for (std::size_t i = 0; i < out.size(); ++i) {
    const Extents position = position_of(static_cast<std::int64_t>(i), out_shape);
    const auto begin = position.begin() + axis, end = begin + indices.shape().rank();
    auto index = static_cast<std::int64_t>(chosen[index_of(Extents(begin, end), indices.shape())]);
    check_data(index >= -x.shape()[axis] && index < x.shape()[axis], "expected an index within ", x.shape(), ", got ",
               index);
    if (index < 0) index += x.shape()[axis];
    Extents source(position.begin(), begin);
    source.push_back(index);
    source.insert(source.end(), end, position.end());
    std::int64_t flat = 0;
    for (std::size_t k = 0; k < source.size(); ++k) flat = flat * x.shape()[static_cast<int>(k)] + source[k];
    out[i] = from[static_cast<std::size_t>(flat)];
  }
  return made(std::move(out), out_shape, x.dtype());
}

Array slice(const OnnxCall& call) {
  Array x = call.inputs.at(0);
  const Extents starts = integers_in(call.inputs.at(1)), ends = integers_in(call.inputs.at(2)),
                axes = integers_in(call.inputs.at(3)), steps = integers_in(call.inputs.at(4));
  for (std::size_t i = 0; i < axes.size(); ++i) {
    const std::size_t axis = axis_in(axes[i], x.shape().rank());
    Extents extents = extents_of(x.shape());
    const std::int64_t length = extents[axis];
    const auto clamped = [&](std::int64_t end) {
      return std::clamp<std::int64_t>(end < 0 ? end + length : end, steps[i] < 0 ? -1 : 0, length);
    };
    Extents taken;
    for (std::int64_t at = std::min(clamped(starts[i]), length - (steps[i] < 0));
         steps[i] > 0 ? at < clamped(ends[i]) : at > clamped(ends[i]); at += steps[i])
      taken.push_back(at);
    extents[axis] = static_cast<std::int64_t>(taken.size());
    x = along_axis(x, axis, Shape(std::move(extents)), x.dtype(), [&](const Numbers& line, const auto& out) {
      for (std::size_t k = 0; k < taken.size(); ++k)
        out(static_cast<std::int64_t>(k)) = line[static_cast<std::size_t>(taken[k])];
    });
  }
  return x;
}

Array pad(const OnnxCall& call) {
  const Array& x = call.inputs.at(0);
  check_data(call.inputs.size() == 3 && call.inputs[2].dtype() == x.dtype(), "expected a value of the input's dtype");
  const Extents pads = integers_in(call.inputs[1]);
  const auto rank = static_cast<std::size_t>(x.shape().rank());
  check_data(pads.size() == 2 * rank, "expected ", 2 * rank, " pads, got ", pads.size());
  Extents extents = extents_of(x.shape());
  for (std::size_t axis = 0; axis < rank; ++axis) extents[axis] += pads[axis] + pads[rank + axis];
  const Shape out_shape(std::move(extents));
  const Numbers from = numbers_of(x);
  Numbers out(static_cast<std::size_t>(out_shape.size()), call.inputs[2].item<double>());
  for (std::size_t i = 0; i < from.size(); ++i) {
    Extents position = position_of(static_cast<std::int64_t>(i), x.shape());
    for (std::size_t axis = 0; axis < rank; ++axis) position[axis] += pads[axis];
    std::int64_t flat = 0;
    for (std::size_t axis = 0; axis < rank; ++axis) flat = flat * out_shape[static_cast<int>(axis)] + position[axis];
    out[static_cast<std::size_t>(flat)] = from[i];
  }
  return made(std::move(out), out_shape, x.dtype());
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
  const Numbers x = numbers_of(a), y = numbers_of(b);
  Numbers out(static_cast<std::size_t>(out_shape.size()));
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
  return arithmetic<sum>({call.node, {mat_mul({call.node, {a, b}}), call.inputs[2]}});
}

struct Row {
  std::string_view type;
  OnnxOperator run;
};
constexpr Row operators[] = {
    {"Abs", numeric_unary<std::fabs>},
    {"Add", arithmetic<sum>},
    {"And", logical<both>},
    {"ArgMax", arg_max},
    {"Cast", cast},
    {"Ceil", floating_unary<std::ceil>},
    {"Concat", concat_arrays},
    {"Cos", floating_unary<std::cos>},
    {"Div", arithmetic<quotient>},
    {"Equal", comparison<is_equal>},
    {"Erf", floating_unary<std::erf>},
    {"Exp", floating_unary<std::exp>},
    {"Expand", expand},
    {"Floor", floating_unary<std::floor>},
    {"Gather", gather},
    {"Gemm", gemm},
    {"Identity", identity},
    {"Less", comparison<is_less>},
    {"LessOrEqual", comparison<is_less_or_equal>},
    {"Log", floating_unary<std::log>},
    {"MatMul", mat_mul},
    {"Max", arithmetic<larger>},
    {"Min", arithmetic<smaller>},
    {"Mul", arithmetic<product>},
    {"Neg", numeric_unary<negative>},
    {"Not", logical_not},
    {"Or", logical<either>},
    {"Pad", pad},
    {"Pow", arithmetic<std::pow>},
    {"ReduceMax", reduce<larger>},
    {"ReduceMin", reduce<smaller>},
    {"ReduceProd", reduce<product>},
    {"ReduceSum", reduce<sum>},
    {"Relu", numeric_unary<relu>},
    {"Reshape", reshape},
    {"Round", floating_unary<std::nearbyint>},
    {"Shape", shape},
    {"Sigmoid", floating_unary<sigmoid>},
    {"Sign", numeric_unary<sign>},
    {"Sin", floating_unary<std::sin>},
    {"Slice", slice},
    {"Softmax", softmax},
    {"Sqrt", floating_unary<std::sqrt>},
    {"Sub", arithmetic<difference>},
    {"Tanh", floating_unary<std::tanh>},
    {"Transpose", transpose},
    {"Where", where},
};

}  // namespace

OnnxOperator onnx_operator(std::string_view type) {
  const Row* const found =
      std::find_if(std::begin(operators), std::end(operators), [&](const Row& row) { return row.type == type; });
  return found != std::end(operators) ? found->run : nullptr;
}

}  // namespace keratin::testing
