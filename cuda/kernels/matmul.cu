// MatMul by a kernel of our own: tiles of the product, each summed in the order of k, whatever the tiles' size. It has
// the last word on every product: for where cuBLASLt is not there, for what it declines, and for small ones.
#include "cuda/device_code.cuh"
//
#include <algorithm>

#include "cuda/kernels/kernels.h"
#include "cuda/product.h"

namespace keratin::cuda {
namespace {

constexpr int block_side = 16;  // a block's threads stand in a square
static_assert(block_side * block_side == block_threads);

/// How far apart a factor's elements lie: along what it shares with the product, along k, and from matrix to matrix.
struct FactorSteps {
  std::int64_t outer, k, matrix;
};

/// What the kernel has to know of a product.
struct Walk {
  std::int64_t m, n, k, products;
  FactorSteps a, b;  // outer: rows of the product; its columns
  std::int64_t pitch_c;
  bool relu;
};

/// A tile's size, and how its elements lie in shared memory.
template <int side_, int depth_> struct Tiling {
  static constexpr int side = side_, depth = depth_;  // side × side elements of the product, in steps of depth along k
  static constexpr int each = side / block_side;      // rows and columns of a thread
  static constexpr int pitch = side + 1;              // odd: neighbours along k do not share a bank of shared memory
  static constexpr unsigned elements = depth * pitch;
};

/// tile[kk · pitch + i] = the factor's element (first + i, first_k + kk), 0 where there is none. Neighbouring threads
/// read neighbouring elements, however the factor lies.
template <class T, class Tiles>
__device__ void load_tile(T* tile, const T* factor, const FactorSteps& steps, std::int64_t first, std::int64_t extent,
                          std::int64_t first_k, std::int64_t k) {
  const bool along_k = steps.k == 1;
  for (int at = static_cast<int>(threadIdx.x); at < Tiles::side * Tiles::depth; at += block_threads) {
    const int i = along_k ? at / Tiles::depth : at % Tiles::side, kk = along_k ? at % Tiles::depth : at / Tiles::side;
    const bool inside = first + i < extent && first_k + kk < k;
    tile[kk * Tiles::pitch + i] = inside ? factor[(first + i) * steps.outer + (first_k + kk) * steps.k] : T(0);
  }
}

/// A thread's sums: value[i][j] is that of its own row + i · block_side, its own column + j · block_side of the tile.
template <class T, class Tiles> struct Sums {
  T value[unsigned{Tiles::each}][unsigned{Tiles::each}] = {};

  __device__ void add(const T* a_tile, const T* b_tile, int row, int column, int steps) {
    for (int kk = 0; kk < steps; ++kk, a_tile += Tiles::pitch, b_tile += Tiles::pitch)
      for (int i = 0; i < Tiles::each; ++i)
        for (int j = 0; j < Tiles::each; ++j)
          value[i][j] += a_tile[row + i * block_side] * b_tile[column + j * block_side];
  }
};

template <class T> __device__ T finished(T sum, const T* bias, bool relu) {  // bias: its column's, or null
  if (bias != nullptr) sum += *bias;
  return relu && sum < T(0) ? T(0) : sum;  // NaN stays
}

/// Blocks stride over the products' tiles.
template <class T, class Tiles>
__global__ void __launch_bounds__(block_threads)
    multiply(Walk walk, const T* a, const T* b, const T* bias, T* c) {  // bias: (n), or null
  __shared__ T a_tile[Tiles::elements];                                 // (k, m)
  __shared__ T b_tile[Tiles::elements];                                 // (k, n)
  constexpr int side = Tiles::side, depth = Tiles::depth;
  const int row = static_cast<int>(threadIdx.x) / block_side, column = static_cast<int>(threadIdx.x) % block_side;
  const std::int64_t down = (walk.m + side - 1) / side, across = (walk.n + side - 1) / side;
  for (std::int64_t tile = blockIdx.x; tile < walk.products * down * across; tile += gridDim.x) {
    const std::int64_t matrix = tile / (down * across);
    const std::int64_t first_row = tile / across % down * side, first_column = tile % across * side;
    Sums<T, Tiles> sums;
    for (std::int64_t first_k = 0; first_k < walk.k; first_k += depth) {
      load_tile<T, Tiles>(a_tile, a + matrix * walk.a.matrix, walk.a, first_row, walk.m, first_k, walk.k);
      load_tile<T, Tiles>(b_tile, b + matrix * walk.b.matrix, walk.b, first_column, walk.n, first_k, walk.k);
      __syncthreads();
      const std::int64_t left = walk.k - first_k;
      sums.add(a_tile, b_tile, row, column, left < depth ? static_cast<int>(left) : depth);
      __syncthreads();
    }
    T* const to = c + matrix * walk.m * walk.pitch_c;  // (m, n)
    for (int i = 0; i < Tiles::each; ++i)
      for (int j = 0; j < Tiles::each; ++j) {
        const std::int64_t r = first_row + row + i * block_side, s = first_column + column + j * block_side;
        if (r < walk.m && s < walk.n)
          to[r * walk.pitch_c + s] = finished(sums.value[i][j], bias == nullptr ? nullptr : bias + s, walk.relu);
      }
  }
}

using LargeTiles = Tiling<64, 16>;
using SmallTiles = Tiling<16, 64>;

std::int64_t tiles_of(const MatrixProduct& product, std::int64_t side) {
  return product.products * ((product.m + side - 1) / side) * ((product.n + side - 1) / side);
}

/// Large tiles read the factors seldom; small ones are so many that a small product, too, keeps a device busy.
bool takes_large_tiles(const MatrixProduct& product) {
  constexpr std::int64_t multiprocessors = 128;  // of a large device
  return product.m >= LargeTiles::side && product.n >= LargeTiles::side &&
         tiles_of(product, LargeTiles::side) >= multiprocessors;
}

/// Of a factor of so many rows as it lies: along k runs a row, or else a column. (No ?: of two FactorSteps: that ends
/// nvcc 13.0 with a segmentation fault.)
FactorSteps steps_of(bool k_within_rows, std::int64_t rows, std::int64_t pitch) {
  if (k_within_rows) return {pitch, 1, rows * pitch};
  return {1, pitch, rows * pitch};
}

Walk walk_of(const MatrixProduct& product) {
  return {.m = product.m,
          .n = product.n,
          .k = product.k,
          .products = product.products,
          .a = steps_of(!product.transpose_a, product.rows_a(), product.pitch_a),
          .b = steps_of(product.transpose_b, product.rows_b(), product.pitch_b),
          .pitch_c = product.pitch_c,
          .relu = product.relu};
}

template <class T> KernelPlan plan(const MatrixProduct& product) {
  constexpr std::int64_t most_blocks = 1 << 20;
  const bool large = takes_large_tiles(product);
  const auto kernel = large ? multiply<T, LargeTiles> : multiply<T, SmallTiles>;
  const auto blocks =
      static_cast<unsigned>(std::min(tiles_of(product, large ? LargeTiles::side : SmallTiles::side), most_blocks));
  return make_kernel([walk = walk_of(product), kernel, blocks, add_bias = product.add_bias](
                         const KernelArguments& arguments, cudaStream_t stream) {
    if (blocks == 0) return;
    launch(kernel, dim3(blocks), dim3(block_threads), stream, walk, arguments.input<T>(0), arguments.input<T>(1),
           add_bias ? arguments.input<T>(2) : nullptr, arguments.output<T>(0));
  });
}

}  // namespace

KernelPlan plan_own_product(const MatrixProduct& product) {
  if (product.dtype == float32) return plan<float>(product);
  if (product.dtype == float64) return plan<double>(product);
  return {};
}

KernelPlan plan_matmul_own(const KernelRequest& request, const Planning&) {
  return plan_own_product(product_of(static_cast<const MatMul&>(request.op), request));
}

}  // namespace keratin::cuda
