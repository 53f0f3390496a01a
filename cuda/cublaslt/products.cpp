#include "cuda/cublaslt/products.h"

#include <algorithm>
#include <array>

#include "base/check.h"
#include "compiler/plan_memory.h"

namespace keratin::cuda {
namespace {

constexpr std::size_t workspace_alignment = 256;  // of what cuBLASLt is given; more than the arena's

cudaDataType type_of(DType dtype) { return dtype == float64 ? CUDA_R_64F : CUDA_R_32F; }

/// In the numbers' own precision: never TF32.
cublasComputeType_t compute_type_of(DType dtype) { return dtype == float64 ? CUBLAS_COMPUTE_64F : CUBLAS_COMPUTE_32F; }

/// The factor on the sums and that on what was there before: 1 and 0.
template <class T> constexpr std::array<T, 2> one_and_zero{T(1), T(0)};

const void* factors_of(DType dtype) {
  if (dtype == float64) return one_and_zero<double>.data();
  return one_and_zero<float>.data();
}

cublasLtEpilogue_t epilogue_of(const MatrixProduct& product) {
  if (product.add_bias) return product.relu ? CUBLASLT_EPILOGUE_RELU_BIAS : CUBLASLT_EPILOGUE_BIAS;
  return product.relu ? CUBLASLT_EPILOGUE_RELU : CUBLASLT_EPILOGUE_DEFAULT;
}

/// Row-major rows are cuBLASLt's columns.
void set_products(const MatrixDescriptor& matrices, std::int64_t products, std::int64_t rows, std::int64_t pitch) {
  matrices.set(CUBLASLT_MATRIX_LAYOUT_BATCH_COUNT, static_cast<std::int32_t>(products));
  matrices.set(CUBLASLT_MATRIX_LAYOUT_STRIDED_BATCH_OFFSET, rows * pitch);
}

std::uint64_t extent(std::int64_t count) { return static_cast<std::uint64_t>(count); }

}  // namespace

ProductDescription::ProductDescription(const CublasLt& cublaslt, const MatrixProduct& product)
    : operation(cublaslt, compute_type_of(product.dtype), type_of(product.dtype)),
      a(cublaslt, type_of(product.dtype), extent(product.columns_a()), extent(product.rows_a()), product.pitch_a),
      b(cublaslt, type_of(product.dtype), extent(product.columns_b()), extent(product.rows_b()), product.pitch_b),
      c(cublaslt, type_of(product.dtype), extent(product.n), extent(product.m), product.pitch_c) {
  const auto operation_of = [](bool transpose) { return std::int32_t{transpose ? CUBLAS_OP_T : CUBLAS_OP_N}; };
  operation.set(CUBLASLT_MATMUL_DESC_TRANSA, operation_of(product.transpose_b));
  operation.set(CUBLASLT_MATMUL_DESC_TRANSB, operation_of(product.transpose_a));
  operation.set(CUBLASLT_MATMUL_DESC_EPILOGUE, static_cast<std::uint32_t>(epilogue_of(product)));
  if (product.products == 1) return;
  set_products(a, product.products, product.rows_a(), product.pitch_a);
  set_products(b, product.products, product.rows_b(), product.pitch_b);
  set_products(c, product.products, product.m, product.pitch_c);
}

Multiplication::Multiplication(const CublasLt& cublaslt, cublasLtHandle_t handle, const MatrixProduct& product,
                               const cublasLtMatmulAlgo_t& algorithm, std::size_t workspace_bytes)
    : cublaslt_(cublaslt),
      handle_(handle),
      product_(product),
      description_(cublaslt, product),
      algorithm_(algorithm),
      workspace_bytes_(workspace_bytes) {}

void Multiplication::enqueue(const KernelArguments& arguments, cudaStream_t stream) const {
  const auto address = reinterpret_cast<std::uintptr_t>(arguments.workspace);
  void* const workspace =
      reinterpret_cast<void*>((address + workspace_alignment - 1) / workspace_alignment * workspace_alignment);
  const auto* const one = static_cast<const std::byte*>(factors_of(product_.dtype));
  const std::byte* const zero = one + size_in_bytes(product_.dtype);
  void* const c = arguments.outputs[0];
  std::unique_lock lock(mutex_, std::defer_lock);
  if (product_.add_bias) {
    lock.lock();
    description_.operation.set(CUBLASLT_MATMUL_DESC_BIAS_POINTER, arguments.inputs[2]);
  }
  check(cublaslt_,
        cublaslt_.matmul(handle_, description_.operation.get(), one, arguments.inputs[1], description_.b.get(),
                         arguments.inputs[0], description_.a.get(), zero, c, description_.c.get(), c,
                         description_.c.get(), &algorithm_, workspace, workspace_bytes_ - workspace_alignment, stream),
        "cublasLtMatmul");
}

std::size_t product_workspace_bytes(const MatrixProduct& product, int compute_capability) {
  // What NVIDIA recommends: cuBLAS's documentation, cublasSetWorkspace(). A small product has no use for as much.
  const std::size_t most = std::size_t{compute_capability >= 90 ? 32u : 4u} << 20;
  constexpr std::size_t counters = 64 * 1024, parts_of_k = 64;
  const auto elements = static_cast<std::size_t>(product.products * product.m * product.n);
  const std::size_t sums = std::min(elements, most) * size_in_bytes(product.dtype) * parts_of_k;
  return workspace_alignment + std::min(most, counters + aligned_bytes(sums));
}

const CublasLt* Products::library() {
  if (looked_) return library_;
  looked_ = true;
  try {
    library_ = &functions_();
  } catch (const UnsupportedError&) {  // our own kernel takes over
  }
  return library_;
}

bool Products::usable() {
  const std::lock_guard lock(mutex_);
  return library() != nullptr;
}

std::optional<cublasLtMatmulAlgo_t> Products::algorithm(const CublasLt& cublaslt, const MatrixProduct& product,
                                                        std::size_t workspace_bytes) {
  const ProductDescription description(cublaslt, product);
  // Only how it is aligned is looked at, as with all operands.
  constexpr std::uintptr_t somewhere = arena_alignment;
  if (product.add_bias) description.operation.set(CUBLASLT_MATMUL_DESC_BIAS_POINTER, somewhere);
  const MatmulPreference preference(cublaslt);
  preference.set(CUBLASLT_MATMUL_PREF_MAX_WORKSPACE_BYTES, std::uint64_t{workspace_bytes - workspace_alignment});
  for (const auto attribute : {CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_A_BYTES, CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_B_BYTES,
                               CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_C_BYTES, CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_D_BYTES})
    preference.set(attribute, std::uint32_t{arena_alignment});
  std::array<cublasLtMatmulHeuristicResult_t, 4> found = {};  // the one that should be fastest first
  int count = 0;
  const cublasStatus_t status = cublaslt.algorithms(
      handle_->get(), description.operation.get(), description.b.get(), description.a.get(), description.c.get(),
      description.c.get(), preference.get(), static_cast<int>(found.size()), found.data(), &count);
  if (status == CUBLAS_STATUS_NOT_SUPPORTED) return std::nullopt;
  check(cublaslt, status, "cublasLtMatmulAlgoGetHeuristic");
  for (int i = 0; i < count; ++i)
    if (const auto& result = found[static_cast<std::size_t>(i)]; result.state == CUBLAS_STATUS_SUCCESS)
      return result.algo;
  return std::nullopt;
}

std::unique_ptr<const Multiplication> Products::multiplication(const MatrixProduct& product,
                                                               std::size_t workspace_bytes) {
  const std::lock_guard lock(mutex_);
  const CublasLt* const cublaslt = library();
  KERATIN_ASSERT(cublaslt != nullptr);
  if (!handle_) handle_.emplace(*cublaslt);
  auto found = algorithms_.find(product);
  if (found == algorithms_.end())
    found = algorithms_.emplace(product, algorithm(*cublaslt, product, workspace_bytes)).first;
  if (!found->second) return nullptr;
  return std::make_unique<const Multiplication>(*cublaslt, handle_->get(), product, *found->second, workspace_bytes);
}

}  // namespace keratin::cuda
