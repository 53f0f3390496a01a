// Matrix products by cuBLASLt's stand-in and by our own kernel: the numbers, and what is asked of the library.
#include "cuda/cublaslt/products.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <limits>
#include <vector>

#include "cuda/check.h"
#include "cuda/elementwise/program_compiler.h"
#include "cuda/handles.h"
#include "cuda/kernels/kernels.h"
#include "ops/product_program.h"
#include "stand_in/cublaslt.h"
#include "support/throws.h"

namespace keratin::cuda {
namespace {

const CublasLt& none() { throw UnsupportedError("cuBLASLt: there is none"); }

struct Services {
  explicit Services(const CublasLt& (*functions)() = &stand_in::host_cublaslt) : products(functions) {}
  DeviceProperties device = {};
  ProgramCompiler programs{device, CodeCache({})};
  Products products;
  Planning planning{device, programs, products};
};

constexpr double nan = std::numeric_limits<double>::quiet_NaN();

/// Numbers at an address that is a multiple of 64, between bands that nobody may write.
template <class T> class Numbers {
 public:
  explicit Numbers(std::size_t count, T value = static_cast<T>(nan))
      : count_(count), storage_(count + 2 * band + 64 / sizeof(T), static_cast<T>(mark)) {
    const auto address = reinterpret_cast<std::uintptr_t>(storage_.data() + band);
    begin_ = band + (64 - address % 64) % 64 / sizeof(T);
    for (std::size_t i = 0; i < count; ++i) storage_[begin_ + i] = value;
  }
  T* data() { return storage_.data() + begin_; }
  T& operator[](std::int64_t i) { return storage_[begin_ + static_cast<std::size_t>(i)]; }
  bool bands_hold() const {
    for (std::size_t i = 0; i < storage_.size(); ++i)
      if ((i < begin_ || i >= begin_ + count_) && storage_[i] != static_cast<T>(mark)) return false;
    return true;
  }

 private:
  static constexpr std::size_t band = 64;
  static constexpr double mark = -77.0;
  std::size_t count_, begin_ = 0;
  std::vector<T> storage_;
};

/// In [−1, 1), in no order.
double drawn(std::int64_t i) {
  auto bits = static_cast<std::uint32_t>(i + 1) * 2654435761u;
  bits = (bits ^ (bits >> 15)) * 2246822519u;
  return static_cast<double>(bits ^ (bits >> 13)) * 0x1p-31 - 1.0;
}

template <class T> struct Operands {
  explicit Operands(const MatrixProduct& p)
      : a(size(p.products * p.rows_a() * p.pitch_a)),
        b(size(p.products * p.rows_b() * p.pitch_b)),
        bias(size(p.n)),
        c(size(p.products * p.m * p.pitch_c)) {
    fill(a, p.products * p.rows_a(), p.columns_a(), p.pitch_a, 0);
    fill(b, p.products * p.rows_b(), p.columns_b(), p.pitch_b, 1000);
    fill(bias, 1, p.n, p.n, 2000);
  }
  static std::size_t size(std::int64_t count) { return static_cast<std::size_t>(count); }
  /// What lies between rows stays NaN.
  static void fill(Numbers<T>& to, std::int64_t rows, std::int64_t columns, std::int64_t pitch, std::int64_t first) {
    for (std::int64_t r = 0; r < rows; ++r)
      for (std::int64_t s = 0; s < columns; ++s) to[r * pitch + s] = static_cast<T>(drawn(first + r * columns + s));
  }
  Numbers<T> a, b, bias, c;
};

/// Enqueues the kernel on the operands; with the workspace that it asked for.
template <class T> void run(const KernelPlan& plan, const MatrixProduct& p, Operands<T>& on, cudaStream_t stream = {}) {
  ASSERT_NE(plan.kernel, nullptr);
  Numbers<float> workspace(plan.workspace_bytes / sizeof(float));
  std::vector<const void*> inputs{on.a.data(), on.b.data()};
  if (p.add_bias) inputs.push_back(on.bias.data());
  void* output = on.c.data();
  const auto& kernel = static_cast<const CudaKernel&>(*plan.kernel);
  kernel.prepare();
  kernel.enqueue({inputs, {&output, 1}, workspace.data()}, stream);
  EXPECT_TRUE(workspace.bands_hold() && on.a.bands_hold() && on.b.bands_hold() && on.c.bands_hold());
}

template <class T>
double expected(const MatrixProduct& p, Operands<T>& on, std::int64_t matrix, std::int64_t row, std::int64_t column) {
  double sum = 0.0;
  for (std::int64_t k = 0; k < p.k; ++k) {
    const std::int64_t a = p.transpose_a ? k * p.pitch_a + row : row * p.pitch_a + k;
    const std::int64_t b = p.transpose_b ? column * p.pitch_b + k : k * p.pitch_b + column;
    sum += double{on.a[matrix * p.rows_a() * p.pitch_a + a]} * double{on.b[matrix * p.rows_b() * p.pitch_b + b]};
  }
  if (p.add_bias) sum += double{on.bias[column]};
  return p.relu ? std::max(sum, 0.0) : sum;
}

/// Every element is what loops in float64 give; what lies between rows is as it was.
template <class T> void expect_product(const KernelPlan& plan, const MatrixProduct& p) {
  SCOPED_TRACE(::testing::Message() << p.products << " x " << p.m << ", " << p.n << ", " << p.k
                                    << (p.transpose_a ? " a" : "") << (p.transpose_b ? " b" : "") << " pitches "
                                    << p.pitch_a << " " << p.pitch_b << " " << p.pitch_c << (p.add_bias ? " bias" : "")
                                    << (p.relu ? " relu" : ""));
  Operands<T> on(p);
  run(plan, p, on);
  const double tolerance = (sizeof(T) == 4 ? 1e-6 : 1e-14) * (1.0 + std::sqrt(static_cast<double>(p.k)));
  for (std::int64_t matrix = 0; matrix < p.products; ++matrix)
    for (std::int64_t row = 0; row < p.m; ++row)
      for (std::int64_t column = 0; column < p.pitch_c; ++column) {
        const double got = double{on.c[(matrix * p.m + row) * p.pitch_c + column]};
        if (column >= p.n) {
          ASSERT_TRUE(std::isnan(got)) << "behind row " << row;
        } else {
          ASSERT_NEAR(got, expected(p, on, matrix, row, column), tolerance) << "row " << row << ", column " << column;
        }
      }
}

struct Size {
  std::int64_t m, n, k, products = 1;
};
const std::vector<Size> sizes{{1, 1, 1},    {1, 7, 5},    {6, 1, 3},   {2, 3, 1},   {17, 19, 23},
                              {50, 10, 65}, {33, 16, 64}, {5, 4, 129}, {3, 5, 4, 3}};
const std::vector<Size> in_large_tiles{{65, 66, 3, 33}};

/// plan(product) for every combination of size, transposes, and how far rows lie apart.
template <class T, class Plan>
void expect_products(bool add_bias, bool relu, const Plan& plan, const std::vector<Size>& of = sizes) {
  for (const Size& size : of)
    for (const int transposes : {0, 1, 2, 3})
      for (const std::int64_t more : {0, 3, 37}) {
        MatrixProduct p{.dtype = sizeof(T) == 4 ? float32 : float64,
                        .m = size.m,
                        .n = size.n,
                        .k = size.k,
                        .products = size.products,
                        .transpose_a = (transposes & 1) != 0,
                        .transpose_b = (transposes & 2) != 0,
                        .add_bias = add_bias,
                        .relu = relu};
        p.pitch_a = p.columns_a() + more;
        p.pitch_b = p.columns_b() + 2 * more;
        p.pitch_c = p.n + (more > 3 ? 1 : more);
        expect_product<T>(plan(p), p);
        if (::testing::Test::HasFatalFailure()) return;
      }
}

TEST(CublasLtProducts, AreThoseOfLoops) {
  Services services;
  const auto plan = [&](const MatrixProduct& p) { return plan_cublaslt_product(p, services.planning); };
  for (const bool add_bias : {false, true})
    for (const bool relu : {false, true}) expect_products<float>(add_bias, relu, plan);
  expect_products<double>(false, false, plan);
}

TEST(OwnProducts, AreThoseOfLoops) {
  for (const bool add_bias : {false, true})
    for (const bool relu : {false, true}) expect_products<float>(add_bias, relu, plan_own_product);
  expect_products<double>(true, true, plan_own_product);
  expect_products<float>(true, true, plan_own_product, in_large_tiles);
}

MatrixProduct dense(std::int64_t m, std::int64_t n, std::int64_t k, std::int64_t products = 1) {
  return {.m = m, .n = n, .k = k, .products = products, .pitch_a = k, .pitch_b = n, .pitch_c = n};
}

TEST(OwnProducts, HaveTheSameBitsInTilesOfEitherSize) {
  const MatrixProduct many = dense(64, 70, 40, 64), one = dense(64, 70, 40);
  Operands<float> of_many(many), of_one(one);
  run(plan_own_product(many), many, of_many);
  run(plan_own_product(one), one, of_one);
  EXPECT_EQ(std::memcmp(of_many.c.data(), of_one.c.data(), 64 * 70 * sizeof(float)), 0);
}

TEST(OwnProducts, KeepNaN) {
  MatrixProduct p = dense(2, 3, 4);
  p.relu = true;
  Operands<float> on(p);
  on.a[0] = static_cast<float>(nan);
  run(plan_own_product(p), p, on);
  for (std::int64_t column = 0; column < 3; ++column) {
    EXPECT_TRUE(std::isnan(on.c[column]));
    EXPECT_FALSE(std::isnan(on.c[3 + column]));
  }
}

TEST(OwnProducts, OfNothingAreZerosAndOfNoElementsNothing) {
  expect_product<float>(plan_own_product(dense(3, 4, 0)), dense(3, 4, 0));
  MatrixProduct with_bias = dense(3, 4, 0);
  with_bias.add_bias = true;
  expect_product<float>(plan_own_product(with_bias), with_bias);
  for (const MatrixProduct& p : {dense(0, 4, 3), dense(3, 0, 4), dense(3, 4, 5, 0)})
    expect_product<float>(plan_own_product(p), p);
}

TEST(CublasLtProducts, LeaveToOthersWhatIsEmpty) {
  Services services;
  for (const MatrixProduct& p : {dense(3, 4, 0), dense(0, 4, 3), dense(3, 0, 4), dense(3, 4, 5, 0)})
    EXPECT_EQ(plan_cublaslt_product(p, services.planning).kernel, nullptr);
}

TEST(CublasLtProducts, LeaveToOthersWhatIsLeftWithoutTheLibrary) {
  Services services(&none);
  EXPECT_FALSE(services.products.usable());
  EXPECT_EQ(plan_cublaslt_product(dense(100, 100, 100), services.planning).kernel, nullptr);
}

TEST(CublasLtProducts, AreSearchedForOnceAndFreed) {
  const stand_in::CublasLtCounts before = stand_in::cublaslt_counts();
  {
    Services services;
    const KernelPlan first = plan_cublaslt_product(dense(4, 5, 6), services.planning);
    EXPECT_EQ(stand_in::cublaslt_counts().live, before.live);  // planning touches no device
    const KernelPlan second = plan_cublaslt_product(dense(4, 5, 6), services.planning);
    const KernelPlan other = plan_cublaslt_product(dense(4, 5, 7), services.planning);
    for (const KernelPlan* plan : {&first, &first, &second, &other})
      static_cast<const CudaKernel&>(*plan->kernel).prepare();
    EXPECT_EQ(stand_in::cublaslt_counts().searches, before.searches + 2);
    EXPECT_GT(stand_in::cublaslt_counts().live, before.live);
  }
  EXPECT_EQ(stand_in::cublaslt_counts().live, before.live);
}

TEST(CublasLtProducts, AreOurOwnWhereTheLibraryHasNoAlgorithm) {
  Services services;
  const MatrixProduct p = dense(20, 30, 40);
  const int before = stand_in::cublaslt_counts().products;
  stand_in::fail_next_search(CUBLAS_STATUS_NOT_SUPPORTED);
  expect_product<float>(plan_cublaslt_product(p, services.planning), p);
  EXPECT_EQ(stand_in::cublaslt_counts().products, before);
}

TEST(CublasLtProducts, SayWhatTheLibraryRefuses) {
  Services services;
  const KernelPlan plan = plan_cublaslt_product(dense(2, 3, 4), services.planning);
  const auto& kernel = static_cast<const CudaKernel&>(*plan.kernel);
  stand_in::fail_next_search(CUBLAS_STATUS_INVALID_VALUE);
  EXPECT_THROWS(DeviceError, kernel.prepare(), "expected cublasLtMatmulAlgoGetHeuristic to succeed, got ");
  kernel.prepare();  // what failed may be tried again
}

TEST(CublasLtProducts, AreCapturedInTheirOrder) {
  Services services;
  const MatrixProduct p = dense(4, 5, 6);
  Operands<float> on(p);
  const KernelPlan plan = plan_cublaslt_product(p, services.planning);
  Numbers<float> workspace(plan.workspace_bytes / sizeof(float));
  const void* const inputs[] = {on.a.data(), on.b.data()};
  void* output = on.c.data();
  const auto& kernel = static_cast<const CudaKernel&>(*plan.kernel);
  kernel.prepare();
  const OwnedStream stream = make_stream();
  KERATIN_CUDA_CHECK(cudaStreamBeginCapture(stream.get(), cudaStreamCaptureModeThreadLocal));
  kernel.enqueue({inputs, {&output, 1}, workspace.data()}, stream.get());
  cudaGraph_t graph = nullptr;
  KERATIN_CUDA_CHECK(cudaStreamEndCapture(stream.get(), &graph));
  const OwnedGraph owned(graph);
  EXPECT_TRUE(std::isnan(on.c[0]));
  cudaGraphExec_t executable = nullptr;
  KERATIN_CUDA_CHECK(cudaGraphInstantiate(&executable, graph, 0));
  const OwnedGraphExec owned_executable(executable);
  KERATIN_CUDA_CHECK(cudaGraphLaunch(executable, stream.get()));
  KERATIN_CUDA_CHECK(cudaStreamSynchronize(stream.get()));
  EXPECT_NEAR(double{on.c[0]}, expected(p, on, 0, 0, 0), 1e-5);
}

/// The library itself, if it is there, takes our descriptions; a device is not needed for that.
TEST(CublasLtProducts, AreDescribedAsTheLibraryHasIt) {
  try {
    open_cublaslt();
  } catch (const UnsupportedError& error) {
    GTEST_SKIP() << error.what();
  }
  const CublasLt real = load_cublaslt();  // one that is there must have all functions
  for (const bool add_bias : {false, true})
    for (const bool relu : {false, true})
      for (const std::int64_t products : {1, 3}) {
        MatrixProduct p = dense(5, 6, 7, products);
        p.add_bias = add_bias, p.relu = relu;
        EXPECT_NO_THROW(ProductDescription(real, p));
      }
}

}  // namespace
}  // namespace keratin::cuda
