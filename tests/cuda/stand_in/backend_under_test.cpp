// The suite of ops on CUDA's kernels, where the host stands in for the device.
#include "support/backend_under_test.h"

#include "cuda/cuda_backend.h"

namespace keratin::testing {

const Backend& backend_under_test() {
  static const cuda::CudaBackend backend({.index = 0, .name = "stand-in", .multiprocessors = 2});
  return backend;
}

std::shared_ptr<unsigned char[]> memory_under_test(std::size_t bytes) {
  return std::shared_ptr<unsigned char[]>(new unsigned char[bytes]);
}

void run_under_test(const Kernel& kernel, const KernelArguments& arguments) {
  const auto& own = static_cast<const cuda::CudaKernel&>(kernel);
  own.prepare();
  own.enqueue(arguments, nullptr);
}

}  // namespace keratin::testing
