// What the kernels share that move numbers and compute nothing: words, offsets, copies between two layouts.
#pragma once

#include <cuda_runtime_api.h>
#include <vector_types.h>

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <limits>
#include <numeric>
#include <vector>

#include "base/strided_axes.h"
#include "graph/spec.h"

namespace keratin::cuda {

/// Bytes of the largest word, up to 16, that all of these numbers of bytes are multiples of.
inline std::int64_t word_bytes(std::initializer_list<std::int64_t> multiples) {
  std::int64_t bytes = 16;
  for (const std::int64_t each : multiples) bytes = std::gcd(bytes, each);
  return bytes;
}

/// f(Word{}) for a word of so many bytes: 1, 2, 4, 8 or 16.
template <class F> auto with_word(std::int64_t bytes, const F& f) {
  switch (bytes) {
    case 1: return f(std::uint8_t{});
    case 2: return f(std::uint16_t{});
    case 4: return f(std::uint32_t{});
    case 8: return f(std::uint64_t{});
    default: return f(uint4{});
  }
}

/// f(Offset{}) for offsets up to `most`: of 32 bits where they do, for a device divides those far faster.
template <class F> auto with_offset(std::int64_t most, const F& f) {
  return most < std::numeric_limits<std::int32_t>::max() ? f(std::uint32_t{}) : f(std::int64_t{});
}

/// Multiples of the batch as numbers; `symbolic` is what became `bound`.
std::vector<std::int64_t> bind_offsets(std::vector<std::int64_t> offsets, const Shape& symbolic, const Shape& bound);

/// Of a tensor whose rows, seen as a matrix, lie `pitch` elements apart.
Strides pitched_strides(const Shape& shape, std::int64_t pitch);

/// to[i, j, …] = from[i, j, …] for every index of a shape, as the bits are.
class DeviceCopy {
 public:
  /// In elements.
  struct Layout {
    Strides strides;
    std::int64_t offset = 0;  // of the first one
  };
  static constexpr int most_axes = 12;
  DeviceCopy(const Shape& shape, std::size_t element_bytes, const Layout& to, const Layout& from);
  /// False if too many axes do not continue each other.
  bool possible() const { return axes_.size() <= most_axes; }
  void enqueue(void* to, const void* from, cudaStream_t stream) const;

 private:
  template <class Word, class Offset> void enqueue_as(void* to, const void* from, cudaStream_t stream) const;

  std::vector<StridedAxis> axes_;          // strides of `to` and `from`; here and below in words
  std::int64_t count_ = 0, furthest_ = 0;  // words; the largest offset from the first
  std::int64_t word_ = 1;                  // bytes
  std::int64_t to_offset_ = 0, from_offset_ = 0;
};

}  // namespace keratin::cuda
