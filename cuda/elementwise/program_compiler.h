// Generated kernels on their way to a device: compiled once, kept in memory and on disk.
#pragma once

#include <cuda_runtime_api.h>

#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>

#include "cuda/device.h"
#include "cuda/elementwise/cache.h"
#include "cuda/elementwise/codegen.h"
#include "cuda/elementwise/nvrtc.h"

namespace keratin::cuda {

/// How texts become code for one kind of device.
struct Toolchain {
  const Nvrtc& nvrtc;
  std::string version;  // NVRTC's
  Target target;
  CodeCache cache;

  /// From the cache, or compiled and kept there. Needs no device. Throws DeviceError with the compiler's messages.
  std::vector<std::byte> code_of(const std::string& text) const;
};

/// A kernel of one text, shared by all launches of it.
class TextKernel {
 public:
  TextKernel(std::shared_ptr<const Toolchain> tools, std::string text, std::string name)
      : tools_(std::move(tools)), text_(std::move(text)), name_(std::move(name)) {}
  ~TextKernel();
  TextKernel(const TextKernel&) = delete;
  TextKernel& operator=(const TextKernel&) = delete;

  /// Compiles and loads it, once. Needs the device; not while a stream is being captured. Any thread may call it.
  void load() const;
  /// What cudaLaunchKernel launches; after load().
  const void* function() const { return reinterpret_cast<const void*>(kernel_); }

 private:
  const std::shared_ptr<const Toolchain> tools_;
  const std::string text_, name_;
  mutable std::once_flag once_ = {};
  mutable cudaLibrary_t library_ = nullptr;
  mutable cudaKernel_t kernel_ = nullptr;
};

/// Gives every text its one kernel. Several threads may ask.
class ProgramCompiler {
 public:
  /// For the device, which need not be there yet. `nvrtc` is called when a kernel is first asked for.
  explicit ProgramCompiler(const DeviceProperties& device, CodeCache cache, const Nvrtc& (*nvrtc)() = &cuda::nvrtc)
      : compute_capability_(device.compute_capability), cache_(std::move(cache)), nvrtc_(nvrtc) {}

  /// null if nothing can be compiled here: there is no NVRTC, or none that knows the device.
  std::shared_ptr<const TextKernel> kernel(const GeneratedKernel& generated);

 private:
  std::shared_ptr<const Toolchain> find_tools() const;

  const int compute_capability_;
  const CodeCache cache_;
  const Nvrtc& (*const nvrtc_)();
  std::mutex mutex_ = {};
  bool looked_ = false;                          // below: guarded by mutex_
  std::shared_ptr<const Toolchain> tools_ = {};  // null: looked for, and there are none
  std::unordered_map<std::string, std::shared_ptr<const TextKernel>> kernels_ = {};  // by text
};

}  // namespace keratin::cuda
