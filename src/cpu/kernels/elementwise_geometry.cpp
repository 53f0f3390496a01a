#include "cpu/kernels/elementwise_geometry.h"

#include "base/check.h"

namespace keratin::cpu {
namespace {

struct Axis {
  std::int64_t extent = 1;
  std::vector<std::int64_t> strides;  // in elements, one per input; 0 where it is repeated
};

/// Elements between neighbours along each axis of the output, for one operand whose rows lie `pitch` apart.
std::vector<std::int64_t> broadcast_strides(const Shape& operand, std::int64_t pitch, const Shape& output) {
  std::vector<std::int64_t> strides(static_cast<std::size_t>(output.rank()), 0);
  std::int64_t stride = 1;
  for (int back = 1; back <= operand.rank(); ++back) {
    if (operand[-back] != 1) strides[static_cast<std::size_t>(output.rank() - back)] = stride;
    stride = back == 1 ? pitch : stride * operand[-back];
  }
  return strides;
}

bool continues(const Axis& outer, const Axis& inner) {
  for (std::size_t k = 0; k < outer.strides.size(); ++k)
    if (outer.strides[k] != inner.extent * inner.strides[k]) return false;
  return true;
}

std::vector<Axis> merged_axes(const KernelRequest& request) {
  const Shape& output = request.outputs[0].shape;
  std::vector<std::vector<std::int64_t>> strides;
  for (std::size_t k = 0; k < request.inputs.size(); ++k)
    strides.push_back(broadcast_strides(request.inputs[k].shape, request.input_pitch(k), output));
  for (std::size_t i = 0; i < request.outputs.size(); ++i)
    strides.push_back(broadcast_strides(output, request.output_pitch(i), output));
  std::vector<Axis> axes;
  for (int i = 0; i < output.rank(); ++i) {
    if (output[i] == 1) continue;
    Axis axis{output[i], {}};
    for (const auto& of_operand : strides) axis.strides.push_back(of_operand[static_cast<std::size_t>(i)]);
    if (!axes.empty() && continues(axes.back(), axis)) {
      axes.back() = {axes.back().extent * axis.extent, axis.strides};
    } else {
      axes.push_back(std::move(axis));
    }
  }
  if (axes.empty()) axes.push_back({1, std::vector<std::int64_t>(strides.size(), 1)});
  return axes;
}

}  // namespace

Geometry plan_geometry(const KernelRequest& request) {
  std::vector<Axis> axes = merged_axes(request);
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
  for (std::size_t k = 0; k < columns.strides.size(); ++k) {
    Operand operand;
    operand.row_stride = rows.strides[k];
    if (columns.strides[k] == 0) {
      operand.layout = rows.strides[k] == 0 ? Layout::fixed : Layout::column;
    } else {
      operand.layout = rows.strides[k] == 0 ? Layout::row : Layout::full;
    }
    KERATIN_ASSERT(operand.layout != Layout::column || rows.strides[k] == 1);
    for (const Axis& axis : axes) operand.outer_strides.push_back(axis.strides[k]);
    geometry.operands.push_back(std::move(operand));
  }
  return geometry;
}

}  // namespace keratin::cpu
