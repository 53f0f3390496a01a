// A CUDA device as a backend.
#pragma once

#include <memory>
#include <string>

#include "cuda/device.h"
#include "cuda/handles.h"
#include "cuda/kernel_table.h"
#include "runtime/backend.h"

namespace keratin::cuda {

/// What a model needs of a device lies on one stream, in the order in which it was asked for. Several threads may use
/// one backend; what they enqueue is done one after another.
class CudaBackend : public Backend {
 public:
  /// For planning alone if there is no such device: whatever touches one then throws DeviceError.
  explicit CudaBackend(DeviceProperties device);
  ~CudaBackend() override;
  DeviceInfo info() const override;
  bool has_kernel(std::string_view op_name, DType dtype) const override;
  bool runs_on_threads() const override { return false; }
  KernelPlan plan(const KernelRequest& request) const override;
  std::shared_ptr<Buffer> allocate(std::size_t bytes) const override;
  void upload(const Buffer& to, std::size_t offset, const void* from, std::size_t bytes) const override;
  void download(void* to, const Buffer& from, std::size_t offset, std::size_t bytes) const override;
  std::unique_ptr<Executable> load(Program program, Workshop& workshop) const override;

  /// Makes the device the calling thread's; the stream is made by the first call.
  cudaStream_t stream() const;

 private:
  std::shared_ptr<Buffer> allocate_arena(const Program& program) const;
  struct Services;  // what is made when it is first needed, each behind a lock of its own
  DeviceProperties device_;
  std::string name_;  // "cuda:0"
  std::unique_ptr<Services> services_;
};

}  // namespace keratin::cuda
