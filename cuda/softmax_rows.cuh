// What a softmax is made of, for a line of logits: its largest number, and the sum of the exponentials.
#pragma once

#include "cuda/device_code.cuh"
#include "cuda/reduce_block.cuh"

namespace keratin::cuda {

template <class T> struct Exponentials {
  T top, sum;  // the largest logit, and Σ e^(z − top)
};

/// Of n logits, `step` apart, for each thread of the tile's result. NaN, or an infinity on top, makes the sum NaN. All
/// threads of a block take part.
template <class T>
__device__ inline Exponentials<T> exponentials_of(const T* z, std::int64_t n, std::int64_t step, const Tile& tile,
                                                  T* shared) {  // shared (block_threads)
  T top = Largest<T>::start;
  for (std::int64_t c = tile.slice(); c < n; c += tile.slices) top = Max(top, z[c * step]);
  top = combine_slices<Largest<T>>(top, tile, shared);
  Accumulator<Sum<T>, T> sum;
  for (std::int64_t c = tile.slice(); c < n; c += tile.slices) sum.add(Exp(z[c * step] - top));
  return {top, combine_slices<Sum<T>>(sum.result(), tile, shared)};
}

}  // namespace keratin::cuda
