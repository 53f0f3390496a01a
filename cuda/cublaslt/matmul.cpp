// MatMul by cuBLASLt. What it declines at planning, or has no algorithm for on the device, our own kernel computes.
#include "ops/matmul.h"

#include <limits>
#include <mutex>

#include "base/check.h"
#include "cuda/cublaslt/products.h"
#include "cuda/kernels/kernels.h"

namespace keratin::cuda {
namespace {

class CublasLtKernel final : public CudaKernel {
 public:
  CublasLtKernel(const MatrixProduct& product, Products& products, std::size_t workspace_bytes)
      : product_(product),
        products_(products),
        workspace_bytes_(workspace_bytes),
        own_(plan_own_product(product).kernel) {}

  void prepare() const override {
    std::call_once(once_, [this] {
      multiplication_ = products_.multiplication(product_, workspace_bytes_);
      prepared_ = true;
    });
  }

  void enqueue(const KernelArguments& arguments, cudaStream_t stream) const override {
    KERATIN_ASSERT(prepared_);
    if (multiplication_ != nullptr) return multiplication_->enqueue(arguments, stream);
    static_cast<const CudaKernel&>(*own_).enqueue(arguments, stream);
  }

 private:
  MatrixProduct product_;
  Products& products_;
  std::size_t workspace_bytes_;
  std::unique_ptr<const Kernel> own_;
  mutable std::once_flag once_ = {};
  mutable std::unique_ptr<const Multiplication> multiplication_ = {};  // null: cuBLASLt has no algorithm
  mutable bool prepared_ = false;
};

}  // namespace

KernelPlan plan_cublaslt_product(const MatrixProduct& product, const Planning& planning) {
  if (product.dtype != float32 && product.dtype != float64) return {};
  if (product.empty() || product.k == 0) return {};
  if (product.products > std::numeric_limits<std::int32_t>::max()) return {};
  if (!planning.products.usable()) return {};
  const std::size_t workspace_bytes = product_workspace_bytes(product, planning.device.compute_capability);
  return {std::make_unique<CublasLtKernel>(product, planning.products, workspace_bytes), workspace_bytes, {}};
}

KernelPlan plan_matmul(const KernelRequest& request, const Planning& planning) {
  const MatrixProduct product = product_of(static_cast<const MatMul&>(request.op), request);
  return product.is_small() ? KernelPlan{} : plan_cublaslt_product(product, planning);
}

}  // namespace keratin::cuda
