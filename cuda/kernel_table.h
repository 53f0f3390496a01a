// CUDA's kernels: an explicit table, implementations of an op in order of preference.
#pragma once

#include <cuda_runtime_api.h>

#include <string_view>
#include <utility>
#include <vector>

#include "compiler/kernel_planner.h"
#include "cuda/device.h"

namespace keratin::cuda {

/// A kernel that a stream takes up. Immutable: enqueue() allocates nothing, may be called while the stream is being
/// captured, and only once for a launch: a launch's part is all of it.
class CudaKernel : public Kernel {
 public:
  virtual void enqueue(const KernelArguments& arguments, cudaStream_t stream) const = 0;
  /// What needs a device and may allocate: called once the program is loaded, before the first enqueue().
  virtual void prepare() const {}
  /// Not of use here: throws InternalError.
  void run(const KernelArguments& arguments) const final;
};

class ProgramCompiler;  // elementwise/program_compiler.h
class Products;         // cublaslt/products.h

/// What kernels are planned with. Services are there even without a device; what they lack they say when asked.
struct Planning {
  const DeviceProperties& device;
  ProgramCompiler& programs;
  Products& products;
};

/// Returns a plan without kernel if it cannot run the request.
using KernelFactory = KernelPlan (*)(const KernelRequest& request, const Planning& planning);

struct KernelRow {
  std::string_view op;
  std::vector<KernelFactory> implementations;
  bool takes_pitches = false;   // rows may lie apart
  bool of_16_bits_too = false;  // else an op on float16 or bfloat16 runs in float32, between casts
};
const std::vector<KernelRow>& kernel_table();

/// A kernel from a callable of KernelArguments and a stream.
template <class Enqueue> KernelPlan make_kernel(Enqueue enqueue, std::size_t workspace_bytes = 0) {
  class FromCallable final : public CudaKernel {
   public:
    explicit FromCallable(Enqueue callable) : enqueue_(std::move(callable)) {}
    void enqueue(const KernelArguments& arguments, cudaStream_t stream) const override { enqueue_(arguments, stream); }

   private:
    Enqueue enqueue_;
  };
  return {std::make_unique<FromCallable>(std::move(enqueue)), workspace_bytes, {}};
}

}  // namespace keratin::cuda
