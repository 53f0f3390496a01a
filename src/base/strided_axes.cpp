#include "base/strided_axes.h"

namespace keratin {

Strides row_major_strides(const Shape& shape) {
  Strides strides(static_cast<std::size_t>(shape.rank()));
  if (shape.size() == 0) return strides;  // nothing to step over, and products of the other extents may overflow
  std::int64_t stride = 1;
  for (std::size_t i = strides.size(); i > 0; --i) {
    strides[i - 1] = stride;
    stride *= shape.extents()[i - 1];
  }
  return strides;
}

std::vector<StridedAxis> merged_axes(const Shape& shape, std::span<const Strides> tensors) {
  const auto continues = [](const StridedAxis& outer, const StridedAxis& inner) {
    for (std::size_t k = 0; k < outer.strides.size(); ++k)
      if (outer.strides[k] != inner.extent * inner.strides[k]) return false;
    return true;
  };
  std::vector<StridedAxis> axes;
  for (std::size_t i = 0; i < static_cast<std::size_t>(shape.rank()); ++i) {
    StridedAxis axis{shape.extents()[i], {}};
    if (axis.extent == 1) continue;
    for (const Strides& strides : tensors) axis.strides.push_back(strides[i]);
    if (!axes.empty() && continues(axes.back(), axis)) {
      axis.extent *= axes.back().extent;
      axes.pop_back();
    }
    axes.push_back(std::move(axis));
  }
  if (axes.empty()) axes.push_back({1, Strides(tensors.size(), 1)});
  return axes;
}

}  // namespace keratin
