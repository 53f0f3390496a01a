#include "cuda/memory.h"

#include <algorithm>

#include "base/check.h"
#include "compiler/plan_memory.h"
#include "cuda/check.h"

namespace keratin::cuda {
namespace {

class DeviceBuffer final : public Buffer {
 public:
  DeviceBuffer(std::size_t bytes, std::string_view device) : bytes_(aligned_bytes(std::max<std::size_t>(bytes, 1))) {
    const cudaError_t status = cudaMalloc(&memory_, bytes_);
    if (status != cudaErrorMemoryAllocation) {
      check(status, "cudaMalloc");
    } else {
      cudaGetLastError();  // or the next call would report it once more
      std::size_t free = 0, total = 0;
      KERATIN_CUDA_CHECK(cudaMemGetInfo(&free, &total));
      throw OutOfMemory(concat(device, ": expected ", bytes_, " bytes of device memory, got ", free, " free of ", total,
                               "; use a smaller batch or model, or end what else uses the device"));
    }
  }
  ~DeviceBuffer() override { cudaFree(memory_); }
  void* address() const override { return memory_; }
  std::size_t bytes() const override { return bytes_; }

 private:
  std::size_t bytes_;
  void* memory_ = nullptr;
};

}  // namespace

std::shared_ptr<Buffer> allocate_on_device(std::size_t bytes, std::string_view device, cudaStream_t stream) {
  auto buffer = std::make_shared<DeviceBuffer>(bytes, device);
  KERATIN_CUDA_CHECK(cudaMemsetAsync(buffer->address(), 0, buffer->bytes(), stream));
  return buffer;
}

void PinnedMemory::Free::operator()(std::byte* memory) const noexcept { cudaFreeHost(memory); }

PinnedMemory::PinnedMemory(std::size_t bytes) : bytes_(bytes) {
  void* memory = nullptr;
  KERATIN_CUDA_CHECK(cudaMallocHost(&memory, std::max<std::size_t>(bytes, 1)));
  memory_.reset(static_cast<std::byte*>(memory));
}

}  // namespace keratin::cuda
