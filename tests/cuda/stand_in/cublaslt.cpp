#include "stand_in/cublaslt.h"

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

#include "base/check.h"
#include "stand_in/device_code.h"

namespace keratin::cuda::stand_in {
namespace {

CublasLtCounts counts;
cublasStatus_t next_search = CUBLAS_STATUS_SUCCESS;

struct Operation : cublasLtMatmulDescOpaque_t {
  cublasComputeType_t compute = CUBLAS_COMPUTE_32F;
  cudaDataType scale = CUDA_R_32F;
  std::int32_t transpose_a = CUBLAS_OP_N, transpose_b = CUBLAS_OP_N;
  std::uint32_t epilogue = CUBLASLT_EPILOGUE_DEFAULT;
  const void* bias = nullptr;
};

struct Layout : cublasLtMatrixLayoutOpaque_t {
  cudaDataType type = CUDA_R_32F;
  std::uint64_t rows = 0, columns = 0;
  std::int64_t pitch = 0;  // elements from column to column
  std::int32_t count = 1;
  std::int64_t step = 0;  // elements from matrix to matrix
};

struct Preference : cublasLtMatmulPreferenceOpaque_t {
  std::uint64_t workspace_bytes = 0;
  std::uint32_t alignment_a = 256, alignment_b = 256, alignment_c = 256, alignment_d = 256;
};

/// All that an algorithm is chosen for; kept in it.
struct Problem {
  std::int64_t m, n, k;
  std::int32_t pitch_a, pitch_b, pitch_c, count;
  std::uint16_t epilogue;
  std::uint8_t transpose_a, transpose_b;
  std::uint16_t type, alignment;
  std::uint32_t workspace_bytes;
  bool operator==(const Problem&) const = default;
};
static_assert(sizeof(Problem) <= sizeof(cublasLtMatmulAlgo_t));

void expect(bool condition, const char* what) {
  if (!condition) throw std::logic_error(std::string("stand-in for cuBLASLt: expected ") + what);
}

template <class Own, class Handle> cublasStatus_t create(Handle* to, const Own& own) {
  *to = new Own(own);
  ++counts.live;
  return CUBLAS_STATUS_SUCCESS;
}

template <class Own, class Handle> cublasStatus_t destroy(Handle handle) {
  expect(handle != nullptr, "a descriptor to destroy");
  delete static_cast<Own*>(handle);
  --counts.live;
  return CUBLAS_STATUS_SUCCESS;
}

template <class T> cublasStatus_t assign(T& to, const void* from, std::size_t bytes) {
  if (from == nullptr || bytes != sizeof to) return CUBLAS_STATUS_INVALID_VALUE;
  std::memcpy(&to, from, bytes);
  return CUBLAS_STATUS_SUCCESS;
}

const char* status_name(cublasStatus_t status) {
  return status == CUBLAS_STATUS_INVALID_VALUE ? "CUBLAS_STATUS_INVALID_VALUE" : "another status";
}
const char* status_string(cublasStatus_t) { return "so says the stand-in"; }

cublasStatus_t create_handle(cublasLtHandle_t* to) {
  *to = reinterpret_cast<cublasLtHandle_t>(&counts);
  ++counts.live;
  return CUBLAS_STATUS_SUCCESS;
}
cublasStatus_t destroy_handle(cublasLtHandle_t) {
  --counts.live;
  return CUBLAS_STATUS_SUCCESS;
}

cublasStatus_t create_operation(cublasLtMatmulDesc_t* to, cublasComputeType_t compute, cudaDataType_t scale) {
  return create(to, Operation{{}, compute, scale});
}
cublasStatus_t set_operation(cublasLtMatmulDesc_t to, cublasLtMatmulDescAttributes_t attribute, const void* from,
                             std::size_t bytes) {
  auto& own = static_cast<Operation&>(*to);
  switch (attribute) {
    case CUBLASLT_MATMUL_DESC_TRANSA: return assign(own.transpose_a, from, bytes);
    case CUBLASLT_MATMUL_DESC_TRANSB: return assign(own.transpose_b, from, bytes);
    case CUBLASLT_MATMUL_DESC_EPILOGUE: return assign(own.epilogue, from, bytes);
    case CUBLASLT_MATMUL_DESC_BIAS_POINTER: return assign(own.bias, from, bytes);
    default: return CUBLAS_STATUS_INVALID_VALUE;
  }
}

cublasStatus_t create_layout(cublasLtMatrixLayout_t* to, cudaDataType type, std::uint64_t rows, std::uint64_t columns,
                             std::int64_t pitch) {
  return create(to, Layout{{}, type, rows, columns, pitch});
}
cublasStatus_t set_layout(cublasLtMatrixLayout_t to, cublasLtMatrixLayoutAttribute_t attribute, const void* from,
                          std::size_t bytes) {
  auto& own = static_cast<Layout&>(*to);
  if (attribute == CUBLASLT_MATRIX_LAYOUT_BATCH_COUNT) return assign(own.count, from, bytes);
  if (attribute == CUBLASLT_MATRIX_LAYOUT_STRIDED_BATCH_OFFSET) return assign(own.step, from, bytes);
  return CUBLAS_STATUS_INVALID_VALUE;
}

cublasStatus_t create_preference(cublasLtMatmulPreference_t* to) { return create(to, Preference{}); }
cublasStatus_t set_preference(cublasLtMatmulPreference_t to, cublasLtMatmulPreferenceAttributes_t attribute,
                              const void* from, std::size_t bytes) {
  auto& own = static_cast<Preference&>(*to);
  switch (attribute) {
    case CUBLASLT_MATMUL_PREF_MAX_WORKSPACE_BYTES: return assign(own.workspace_bytes, from, bytes);
    case CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_A_BYTES: return assign(own.alignment_a, from, bytes);
    case CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_B_BYTES: return assign(own.alignment_b, from, bytes);
    case CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_C_BYTES: return assign(own.alignment_c, from, bytes);
    case CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_D_BYTES: return assign(own.alignment_d, from, bytes);
    default: return CUBLAS_STATUS_INVALID_VALUE;
  }
}

bool is_valid(const Layout& layout, const Layout& like) {
  const bool fits = layout.rows > 0 && layout.columns > 0 && layout.pitch >= static_cast<std::int64_t>(layout.rows);
  const bool apart = layout.count == 1 || layout.step >= layout.pitch * static_cast<std::int64_t>(layout.columns);
  return fits && apart && layout.type == like.type && layout.count == like.count;
}

bool is_valid(const Operation& operation, cudaDataType type) {
  const bool is_double = type == CUDA_R_64F;
  if (!is_double && type != CUDA_R_32F) return false;
  if (operation.compute != (is_double ? CUBLAS_COMPUTE_64F : CUBLAS_COMPUTE_32F)) return false;
  if ((operation.epilogue & CUBLASLT_EPILOGUE_BIAS) != 0 && operation.bias == nullptr) return false;
  return operation.scale == type && (!is_double || operation.epilogue == CUBLASLT_EPILOGUE_DEFAULT);
}

/// What the descriptors say, all but alignment and workspace; of no extent if they contradict each other.
Problem problem_of(const Operation& operation, const Layout& a, const Layout& b, const Layout& c) {
  const bool transpose_a = operation.transpose_a == CUBLAS_OP_T, transpose_b = operation.transpose_b == CUBLAS_OP_T;
  const std::uint64_t m = transpose_a ? a.columns : a.rows, k = transpose_a ? a.rows : a.columns;
  const std::uint64_t n = transpose_b ? b.rows : b.columns, k_b = transpose_b ? b.columns : b.rows;
  const bool agree = m == c.rows && n == c.columns && k == k_b;
  if (!agree || !is_valid(a, c) || !is_valid(b, c) || !is_valid(c, c) || !is_valid(operation, c.type)) return {};
  return {static_cast<std::int64_t>(m),
          static_cast<std::int64_t>(n),
          static_cast<std::int64_t>(k),
          static_cast<std::int32_t>(a.pitch),
          static_cast<std::int32_t>(b.pitch),
          static_cast<std::int32_t>(c.pitch),
          c.count,
          static_cast<std::uint16_t>(operation.epilogue),
          transpose_a,
          transpose_b,
          static_cast<std::uint16_t>(c.type),
          0,
          0};
}

/// The second of two results, as the library may put one first that cannot run.
cublasStatus_t search(cublasLtHandle_t, cublasLtMatmulDesc_t operation, cublasLtMatrixLayout_t a,
                      cublasLtMatrixLayout_t b, cublasLtMatrixLayout_t c, cublasLtMatrixLayout_t d,
                      cublasLtMatmulPreference_t preference, int asked, cublasLtMatmulHeuristicResult_t results[],
                      int* found) {
  ++counts.searches;
  *found = 0;
  if (const auto status = std::exchange(next_search, CUBLAS_STATUS_SUCCESS); status != CUBLAS_STATUS_SUCCESS)
    return status;
  expect(asked >= 2 && c == d, "room for two results, and one matrix that is made");
  const auto& wanted = static_cast<const Preference&>(*preference);
  Problem problem = problem_of(static_cast<const Operation&>(*operation), static_cast<const Layout&>(*a),
                               static_cast<const Layout&>(*b), static_cast<const Layout&>(*c));
  if (problem.m == 0) return CUBLAS_STATUS_INVALID_VALUE;
  const std::uint32_t alignment =
      std::max({wanted.alignment_a, wanted.alignment_b, wanted.alignment_c, wanted.alignment_d});
  problem.alignment = static_cast<std::uint16_t>(alignment);
  problem.workspace_bytes = static_cast<std::uint32_t>(wanted.workspace_bytes);  // all that it may have
  results[0].state = CUBLAS_STATUS_NOT_SUPPORTED;
  results[1].state = CUBLAS_STATUS_SUCCESS;
  results[1].workspaceSize = problem.workspace_bytes;
  std::memcpy(&results[1].algo, &problem, sizeof problem);
  *found = 2;
  return CUBLAS_STATUS_SUCCESS;
}

template <class T> struct Operands {
  const T *a, *b, *bias;
  T* c;
  std::int64_t step_a, step_b, step_c;
};

/// All matrices are column-major. Sums are made in the order of k.
template <class T> void multiply(const Problem& problem, const Operands<T>& operands) {
  for (std::int64_t matrix = 0; matrix < problem.count; ++matrix) {
    const T* const a = operands.a + matrix * operands.step_a;
    const T* const b = operands.b + matrix * operands.step_b;
    for (std::int64_t j = 0; j < problem.n; ++j)
      for (std::int64_t i = 0; i < problem.m; ++i) {
        T sum = T(0);
        for (std::int64_t l = 0; l < problem.k; ++l)
          sum += a[problem.transpose_a ? l + i * problem.pitch_a : i + l * problem.pitch_a] *
                 b[problem.transpose_b ? j + l * problem.pitch_b : l + j * problem.pitch_b];
        if ((problem.epilogue & CUBLASLT_EPILOGUE_BIAS) != 0) sum += operands.bias[i];
        if ((problem.epilogue & CUBLASLT_EPILOGUE_RELU) != 0 && !(sum > T(0))) sum = T(0);
        operands.c[matrix * operands.step_c + i + j * problem.pitch_c] = sum;
      }
  }
}

template <class T> bool is_one_and_zero(const void* one, const void* zero) {
  return *static_cast<const T*>(one) == T(1) && *static_cast<const T*>(zero) == T(0);
}

/// All but the algorithm's alignment and workspace.
bool same_problem(const Problem& chosen, Problem asked) {
  asked.alignment = chosen.alignment;
  asked.workspace_bytes = chosen.workspace_bytes;
  return asked == chosen;
}

cublasStatus_t matmul(cublasLtHandle_t handle, cublasLtMatmulDesc_t operation_handle, const void* one, const void* a,
                      cublasLtMatrixLayout_t a_layout, const void* b, cublasLtMatrixLayout_t b_layout, const void* zero,
                      const void* c, cublasLtMatrixLayout_t c_layout, void* d, cublasLtMatrixLayout_t d_layout,
                      const cublasLtMatmulAlgo_t* algorithm, void* workspace, std::size_t workspace_bytes,
                      cudaStream_t stream) {
  const auto& operation = static_cast<const Operation&>(*operation_handle);
  const auto &layout_a = static_cast<const Layout&>(*a_layout), &layout_b = static_cast<const Layout&>(*b_layout),
             &layout_c = static_cast<const Layout&>(*c_layout);
  Problem problem = {};
  std::memcpy(&problem, algorithm, sizeof problem);
  expect(handle == reinterpret_cast<cublasLtHandle_t>(&counts) && c == d && c_layout == d_layout,
         "the handle, and one matrix that is made");
  expect(same_problem(problem, problem_of(operation, layout_a, layout_b, layout_c)), "the algorithm of the product");
  const bool is_double = layout_c.type == CUDA_R_64F;
  expect((is_double ? is_one_and_zero<double> : is_one_and_zero<float>)(one, zero), "the factors 1 and 0");
  for (const void* operand : {a, b, c, operation.bias})
    expect(reinterpret_cast<std::uintptr_t>(operand) % problem.alignment == 0, "operands as aligned as was said");
  expect(reinterpret_cast<std::uintptr_t>(workspace) % 256 == 0, "a workspace aligned to 256 bytes");
  if (workspace_bytes < problem.workspace_bytes) return CUBLAS_STATUS_INVALID_VALUE;
  ++counts.products;
  launch(
      [=, bias = operation.bias, step_a = layout_a.step, step_b = layout_b.step, step_c = layout_c.step] {
        std::memset(workspace, 0xcd, problem.workspace_bytes);
        const auto run = [&]<class T>(T) {
          multiply<T>(problem, {static_cast<const T*>(a), static_cast<const T*>(b), static_cast<const T*>(bias),
                                static_cast<T*>(d), step_a, step_b, step_c});
        };
        is_double ? run(0.0) : run(0.0f);
      },
      {1}, {1}, stream);
  return CUBLAS_STATUS_SUCCESS;
}

}  // namespace

const CublasLt& host_cublaslt() {
  static const CublasLt functions{status_name,
                                  status_string,
                                  create_handle,
                                  destroy_handle,
                                  create_operation,
                                  destroy<Operation, cublasLtMatmulDesc_t>,
                                  set_operation,
                                  create_layout,
                                  destroy<Layout, cublasLtMatrixLayout_t>,
                                  set_layout,
                                  create_preference,
                                  destroy<Preference, cublasLtMatmulPreference_t>,
                                  set_preference,
                                  search,
                                  matmul};
  return functions;
}

const CublasLtCounts& cublaslt_counts() { return counts; }

void fail_next_search(cublasStatus_t status) { next_search = status; }

}  // namespace keratin::cuda::stand_in

namespace keratin::cuda {

/// Our own kernel multiplies unless the environment says otherwise: it is what is to be tested.
const CublasLt& cublaslt() {
  const char* const asked = std::getenv("KERATIN_STAND_IN_CUBLASLT");
  if (asked != nullptr && std::string_view(asked) == "1") return stand_in::host_cublaslt();
  throw UnsupportedError("cuBLASLt: expected KERATIN_STAND_IN_CUBLASLT=1 for the tests' stand-in, got none");
}

}  // namespace keratin::cuda
