// Matrix products by cuBLASLt: its handle, its descriptions of products, and the algorithms that it has chosen.
#pragma once

#include <cstddef>
#include <map>
#include <memory>
#include <mutex>
#include <optional>

#include "cuda/cublaslt/descriptors.h"
#include "cuda/product.h"

namespace keratin::cuda {

/// A product as cuBLASLt is told of it. That knows columns only: row-major c = a · b is its cᵀ = bᵀ · aᵀ, so its first
/// factor is b, its first extent n, and a bias runs along its rows.
struct ProductDescription {
  ProductDescription(const CublasLt& cublaslt, const MatrixProduct& product);
  MatmulDescriptor operation;
  MatrixDescriptor a, b, c;
};

/// A product with the algorithm that it is computed by.
class Multiplication {
 public:
  Multiplication(const CublasLt& cublaslt, cublasLtHandle_t handle, const MatrixProduct& product,
                 const cublasLtMatmulAlgo_t& algorithm, std::size_t workspace_bytes);
  /// Any thread may call it; the workspace has so many bytes as product_workspace_bytes() tells.
  void enqueue(const KernelArguments& arguments, cudaStream_t stream) const;

 private:
  const CublasLt& cublaslt_;
  cublasLtHandle_t handle_;
  MatrixProduct product_;
  ProductDescription description_;
  cublasLtMatmulAlgo_t algorithm_;
  std::size_t workspace_bytes_;
  mutable std::mutex mutex_ = {};  // guards the description's bias, whose address is part of it
};

/// What a product may use beside its operands: for partial sums, where k is cut.
std::size_t product_workspace_bytes(const MatrixProduct& product, int compute_capability);

/// Several threads may ask. It must outlive what it hands out.
class Products {
 public:
  Products() : Products(&cuda::cublaslt) {}
  /// `functions` is called when a product is first asked for.
  explicit Products(const CublasLt& (*functions)()) : functions_(functions) {}

  /// False if the library is not there. Needs no device.
  bool usable();
  /// Chooses an algorithm, on the device that is the calling thread's: always the same. null if there is none. Throws
  /// DeviceError if the device or the library refuses.
  std::unique_ptr<const Multiplication> multiplication(const MatrixProduct& product, std::size_t workspace_bytes);

 private:
  const CublasLt* library();
  std::optional<cublasLtMatmulAlgo_t> algorithm(const CublasLt& cublaslt, const MatrixProduct& product,
                                                std::size_t workspace_bytes);

  const CublasLt& (*const functions_)();
  std::mutex mutex_ = {};
  bool looked_ = false;                // below: guarded by mutex_
  const CublasLt* library_ = nullptr;  // null: looked for, and there is none
  std::optional<CublasLtHandle> handle_ = {};
  std::map<MatrixProduct, std::optional<cublasLtMatmulAlgo_t>> algorithms_ = {};
};

}  // namespace keratin::cuda
