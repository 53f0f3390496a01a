#include "runtime/elementwise_geometry.h"

#include "base/check.h"

namespace keratin {
namespace {

/// Of an operand whose rows lie `pitch` apart, stretched to the output.
Strides broadcast_strides(const Shape& operand, std::int64_t pitch, const Shape& output) {
  Strides strides(static_cast<std::size_t>(output.rank()), 0);
  std::int64_t stride = 1;
  for (int back = 1; back <= operand.rank(); ++back) {
    if (operand[-back] != 1) strides[static_cast<std::size_t>(output.rank() - back)] = stride;
    stride = back == 1 ? pitch : stride * operand[-back];
  }
  return strides;
}

}  // namespace

Geometry::Geometry(const KernelRequest& request) : width_(Matrix(request.outputs[0].shape).columns) {
  const Shape& output = request.outputs[0].shape;
  std::vector<Strides> operands;
  for (std::size_t k = 0; k < request.inputs.size(); ++k)
    operands.push_back(broadcast_strides(request.inputs[k].shape, request.input_pitch(k), output));
  for (std::size_t i = 0; i < request.outputs.size(); ++i)
    operands.push_back(broadcast_strides(output, request.output_pitch(i), output));
  planes_ = merged_axes(output, operands);
  const StridedAxis columns = std::move(planes_.back());
  planes_.pop_back();
  columns_ = columns.extent;
  for (const std::int64_t stride : columns.strides) operands_.push_back({stride * columns_, stride});
  if (!planes_.empty()) {
    rows_ = planes_.back().extent;
    for (std::size_t k = 0; k < operands.size(); ++k) operands_[k].row_stride = planes_.back().strides[k];
    planes_.pop_back();
  }
  for (std::size_t k = 0; k < operands.size(); ++k) KERATIN_ASSERT(layout(k) != Layout::column || row_stride(k) == 1);
}

bool Geometry::dense() const {
  for (std::size_t k = 0; k < operands_.size(); ++k)
    if (layout(k) == Layout::full && row_stride(k) != columns_) return false;
  return true;
}

}  // namespace keratin
