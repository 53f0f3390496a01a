#include "cpu/kernels/block_copy.h"

#include <algorithm>
#include <cstring>

namespace keratin::cpu {
namespace {

struct Strides {
  std::vector<std::int64_t> bytes;  // per axis of the box
  std::int64_t offset = 0;
};

Strides strides_in(const BoxIn& box, std::int64_t element_bytes) {
  const auto rank = static_cast<std::size_t>(box.whole.rank());
  Strides strides{std::vector<std::int64_t>(rank)};
  std::int64_t stride = element_bytes;
  for (std::size_t i = rank; i-- > 0;) {
    strides.bytes[i] = stride * (box.steps.empty() ? 1 : box.steps[i]);
    strides.offset += stride * (box.corner.empty() ? 0 : box.corner[i]);
    stride *= box.whole.extents()[i];
  }
  return strides;
}

}  // namespace

BlockCopy::BlockCopy(const Shape& box, std::size_t element_bytes, const BoxIn& from, const BoxIn& to)
    : block_(element_bytes) {
  if (box.size() == 0) return;
  const auto element = static_cast<std::int64_t>(element_bytes);
  const Strides source = strides_in(from, element), target = strides_in(to, element);
  from_offset_ = source.offset;
  to_offset_ = target.offset;
  for (std::size_t i = source.bytes.size(); i-- > 0;) {  // innermost first: what lies together in both is one block
    const Axis axis{box.extents()[i], source.bytes[i], target.bytes[i]};
    const auto block = static_cast<std::int64_t>(block_);
    if (axis.extent == 1) continue;
    if (axes_.empty() && axis.from == block && axis.to == block) {
      block_ *= static_cast<std::size_t>(axis.extent);
    } else {
      axes_.push_back(axis);
    }
  }
  if (axes_.empty()) axes_.push_back({1, 0, 0});
  std::reverse(axes_.begin(), axes_.end());
}

void BlockCopy::run(const void* from, void* to) const {
  if (!axes_.empty())
    walk(0, static_cast<const unsigned char*>(from) + from_offset_, static_cast<unsigned char*>(to) + to_offset_);
}

void BlockCopy::walk(std::size_t axis, const unsigned char* from, unsigned char* to) const {
  const Axis& own = axes_[axis];
  if (axis + 1 == axes_.size()) return copy_row(own, from, to);
  for (std::int64_t i = 0; i < own.extent; ++i, from += own.from, to += own.to) walk(axis + 1, from, to);
}

/// Blocks as small as a number: a copy of a size that the compiler knows.
template <class Block> void BlockCopy::copy_blocks(const Axis& axis, const unsigned char* from, unsigned char* to) {
  for (std::int64_t i = 0; i < axis.extent; ++i, from += axis.from, to += axis.to) std::memcpy(to, from, sizeof(Block));
}

void BlockCopy::copy_row(const Axis& axis, const unsigned char* from, unsigned char* to) const {
  switch (block_) {
    case 1: return copy_blocks<std::uint8_t>(axis, from, to);
    case 2: return copy_blocks<std::uint16_t>(axis, from, to);
    case 4: return copy_blocks<std::uint32_t>(axis, from, to);
    case 8: return copy_blocks<std::uint64_t>(axis, from, to);
    default:
      for (std::int64_t i = 0; i < axis.extent; ++i, from += axis.from, to += axis.to) std::memcpy(to, from, block_);
  }
}

}  // namespace keratin::cpu
