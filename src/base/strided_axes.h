// The axes along which something walks over several tensors of one shape at once, as few as possible.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "keratin/types.h"

namespace KERATIN_INTERNAL_EXPORT keratin {

/// Strides in numbers, one per axis.
using Strides = std::vector<std::int64_t>;

/// Of a row-major array.
Strides row_major_strides(const Shape& shape);

struct StridedAxis {
  std::int64_t extent = 1;
  Strides strides;  // one per tensor; 0 where a number stands for all
};

/// The shape's axes, without extents of 1, and those in one that continue each other in every tensor. At least one.
std::vector<StridedAxis> merged_axes(const Shape& shape, std::span<const Strides> tensors);

/// Where the index-th of the axes' positions, the last axis fastest, is in one of the tensors.
inline std::int64_t offset_in(std::size_t tensor, std::span<const StridedAxis> axes, std::int64_t index) {
  std::int64_t offset = 0;
  for (std::size_t i = axes.size(); i > 1; --i) {
    offset += index % axes[i - 1].extent * axes[i - 1].strides[tensor];
    index /= axes[i - 1].extent;
  }
  return axes.empty() ? 0 : offset + index * axes[0].strides[tensor];
}

}  // namespace keratin
