// The suite of ops on CUDA's kernels and a real device.
#include "support/backend_under_test.h"

#include <cuda_runtime_api.h>

#include <cstddef>
#include <new>
#include <vector>

#include "api/backends.h"
#include "base/check.h"
#include "cuda/check.h"
#include "cuda/kernel_table.h"

namespace keratin::testing {
namespace {

/// A piece of the host's memory and its like on the device. What the suite takes lies in the host's and is copied over,
/// guards and all, before a kernel and back after it: so kernels see the device's own memory, at the same offsets.
class Mirror {
 public:
  Mirror() : host_(static_cast<unsigned char*>(::operator new(size, alignment))) {
    void* memory = nullptr;
    KERATIN_CUDA_CHECK(cudaMalloc(&memory, size));
    device_ = static_cast<unsigned char*>(memory);
  }
  /// Once all that was taken is given back, it begins anew.
  std::shared_ptr<unsigned char[]> take(std::size_t bytes) {
    check_argument(bytes <= size - used_, "memory_under_test: expected at most ", size - used_, " bytes, got ", bytes,
                   "; let tests/cuda/device have more");
    unsigned char* const place = host_ + used_;
    used_ += (bytes + 255) / 256 * 256;
    ++taken_;
    return {place, [this](unsigned char*) {
              if (--taken_ == 0) used_ = 0;
            }};
  }
  void copy_to_device() const { KERATIN_CUDA_CHECK(cudaMemcpy(device_, host_, used_, cudaMemcpyHostToDevice)); }
  void copy_from_device() const { KERATIN_CUDA_CHECK(cudaMemcpy(host_, device_, used_, cudaMemcpyDeviceToHost)); }
  unsigned char* on_device(const void* place) const {
    const auto at = static_cast<const unsigned char*>(place) - host_;
    KERATIN_ASSERT(at >= 0 && static_cast<std::size_t>(at) <= used_);
    return device_ + at;
  }

 private:
  static constexpr std::size_t size = std::size_t{1} << 28;
  static constexpr std::align_val_t alignment{256};  // of cudaMalloc's, too
  unsigned char* host_;                              // both for as long as the process lives
  unsigned char* device_ = nullptr;
  std::size_t used_ = 0, taken_ = 0;
};

Mirror& mirror() {
  static Mirror& only = *new Mirror;
  return only;
}

}  // namespace

const Backend& backend_under_test() {
  static const Backend& backend = backend_for("cuda");
  return backend;
}

std::shared_ptr<unsigned char[]> memory_under_test(std::size_t bytes) { return mirror().take(bytes); }

void run_under_test(const Kernel& kernel, const KernelArguments& arguments) {
  const auto& own = static_cast<const cuda::CudaKernel&>(kernel);
  std::vector<const void*> inputs;
  std::vector<void*> outputs;
  for (const void* const input : arguments.inputs) inputs.push_back(mirror().on_device(input));
  for (void* const output : arguments.outputs) outputs.push_back(mirror().on_device(output));
  void* const workspace = mirror().on_device(arguments.workspace);
  own.prepare();
  mirror().copy_to_device();
  own.enqueue({inputs, outputs, workspace, arguments.part}, nullptr);
  KERATIN_CUDA_CHECK(cudaGetLastError());
  KERATIN_CUDA_CHECK(cudaDeviceSynchronize());
  mirror().copy_from_device();
}

}  // namespace keratin::testing
