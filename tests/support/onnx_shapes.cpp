// Operators of ONNX that move elements and change none.
#include <algorithm>

#include "base/check.h"
#include "graph/spec.h"
#include "support/onnx_numbers.h"
#include "support/onnx_operators.h"

namespace keratin::testing {
namespace {

Array identity(const OnnxCall& call) { return call.inputs.at(0); }

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
  const Numbers64 from = numbers_of(x);
  Numbers64 out(from.size());
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
  Numbers64 out(static_cast<std::size_t>(shape.size()));
  std::int64_t before = 0;
  for (const Array& input : call.inputs) {
    const Numbers64 numbers = numbers_of(input);
    for (std::size_t i = 0; i < numbers.size(); ++i) {
      Extents position = position_of(static_cast<std::int64_t>(i), input.shape());
      position[axis] += before;
      out[index_of(position, shape)] = numbers[i];
    }
    before += input.shape()[static_cast<int>(axis)];
  }
  return made(std::move(out), shape, call.inputs[0].dtype());
}

Array gather(const OnnxCall& call) {
  const Array& x = call.inputs.at(0);
  const Array& indices = call.inputs.at(1);
  check_data(indices.dtype() == int32 || indices.dtype() == int64, "expected indices of int32 or int64, got ",
             indices.dtype());
  const int axis = static_cast<int>(axis_in(call.integer("axis", 0), x.shape().rank()));
  const Shape out_shape = x.shape().until(axis) + indices.shape() + x.shape().from(axis + 1);
  const Numbers64 from = numbers_of(x), chosen = numbers_of(indices);
  Numbers64 out(static_cast<std::size_t>(out_shape.size()));
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
    x = along_axis(x, axis, Shape(std::move(extents)), x.dtype(), [&](const Numbers64& line, const auto& out) {
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
  const Numbers64 from = numbers_of(x);
  Numbers64 out(static_cast<std::size_t>(out_shape.size()), call.inputs[2].item<double>());
  for (std::size_t i = 0; i < from.size(); ++i) {
    Extents position = position_of(static_cast<std::int64_t>(i), x.shape());
    for (std::size_t axis = 0; axis < rank; ++axis) position[axis] += pads[axis];
    std::int64_t flat = 0;
    for (std::size_t axis = 0; axis < rank; ++axis) flat = flat * out_shape[static_cast<int>(axis)] + position[axis];
    out[static_cast<std::size_t>(flat)] = from[i];
  }
  return made(std::move(out), out_shape, x.dtype());
}

constexpr OnnxRow rows[] = {
    {"Concat", concat_arrays}, {"Expand", expand}, {"Gather", gather}, {"Identity", identity},   {"Pad", pad},
    {"Reshape", reshape},      {"Shape", shape},   {"Slice", slice},   {"Transpose", transpose},
};

}  // namespace

std::span<const OnnxRow> onnx_shape_operators() { return rows; }

}  // namespace keratin::testing
