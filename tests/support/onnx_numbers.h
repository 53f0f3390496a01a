// Numbers for the reference evaluator of ONNX: every dtype as float64, and where an element stands.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "keratin/array.h"
#include "support/onnx_operators.h"

namespace keratin::testing {

using Numbers64 = std::vector<double>;
using Extents = std::vector<std::int64_t>;

Numbers64 numbers_of(const Array& array);
/// Rounded to the dtype.
Array made(Numbers64 numbers, const Shape& shape, DType dtype);
Extents extents_of(const Shape& shape);
/// An argument that says a shape or axes. Throws DataError unless it is int64 along one axis.
Extents integers_in(const Array& array);
/// Of an axis that may count from the end.
std::size_t axis_in(std::int64_t axis, int rank);

/// The position of element `index` of a tensor of that shape along each axis.
Extents position_of(std::int64_t index, const Shape& shape);
/// The element at a position, whose leading axes the shape may lack and whose axes of extent 1 repeat.
std::size_t index_of(const Extents& position, const Shape& shape);

/// f at every position of the inputs' common shape.
Array elementwise(const std::vector<Array>& inputs, DType dtype,
                  const std::function<double(std::span<const double>)>& f);
/// Along one axis: from the input's numbers along it to the output's.
using AlongAxis = std::function<void(const Numbers64& line, const std::function<double&(std::int64_t)>& out)>;
Array along_axis(const Array& x, std::size_t axis, const Shape& shape, DType dtype, const AlongAxis& f);

/// Throw DataError unless there are so many inputs and all of one dtype; unless they are floating-point numbers.
void expect_alike(const OnnxCall& call, std::size_t count);
void expect_floating(const Array& array);

}  // namespace keratin::testing
