// MatMul by Eigen's blocked product. Called below its public surface, for there it allocates its packing buffers in
// every call.
#include "ops/matmul.h"

#include <Eigen/Core>
#include <algorithm>

#include "compiler/plan_memory.h"
#include "cpu/kernels/kernels.h"

namespace keratin::cpu {
namespace {

/// Row-major c = a · b is column-major cᵀ = bᵀ · aᵀ, which is what Eigen computes: `left` is bᵀ (n, k), `right` is aᵀ
/// (k, m).
template <class T> class MatMulKernel final : public Kernel {
 public:
  MatMulKernel(const MatMul& op, const KernelRequest& request)
      : transpose_a_(op.transpose_a()), transpose_b_(op.transpose_b()) {
    const Shape& a = request.inputs[0].shape;
    const Shape& c = request.outputs[0].shape;
    m_ = c[-2];
    n_ = c[-1];
    k_ = a[transpose_a_ ? -2 : -1];
    products_ = c.until(-2).size();
    depth_ = k_, rows_ = n_, columns_ = m_;
    if (m_ * n_ * k_ != 0) Eigen::internal::computeProductBlockingSizes<T, T>(depth_, rows_, columns_);  // divides
  }

  std::size_t workspace_bytes() const { return left_bytes() + right_bytes(); }

  void run(const KernelArguments& arguments) const override {
    const T* a = arguments.input<T>(0);
    const T* b = arguments.input<T>(1);
    T* c = arguments.output<T>(0);
    auto* const workspace = static_cast<std::byte*>(arguments.workspace);
    Blocking blocking(depth_, rows_, columns_, reinterpret_cast<T*>(workspace),
                      reinterpret_cast<T*>(workspace + left_bytes()));
    const auto multiply = transpose_a_ ? (transpose_b_ ? product<true, true> : product<true, false>)
                                       : (transpose_b_ ? product<false, true> : product<false, false>);
    for (std::int64_t i = 0; i < products_; ++i, a += m_ * k_, b += k_ * n_, c += m_ * n_) {
      std::fill_n(c, m_ * n_, T(0));
      if (m_ * n_ * k_ != 0) multiply(*this, a, b, c, blocking);
    }
  }

 private:
  struct Blocking : Eigen::internal::level3_blocking<T, T> {
    Blocking(Eigen::Index depth, Eigen::Index rows, Eigen::Index columns, T* left, T* right) {
      this->m_kc = depth;
      this->m_mc = rows;
      this->m_nc = columns;
      this->m_blockA = left;
      this->m_blockB = right;
    }
  };

  std::size_t left_bytes() const { return aligned_bytes(static_cast<std::size_t>(depth_ * rows_) * sizeof(T)); }
  std::size_t right_bytes() const { return aligned_bytes(static_cast<std::size_t>(depth_ * columns_) * sizeof(T)); }

  template <bool transpose_a, bool transpose_b>
  static void product(const MatMulKernel& self, const T* a, const T* b, T* c, Blocking& blocking) {
    constexpr int left_order = transpose_b ? Eigen::RowMajor : Eigen::ColMajor;
    constexpr int right_order = transpose_a ? Eigen::RowMajor : Eigen::ColMajor;
    using Product = Eigen::internal::general_matrix_matrix_product<Eigen::Index, T, left_order, false, T, right_order,
                                                                   false, Eigen::ColMajor, 1>;
    Product::run(self.n_, self.m_, self.k_, b, transpose_b ? self.k_ : self.n_, a, transpose_a ? self.m_ : self.k_, c,
                 1, self.n_, T(1), blocking, nullptr);
  }

  bool transpose_a_, transpose_b_;
  std::int64_t m_, n_, k_;
  std::int64_t products_;                // leading axes, all in one
  Eigen::Index depth_, rows_, columns_;  // of the blocks that are packed
};

}  // namespace

KernelPlan plan_matmul_eigen(const KernelRequest& request) {
  if (!request.pitches.empty()) return {};
  return with_floating(request.inputs[0].dtype, [&](auto tag) -> KernelPlan {
    auto kernel = std::make_unique<MatMulKernel<decltype(tag)>>(static_cast<const MatMul&>(request.op), request);
    const std::size_t workspace_bytes = kernel->workspace_bytes();
    return {std::move(kernel), workspace_bytes};
  });
}

}  // namespace keratin::cpu
