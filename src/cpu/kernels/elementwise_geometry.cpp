#include "cpu/kernels/elementwise_geometry.h"

#include "base/check.h"

namespace keratin::cpu {
namespace {

struct Axis {
  std::int64_t extent = 1;
  std::vector<std::int64_t> strides;  // in elements, one per input; 0 where it is repeated
};

/// Elements between neighbours along each axis of the output, for one input.
std::vector<std::int64_t> broadcast_strides(const Shape& input, const Shape& output) {
  std::vector<std::int64_t> strides(static_cast<std::size_t>(output.rank()), 0);
  std::int64_t stride = 1;
  for (int back = 1; back <= input.rank(); ++back) {
    if (input[-back] != 1) strides[static_cast<std::size_t>(output.rank() - back)] = stride;
    stride *= input[-back];
  }
  return strides;
}

bool continues(const Axis& outer, const Axis& inner) {
  for (std::size_t k = 0; k < outer.strides.size(); ++k)
    if (outer.strides[k] != inner.extent * inner.strides[k]) return false;
  return true;
}

std::vector<Axis> merged_axes(std::span<const Spec> inputs, const Shape& output) {
  std::vector<std::vector<std::int64_t>> strides;
  for (const Spec& input : inputs) strides.push_back(broadcast_strides(input.shape, output));
  std::vector<Axis> axes;
  for (int i = 0; i < output.rank(); ++i) {
    if (output[i] == 1) continue;
    Axis axis{output[i], {}};
    for (const auto& of_input : strides) axis.strides.push_back(of_input[static_cast<std::size_t>(i)]);
    if (!axes.empty() && continues(axes.back(), axis)) {
      axes.back() = {axes.back().extent * axis.extent, axis.strides};
    } else {
      axes.push_back(std::move(axis));
    }
  }
  if (axes.empty()) axes.push_back({1, std::vector<std::int64_t>(inputs.size(), 1)});
  return axes;
}

}  // namespace

Geometry plan_geometry(std::span<const Spec> inputs, const Shape& output) {
  std::vector<Axis> axes = merged_axes(inputs, output);
  Geometry geometry;
  const Axis columns = axes.back();
  axes.pop_back();
  Axis rows{1, {}};
  for (const std::int64_t stride : columns.strides) rows.strides.push_back(stride * columns.extent);
  if (!axes.empty()) {
    rows = axes.back();
    axes.pop_back();
  }
  geometry.columns = columns.extent;
  geometry.rows = rows.extent;
  for (const Axis& axis : axes) {
    geometry.outer.push_back(axis.extent);
    geometry.planes *= axis.extent;
  }
  for (std::size_t k = 0; k < inputs.size(); ++k) {
    Operand operand;
    if (columns.strides[k] == 0) {
      operand.layout = rows.strides[k] == 0 ? Layout::fixed : Layout::column;
    } else {
      operand.layout = rows.strides[k] == 0 ? Layout::row : Layout::contiguous;
    }
    KERATIN_ASSERT(operand.layout != Layout::contiguous || rows.strides[k] == columns.extent);
    KERATIN_ASSERT(operand.layout != Layout::column || rows.strides[k] == 1);
    for (const Axis& axis : axes) operand.outer_strides.push_back(axis.strides[k]);
    geometry.operands.push_back(std::move(operand));
  }
  return geometry;
}

}  // namespace keratin::cpu
