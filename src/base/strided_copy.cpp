#include "base/strided_copy.h"

#include <algorithm>
#include <array>
#include <cstring>

#include "base/check.h"
#include "base/convert.h"
#include "base/transpose_matrix.h"

namespace keratin {

/// Numbers along the last axis.
template <class To, class From>
void StridedCopy::copy_row(const Axis* axes, std::size_t, std::byte* to, const std::byte* from) {
  const std::int64_t extent = axes->extent;
  const std::int64_t to_step = axes->to_stride / std::int64_t{sizeof(To)};
  const std::int64_t from_step = axes->from_stride / std::int64_t{sizeof(From)};
  auto* const target = reinterpret_cast<To*>(to);
  const auto* const source = reinterpret_cast<const From*>(from);
  if (to_step == 1 && from_step == 1) {  // on its own so that it vectorises
    for (std::int64_t i = 0; i < extent; ++i) target[i] = converted<To>(source[i]);
  } else {
    for (std::int64_t i = 0; i < extent; ++i) target[i * to_step] = converted<To>(source[i * from_step]);
  }
}

/// Blocks along the last axis; of `size` bytes if it is not 0, which the compiler knows.
template <std::size_t size>
void StridedCopy::copy_blocks(const Axis* axes, std::size_t block, std::byte* to, const std::byte* from) {
  for (std::int64_t i = 0; i < axes->extent; ++i, to += axes->to_stride, from += axes->from_stride)
    std::memcpy(to, from, size == 0 ? block : size);
}

/// Numbers along the last two axes: neighbours in what is read, then neighbours in what is written.
template <class Bits> void StridedCopy::turn_over(const Axis* axes, std::size_t, std::byte* to, const std::byte* from) {
  constexpr std::int64_t width = sizeof(Bits);
  transpose_matrix(reinterpret_cast<Bits*>(to), axes[0].to_stride / width, reinterpret_cast<const Bits*>(from),
                   axes[1].from_stride / width, axes[0].extent, axes[1].extent);
}

StridedCopy::StridedCopy(const Shape& shape, const Layout& to, const Layout& from) {
  const auto rank = static_cast<std::size_t>(shape.rank());
  KERATIN_ASSERT(to.strides.size() == rank && from.strides.size() == rank);
  if (shape.size() == 0) return;
  const auto to_width = static_cast<std::int64_t>(size_in_bytes(to.dtype));
  const auto from_width = static_cast<std::int64_t>(size_in_bytes(from.dtype));
  for (const StridedAxis& axis : merged_axes(shape, std::array{to.strides, from.strides}))
    axes_.push_back({axis.extent, axis.strides[0] * to_width, axis.strides[1] * from_width});
  if (to.dtype == from.dtype && to.dtype != DType::boolean) {
    plan_blocks(size_in_bytes(to.dtype));
    return;
  }
  outer_ = axes_.size() - 1;
  copy_ = with_type(to.dtype, [&](auto to_tag) {
    return with_type(from.dtype, [](auto from_tag) -> Copy { return copy_row<decltype(to_tag), decltype(from_tag)>; });
  });
}

/// Numbers that stay as they are, of so many bytes; those that lie together in both are one block.
void StridedCopy::plan_blocks(std::size_t width) {
  const auto neighbours = [&](std::int64_t stride) { return stride == static_cast<std::int64_t>(block_); };
  block_ = width;
  if (neighbours(axes_.back().to_stride) && neighbours(axes_.back().from_stride)) {
    block_ *= static_cast<std::size_t>(axes_.back().extent);
    axes_.pop_back();
    if (axes_.empty()) axes_.push_back({1, 0, 0});
  }
  const auto read =
      std::find_if(axes_.begin(), axes_.end() - 1, [&](const Axis& axis) { return neighbours(axis.from_stride); });
  const bool turned = block_ == width && neighbours(axes_.back().to_stride) && read != axes_.end() - 1;
  if (turned) std::rotate(read, read + 1, axes_.end() - 1);
  outer_ = axes_.size() - (turned ? 2 : 1);
  switch (block_) {
    case 1: copy_ = turned ? turn_over<std::uint8_t> : copy_blocks<1>; break;
    case 2: copy_ = turned ? turn_over<std::uint16_t> : copy_blocks<2>; break;
    case 4: copy_ = turned ? turn_over<std::uint32_t> : copy_blocks<4>; break;
    case 8: copy_ = turned ? turn_over<std::uint64_t> : copy_blocks<8>; break;
    default: copy_ = copy_blocks<0>;
  }
}

void StridedCopy::run(void* to, const void* from) const {
  if (!axes_.empty()) walk(0, static_cast<std::byte*>(to), static_cast<const std::byte*>(from));
}

void StridedCopy::walk(std::size_t axis, std::byte* to, const std::byte* from) const {
  if (axis == outer_) return copy_(&axes_[axis], block_, to, from);
  const Axis& own = axes_[axis];
  for (std::int64_t i = 0; i < own.extent; ++i, to += own.to_stride, from += own.from_stride) walk(axis + 1, to, from);
}

}  // namespace keratin
