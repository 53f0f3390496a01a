#include "cuda/device_code.cuh"

#include "cuda/kernels/movement.h"

#include <algorithm>

#include "base/check.h"

namespace keratin::cuda {
namespace {

template <class Offset> struct CopyAxes {
  int rank;
  Offset extents[DeviceCopy::most_axes], to_strides[DeviceCopy::most_axes], from_strides[DeviceCopy::most_axes];
};

/// A word a thread, in the order of the axes.
template <class Word, class Offset>
__global__ void copy_words(Word* to, const Word* from, CopyAxes<Offset> axes, Offset count) {
  const auto step = static_cast<Offset>(gridDim.x * blockDim.x);
  for (auto i = static_cast<Offset>(blockIdx.x * blockDim.x + threadIdx.x); i < count; i += step) {
    Offset rest = i, to_offset = 0, from_offset = 0;
    for (int axis = axes.rank - 1; axis > 0; --axis) {
      const Offset outer = rest / axes.extents[axis], position = rest - outer * axes.extents[axis];
      to_offset += position * axes.to_strides[axis];
      from_offset += position * axes.from_strides[axis];
      rest = outer;
    }
    to[to_offset + rest * axes.to_strides[0]] = from[from_offset + rest * axes.from_strides[0]];
  }
}

}  // namespace

std::vector<std::int64_t> bind_offsets(std::vector<std::int64_t> offsets, const Shape& symbolic, const Shape& bound) {
  for (std::size_t i = 0; i < offsets.size(); ++i) {
    if (offsets[i] >= 0) continue;
    KERATIN_ASSERT(symbolic.extents()[i] < 0);
    offsets[i] = -offsets[i] * (bound.extents()[i] / -symbolic.extents()[i]);
  }
  return offsets;
}

Strides pitched_strides(const Shape& shape, std::int64_t pitch) {
  Strides strides = row_major_strides(shape);
  if (shape.rank() < 2 || shape.size() == 0) return strides;
  std::int64_t stride = pitch;
  for (std::size_t i = strides.size() - 1; i > 0; --i) {
    strides[i - 1] = stride;
    stride *= shape.extents()[i - 1];
  }
  return strides;
}

DeviceCopy::DeviceCopy(const Shape& shape, std::size_t element_bytes, const Layout& to, const Layout& from)
    : count_(shape.size()), word_(static_cast<std::int64_t>(element_bytes)) {
  if (count_ == 0) return;
  to_offset_ = to.offset;
  from_offset_ = from.offset;
  axes_ = merged_axes(shape, std::vector<Strides>{to.strides, from.strides});
  StridedAxis& last = axes_.back();
  if (last.strides == Strides{1, 1}) {  // neighbours are moved together
    const std::int64_t size = word_;
    word_ = word_bytes({last.extent * size, to_offset_ * size, from_offset_ * size});
    for (std::size_t i = 0; i + 1 < axes_.size(); ++i)
      word_ = word_bytes({word_, axes_[i].strides[0] * size, axes_[i].strides[1] * size});
    const std::int64_t together = word_ / size;
    for (std::size_t i = 0; i + 1 < axes_.size(); ++i)
      for (std::int64_t& stride : axes_[i].strides) stride /= together;
    last.extent /= together;
    for (std::int64_t* const each : {&count_, &to_offset_, &from_offset_}) *each /= together;
  }
  std::int64_t furthest[2] = {0, 0};
  for (const StridedAxis& axis : axes_)
    for (std::size_t k = 0; k < 2; ++k) furthest[k] += (axis.extent - 1) * axis.strides[k];
  furthest_ = std::max({furthest[0], furthest[1], count_});
}

template <class Word, class Offset> void DeviceCopy::enqueue_as(void* to, const void* from, cudaStream_t stream) const {
  CopyAxes<Offset> axes{};
  axes.rank = static_cast<int>(axes_.size());
  for (std::size_t i = 0; i < axes_.size(); ++i) {
    axes.extents[i] = static_cast<Offset>(axes_[i].extent);
    axes.to_strides[i] = static_cast<Offset>(axes_[i].strides[0]);
    axes.from_strides[i] = static_cast<Offset>(axes_[i].strides[1]);
  }
  launch(copy_words<Word, Offset>, blocks_for(count_), block_threads, stream, static_cast<Word*>(to) + to_offset_,
         static_cast<const Word*>(from) + from_offset_, axes, count_);
}

void DeviceCopy::enqueue(void* to, const void* from, cudaStream_t stream) const {
  if (count_ == 0) return;
  with_word(word_, [&](auto word) {
    with_offset(furthest_, [&](auto offset) { enqueue_as<decltype(word), decltype(offset)>(to, from, stream); });
  });
}

}  // namespace keratin::cuda
