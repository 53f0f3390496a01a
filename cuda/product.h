// What a matrix product is to those who multiply: extents, where rows lie, and what is done to the sums. No addresses.
#pragma once

#include <compare>
#include <cstdint>

#include "cuda/kernel_table.h"
#include "ops/matmul.h"

namespace keratin::cuda {

/// c = a · b, over leading axes; every matrix is row-major.
struct MatrixProduct {
  DType dtype = float32;
  std::int64_t m = 0, n = 0, k = 0;
  std::int64_t products = 1;                           // leading axes, all in one
  bool transpose_a = false, transpose_b = false;       // a lies as (k, m), b as (n, k)
  std::int64_t pitch_a = 0, pitch_b = 0, pitch_c = 0;  // elements from row to row, as they lie
  bool add_bias = false;                               // (n), to every row of the product
  bool relu = false;                                   // after the bias

  bool empty() const { return m * n * products == 0; }
  /// It takes no longer than its launch, whoever computes it. An estimate: not measured.
  bool is_small() const { return products * m * n * k <= 1 << 16; }
  std::int64_t rows_a() const { return transpose_a ? k : m; }
  std::int64_t columns_a() const { return transpose_a ? m : k; }
  std::int64_t rows_b() const { return transpose_b ? n : k; }
  std::int64_t columns_b() const { return transpose_b ? k : n; }
  friend auto operator<=>(const MatrixProduct&, const MatrixProduct&) = default;
};

/// The request's inputs 0 and 1 multiplied into its output 0.
MatrixProduct product_of(const MatMul& op, const KernelRequest& request);

// Kernels of a, b and, if it is added, the bias. Without kernel where they decline.

/// By cuBLASLt, if it is there: declines what is empty.
KernelPlan plan_cublaslt_product(const MatrixProduct& product, const Planning& planning);
/// By our own kernel: of float32 and float64 it takes every product.
KernelPlan plan_own_product(const MatrixProduct& product);

}  // namespace keratin::cuda
