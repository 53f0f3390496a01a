#include "support/onnx_numbers.h"

#include <utility>

#include "base/check.h"
#include "graph/spec.h"

namespace keratin::testing {

Numbers64 numbers_of(const Array& array) {
  const Array wide = array.astype(float64);
  return {wide.values<double>().begin(), wide.values<double>().end()};
}

Array made(Numbers64 numbers, const Shape& shape, DType dtype) {
  return Array(std::move(numbers), shape).astype(dtype);
}

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
  std::vector<Numbers64> numbers;
  for (const Array& input : inputs) {
    shape = broadcast_shapes(shape, input.shape());
    numbers.push_back(numbers_of(input));
  }
  Numbers64 out(static_cast<std::size_t>(shape.size()));
  Numbers64 arguments(inputs.size());
  for (std::size_t i = 0; i < out.size(); ++i) {
    const Extents position = position_of(static_cast<std::int64_t>(i), shape);
    for (std::size_t k = 0; k < inputs.size(); ++k) arguments[k] = numbers[k][index_of(position, inputs[k].shape())];
    out[i] = f(arguments);
  }
  return made(std::move(out), shape, dtype);
}

/// Along one axis: for every position the numbers of the input along it.
Array along_axis(const Array& x, std::size_t axis, const Shape& shape, DType dtype, const AlongAxis& f) {
  const Numbers64 from = numbers_of(x);
  Numbers64 out(static_cast<std::size_t>(shape.size()));
  Extents lines = extents_of(x.shape());
  const std::int64_t length = std::exchange(lines[axis], 1);
  const Shape line_shape(lines);
  for (std::int64_t i = 0; i < line_shape.size(); ++i) {
    Extents position = position_of(i, line_shape);
    Numbers64 line;
    for (position[axis] = 0; position[axis] < length; ++position[axis])
      line.push_back(from[index_of(position, x.shape())]);
    f(line, [&](std::int64_t place) -> double& {
      position[axis] = place;
      return out[index_of(position, shape)];
    });
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

}  // namespace keratin::testing
