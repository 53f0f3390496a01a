// Memory of a device, and pinned memory of the host that the device copies from.
#pragma once

#include <cuda_runtime_api.h>

#include <cstddef>
#include <memory>
#include <span>
#include <string_view>

#include "keratin/error.h"
#include "runtime/buffer.h"

namespace keratin::cuda {

/// There is not so much memory.
class OutOfMemory : public DeviceError {
  using DeviceError::DeviceError;
};

/// Zeroed, in the stream's order, so that what a kernel reads of padding is defined. Throws OutOfMemory, which names
/// the bytes asked for and those free. `device` is "cuda:0".
std::shared_ptr<Buffer> allocate_on_device(std::size_t bytes, std::string_view device, cudaStream_t stream);

/// Page-locked: what an asynchronous copy reads.
class PinnedMemory {
 public:
  explicit PinnedMemory(std::size_t bytes);
  std::span<std::byte> bytes() const { return {memory_.get(), bytes_}; }

 private:
  struct Free {
    void operator()(std::byte* memory) const noexcept;
  };
  std::size_t bytes_;
  std::unique_ptr<std::byte[], Free> memory_;
};

}  // namespace keratin::cuda
