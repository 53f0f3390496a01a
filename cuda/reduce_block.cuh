// What kernels of reductions share: how the threads of a block are dealt out among results, and how they put together
// what each of them has, in an order that the shapes fix.
#pragma once

#include "cuda/device_code.cuh"
#include "cuda/elementwise/functions.cuh"

#include <algorithm>
#include <bit>
#include <limits>
#include <type_traits>

#include "keratin/types.h"

namespace keratin::cuda {

template <class T> struct Sum {
  static constexpr T start = T(0);
  __device__ static T combine(T a, T b) { return Add(a, b); }
};
template <class T> struct Product {
  static constexpr T start = T(1);
  __device__ static T combine(T a, T b) { return Mul(a, b); }
};
template <class T> struct Largest {
  static constexpr T start =
      std::is_floating_point_v<T> ? -std::numeric_limits<T>::infinity() : std::numeric_limits<T>::lowest();
  __device__ static T combine(T a, T b) { return Max(a, b); }
};
template <class T> struct Smallest {
  static constexpr T start =
      std::is_floating_point_v<T> ? std::numeric_limits<T>::infinity() : std::numeric_limits<T>::max();
  __device__ static T combine(T a, T b) { return Min(a, b); }
};

/// Combines one thread's terms one by one. Of a floating-point sum it also adds up what rounding loses (Knuth, The Art
/// of Computer Programming, vol. 2, 4.2.2, theorem B), so that the error does not grow with the number of terms.
template <class R, class T> class Accumulator {
 public:
  __device__ void add(T x) {
    const T before = value_;
    value_ = R::combine(before, x);
    if constexpr (compensated) {
      const T taken = value_ - before;
      lost_ += (before - (value_ - taken)) + (x - taken);
    }
  }
  __device__ T result() const {
    if constexpr (compensated) return lost_ - lost_ == T(0) ? value_ + lost_ : value_;  // of an infinity NaN is lost
    return value_;
  }

 private:
  static constexpr bool compensated = std::is_same_v<R, Sum<T>> && std::is_floating_point_v<T>;
  T value_ = R::start, lost_ = T(0);
};

/// How a block's threads are dealt out: results side by side, and for each so many slices, which share its terms.
struct Tile {
  int results, slices;   // powers of two; their product is block_threads
  bool slices_adjacent;  // neighbouring threads are of one result, as its terms are neighbours
  int shift;             // log2 of the slices, or of the results, whichever are adjacent

  __device__ int result() const { return slices_adjacent ? thread() >> shift : thread() & (results - 1); }
  __device__ int slice() const { return slices_adjacent ? thread() & (slices - 1) : thread() >> shift; }
  /// From a slice's thread to the next slice's.
  __device__ int step() const { return slices_adjacent ? 1 : results; }
  __device__ static int thread() { return static_cast<int>(threadIdx.x); }
};

/// log2 of the largest power of two that is neither larger than n nor than `most`; of 1 at least.
inline int log2_within(std::int64_t n, int most) {
  return static_cast<int>(std::bit_width(static_cast<std::uint64_t>(std::clamp<std::int64_t>(n, 1, most)))) - 1;
}

/// No slice is without a term, unless there are no terms. The order within a result depends on `results` only where its
/// terms are no neighbours.
inline Tile tile_of(std::int64_t results, std::int64_t terms, bool terms_adjacent) {
  constexpr std::int64_t terms_of_a_warp = 512;  // with more a block is quicker
  if (terms_adjacent) {
    const int shift = log2_within(terms, terms > terms_of_a_warp ? block_threads : warp_threads), slices = 1 << shift;
    return {block_threads / slices, slices, true, shift};
  }
  const bool few = results * terms <= 1 << 16;  // then short loops matter more than long runs in memory
  const int side = 1 << log2_within(2 * results - 1, few ? 8 : warp_threads);  // results, rounded up
  const int slices = 1 << log2_within(terms, block_threads / side);
  return {block_threads / slices, slices, false, log2_within(block_threads / slices, block_threads)};
}

template <class T> __device__ inline T from_lane(T value, int mask) {
  return static_cast<T>(__shfl_xor_sync(whole_warp, value, mask));
}

/// What all slices of a result have, put together by R::combine(), which must not mind the order of two; for each of
/// their threads. All threads of a block take part. T: a number, or what has a from_lane().
template <class R, class T>
__device__ inline T combine_slices(T value, const Tile& tile, T* shared) {  // shared (block_threads)
  const int span = tile.step() * tile.slices;
  for (int mask = tile.step(); mask < span && mask < warp_threads; mask *= 2)
    value = R::combine(value, from_lane(value, mask));
  if (tile.slices == 1 || span <= warp_threads) return value;
  const int apart = tile.step() > warp_threads ? tile.step() : warp_threads, thread = Tile::thread();
  __syncthreads();  // until all have read what the last call left there
  shared[thread] = value;
  __syncthreads();
  T all = shared[thread % apart];
  for (int other = thread % apart + apart; other < block_threads; other += apart) all = R::combine(all, shared[other]);
  return all;
}

/// An array along one axis: lines of `length` elements, `step` apart, and the tile that takes them, one a result.
struct Lines {
  std::int64_t count, length, step;
  Tile tile;

  /// Elements before the line's first.
  __device__ std::int64_t first(std::int64_t line) const {
    return step == 1 ? line * length : line / step * step * length + line % step;
  }
  dim3 grid() const { return dim3(blocks_for(count, tile.results)); }
};

inline Lines lines_along(const Shape& shape, int axis) {
  const std::int64_t outer = shape.until(axis).size(), length = shape[axis], step = shape.from(axis + 1).size();
  return {outer * step, length, step, tile_of(outer * step, length, step == 1)};
}

}  // namespace keratin::cuda
