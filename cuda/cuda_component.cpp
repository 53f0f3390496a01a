// The component "cuda": its devices, or why there is none.
#include <map>
#include <memory>
#include <mutex>

#include "base/check.h"
#include "cuda/check.h"
#include "cuda/cuda_backend.h"
#include "runtime/device_component.h"

namespace keratin {
namespace cuda {
namespace {

/// What the kernels were compiled for, at least; set by CMake.
constexpr int lowest_capability = KERATIN_CUDA_LOWEST_CAPABILITY;

/// Why the runtime sees no device; empty if it sees some.
std::string reason_against(cudaError_t status, int count) {
  int driver = 0;
  if (cudaDriverGetVersion(&driver) != cudaSuccess || driver == 0) return "there is no CUDA driver";
  if (status == cudaErrorInsufficientDriver || driver / 1000 < CUDART_VERSION / 1000)
    return concat("expected a driver for CUDA ", CUDART_VERSION / 1000, ", got one for CUDA ", driver / 1000, ".",
                  driver % 1000 / 10, "; install a newer driver");
  if (status == cudaErrorNoDevice || (status == cudaSuccess && count == 0))
    return "there is a CUDA driver, but no device; if CUDA_VISIBLE_DEVICES is set, it may hide it";
  if (status != cudaSuccess) return concat(cudaGetErrorName(status), ": ", cudaGetErrorString(status));
  return {};
}

DeviceProperties properties_of(int device) {
  cudaDeviceProp found = {};
  KERATIN_CUDA_CHECK(cudaGetDeviceProperties(&found, device));
  return {.index = device,
          .name = found.name,
          .compute_capability = 10 * found.major + found.minor,
          .multiprocessors = found.multiProcessorCount,
          .memory_bytes = found.totalGlobalMem};
}

FoundDevices find() try {
  int count = 0;
  const cudaError_t status = cudaGetDeviceCount(&count);
  cudaGetLastError();  // or a later call would report it once more
  FoundDevices found{.devices = {}, .reason = reason_against(status, count)};
  if (!found.reason.empty()) return found;
  for (int device = 0; device < count; ++device) {
    const DeviceProperties properties = properties_of(device);
    if (properties.compute_capability < lowest_capability)
      found.reason = concat("cuda:", device, " (", properties.name, "): expected compute capability ",
                            lowest_capability / 10, ".", lowest_capability % 10, " or more, got ",
                            properties.compute_capability / 10, ".", properties.compute_capability % 10,
                            "; build Keratin with CMAKE_CUDA_ARCHITECTURES=", properties.compute_capability);
    else
      found.devices.push_back({concat("cuda:", device), properties.name, properties.memory_bytes});
  }
  return found;
} catch (const DeviceError& error) {
  return {.devices = {}, .reason = error.what()};
}

/// Never freed: variables and executables hold on to them until the process ends.
const Backend& backend(int device) {
  static std::mutex mutex;
  static auto& backends = *new std::map<int, std::unique_ptr<const CudaBackend>>;
  const std::lock_guard lock(mutex);
  std::unique_ptr<const CudaBackend>& own = backends[device];
  if (!own) own = std::make_unique<const CudaBackend>(properties_of(device));
  return *own;
}

}  // namespace
}  // namespace cuda

const void* cuda_component() {
  static constexpr DeviceComponent component{&cuda::find, &cuda::backend};
  return &component;
}

}  // namespace keratin
