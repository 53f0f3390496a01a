// CUDA's runtime, as far as cuda/ calls it, with the host as its only device: device memory is memory of the process, a
// stream does what it is told at once, a captured stream takes it down.
#include <cuda_runtime_api.h>

#include <array>
#include <cstdlib>
#include <cstring>
#include <mutex>
#include <string>
#include <vector>

#include "stand_in/nvrtc.h"
#include "stand_in/runtime.h"
#include "stand_in/scheduler.h"

namespace keratin::cuda::stand_in {

using Task = std::function<void()>;

struct Stream {
  bool captured = false;
  std::vector<Task> tasks = {};  // taken down
};
struct Graph {
  std::vector<Task> tasks;
};
/// What a cudaKernel_t stands for.
struct HostKernel {
  Entry entry;
};

namespace {

/// Kernels share their static variables and the scheduler.
std::recursive_mutex& running() {
  static std::recursive_mutex mutex;
  return mutex;
}

Stream& stream_of(cudaStream_t stream) {
  static Stream legacy;
  return stream == nullptr ? legacy : *reinterpret_cast<Stream*>(stream);
}

cudaError_t enqueue(cudaStream_t stream, Task task) {
  Stream& own = stream_of(stream);
  if (own.captured) {
    own.tasks.push_back(std::move(task));
  } else {
    const std::lock_guard lock(running());
    task();
  }
  return cudaSuccess;
}

/// A CUDA error that a test wants of the next call by this name.
struct Planned {
  std::string call;
  cudaError_t error = cudaSuccess;
};
Planned& planned() {
  static Planned one;
  return one;
}
std::size_t& free_bytes() {
  static std::size_t bytes = std::size_t{8} << 30;
  return bytes;
}

bool fails(const char* call, cudaError_t& error) {
  if (planned().call != call) return false;
  error = std::exchange(planned(), {}).error;
  return true;
}

}  // namespace

void launch(std::function<void()> body, dim3 grid, dim3 block, cudaStream_t stream) {
  enqueue(stream, [body = std::move(body), grid, block] { scheduler().run_grid(body, grid, block); });
}

void fail_next(const char* call, cudaError_t error) { planned() = {call, error}; }
void set_free_memory(std::size_t bytes) { free_bytes() = bytes; }

}  // namespace keratin::cuda::stand_in

using namespace keratin::cuda::stand_in;

#define KERATIN_MAY_FAIL(call)                                \
  if (cudaError_t error = cudaSuccess; fails(#call, error)) { \
    return error;                                             \
  }                                                           \
  static_assert(true, "to be followed by a semicolon")

extern "C" {

const char* cudaGetErrorName(cudaError_t error) {
  return error == cudaSuccess ? "cudaSuccess" : "cudaErrorOfTheStandIn";
}
const char* cudaGetErrorString(cudaError_t) { return "what the stand-in was told to answer"; }
cudaError_t cudaGetLastError() { return cudaSuccess; }
cudaError_t cudaDriverGetVersion(int* version) {
  KERATIN_MAY_FAIL(cudaDriverGetVersion);
  *version = CUDART_VERSION;
  return cudaSuccess;
}
cudaError_t cudaGetDeviceCount(int* count) {
  KERATIN_MAY_FAIL(cudaGetDeviceCount);
  *count = 1;
  return cudaSuccess;
}
cudaError_t cudaSetDevice(int) { return cudaSuccess; }
cudaError_t cudaGetDeviceProperties(cudaDeviceProp* properties, int) {
  *properties = {};
  std::strcpy(properties->name, "stand-in");
  properties->major = 9;
  properties->minor = 0;
  properties->multiProcessorCount = 2;
  properties->totalGlobalMem = std::size_t{8} << 30;
  return cudaSuccess;
}
cudaError_t cudaMemGetInfo(std::size_t* free, std::size_t* total) {
  *free = free_bytes();
  *total = std::size_t{8} << 30;
  return cudaSuccess;
}

cudaError_t cudaMalloc(void** memory, std::size_t bytes) {
  KERATIN_MAY_FAIL(cudaMalloc);
  if (bytes > free_bytes()) return cudaErrorMemoryAllocation;
  *memory = std::aligned_alloc(256, (bytes + 255) / 256 * 256);
  std::memset(*memory, 0xff, bytes);  // NaN: nobody may count on zeros
  return cudaSuccess;
}
cudaError_t cudaFree(void* memory) {
  std::free(memory);
  return cudaSuccess;
}
cudaError_t cudaMallocHost(void** memory, std::size_t bytes) {
  KERATIN_MAY_FAIL(cudaMallocHost);
  return cudaMalloc(memory, bytes);
}
cudaError_t cudaFreeHost(void* memory) { return cudaFree(memory); }
cudaError_t cudaMemcpyAsync(void* to, const void* from, std::size_t bytes, cudaMemcpyKind, cudaStream_t stream) {
  return enqueue(stream, [=] { std::memcpy(to, from, bytes); });
}
cudaError_t cudaMemcpy2DAsync(void* to, std::size_t to_pitch, const void* from, std::size_t from_pitch,
                              std::size_t width, std::size_t height, cudaMemcpyKind, cudaStream_t stream) {
  return enqueue(stream, [=] {
    for (std::size_t r = 0; r < height; ++r)
      std::memcpy(static_cast<std::byte*>(to) + r * to_pitch, static_cast<const std::byte*>(from) + r * from_pitch,
                  width);
  });
}
cudaError_t cudaMemsetAsync(void* to, int value, std::size_t bytes, cudaStream_t stream) {
  return enqueue(stream, [=] { std::memset(to, value, bytes); });
}

cudaError_t cudaStreamCreateWithFlags(cudaStream_t* stream, unsigned) {
  *stream = reinterpret_cast<cudaStream_t>(new Stream);
  return cudaSuccess;
}
cudaError_t cudaStreamDestroy(cudaStream_t stream) {
  delete reinterpret_cast<Stream*>(stream);
  return cudaSuccess;
}
cudaError_t cudaStreamSynchronize(cudaStream_t stream) {
  KERATIN_MAY_FAIL(cudaStreamSynchronize);
  return stream_of(stream).captured ? cudaErrorStreamCaptureUnsupported : cudaSuccess;
}
cudaError_t cudaStreamBeginCapture(cudaStream_t stream, cudaStreamCaptureMode) {
  stream_of(stream).captured = true;
  return cudaSuccess;
}
cudaError_t cudaStreamEndCapture(cudaStream_t stream, cudaGraph_t* graph) {
  Stream& own = stream_of(stream);
  own.captured = false;
  *graph = reinterpret_cast<cudaGraph_t>(new Graph{std::move(own.tasks)});
  own.tasks.clear();
  return cudaSuccess;
}
cudaError_t cudaGraphInstantiate(cudaGraphExec_t* executable, cudaGraph_t graph, unsigned long long) {
  *executable = reinterpret_cast<cudaGraphExec_t>(new Graph(*reinterpret_cast<Graph*>(graph)));
  return cudaSuccess;
}
cudaError_t cudaGraphLaunch(cudaGraphExec_t executable, cudaStream_t stream) {
  KERATIN_MAY_FAIL(cudaGraphLaunch);
  const Graph* const graph = reinterpret_cast<Graph*>(executable);
  return enqueue(stream, [graph] {
    for (const Task& task : graph->tasks) task();
  });
}
cudaError_t cudaGraphDestroy(cudaGraph_t graph) {
  delete reinterpret_cast<Graph*>(graph);
  return cudaSuccess;
}
cudaError_t cudaGraphExecDestroy(cudaGraphExec_t executable) {
  delete reinterpret_cast<Graph*>(executable);
  return cudaSuccess;
}

cudaError_t cudaEventCreateWithFlags(cudaEvent_t* event, unsigned) {
  *event = reinterpret_cast<cudaEvent_t>(new int(0));
  return cudaSuccess;
}
cudaError_t cudaEventDestroy(cudaEvent_t event) {
  delete reinterpret_cast<int*>(event);
  return cudaSuccess;
}
cudaError_t cudaEventRecord(cudaEvent_t, cudaStream_t) { return cudaSuccess; }
cudaError_t cudaEventSynchronize(cudaEvent_t) { return cudaSuccess; }

cudaError_t cudaLibraryLoadData(cudaLibrary_t* library, const void* code, cudaJitOption*, void**, unsigned,
                                cudaLibraryOption*, void**, unsigned) {
  *library = static_cast<cudaLibrary_t>(open_code(code));
  return *library != nullptr ? cudaSuccess : cudaErrorInvalidKernelImage;
}
cudaError_t cudaLibraryUnload(cudaLibrary_t) { return cudaSuccess; }
cudaError_t cudaLibraryGetKernel(cudaKernel_t* kernel, cudaLibrary_t library, const char* name) {
  const Entry entry = entry_of(library, name);
  if (entry == nullptr) return cudaErrorSymbolNotFound;
  *kernel = reinterpret_cast<cudaKernel_t>(new HostKernel{entry});  // as long as the process lives
  return cudaSuccess;
}
cudaError_t cudaFuncGetAttributes(cudaFuncAttributes* attributes, const void*) {
  *attributes = {};
  return cudaSuccess;
}
/// Only of what cudaLibraryGetKernel gave: all others are launched by device_code.h. The addresses end with a null, as
/// CUDA does not ask for, and each is of at most 8 bytes.
cudaError_t cudaLaunchKernel(const void* kernel, dim3 grid, dim3 block, void** arguments, std::size_t,
                             cudaStream_t stream) {
  std::vector<std::uint64_t> values;
  for (void** argument = arguments; *argument != nullptr; ++argument) {
    values.push_back(0);
    std::memcpy(&values.back(), *argument, sizeof values.back());
  }
  launch(
      [entry = reinterpret_cast<const HostKernel*>(kernel)->entry, values = std::move(values)]() mutable {
        std::array<void*, 64> addresses;
        for (std::size_t i = 0; i < values.size(); ++i) addresses.at(i) = &values[i];
        entry(addresses.data(), place);
      },
      grid, block, stream);
  return cudaSuccess;
}

}  // extern "C"
