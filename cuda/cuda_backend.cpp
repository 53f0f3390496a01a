#include "cuda/cuda_backend.h"

#include <algorithm>
#include <mutex>

#include "base/check.h"
#include "base/environment.h"
#include "cuda/check.h"
#include "cuda/cublaslt/products.h"
#include "cuda/cuda_executable.h"
#include "cuda/elementwise/program_compiler.h"
#include "cuda/memory.h"
#include "runtime/variables.h"

namespace keratin::cuda {
namespace {

const KernelRow* find(std::string_view op) {
  for (const KernelRow& row : kernel_table())
    if (row.op == op) return &row;
  return nullptr;
}

}  // namespace

struct CudaBackend::Services {
  explicit Services(const DeviceProperties& device)
      : programs(device, CodeCache(cache_folder(read_switches().kernel_cache))), products() {}
  ProgramCompiler programs;
  Products products;
  std::once_flag once = {};
  OwnedStream stream = {};
};

CudaBackend::CudaBackend(DeviceProperties device)
    : device_(std::move(device)),
      name_(concat("cuda:", device_.index)),
      services_(std::make_unique<Services>(device_)) {}

CudaBackend::~CudaBackend() = default;

DeviceInfo CudaBackend::info() const { return {name_, device_.name, device_.memory_bytes}; }

bool CudaBackend::has_kernel(std::string_view op_name, DType dtype) const {
  const KernelRow* const row = find(op_name);
  const bool narrow = dtype == float16 || dtype == bfloat16;
  return row != nullptr && (!narrow || row->of_16_bits_too);
}

KernelPlan CudaBackend::plan(const KernelRequest& request) const {
  const KernelRow* const row = find(request.op.name());
  if (row != nullptr && !request.pitches.empty() && !row->takes_pitches) return {};
  if (row != nullptr)
    for (const KernelFactory factory : row->implementations)
      if (KernelPlan plan = factory(request, {device_, services_->programs, services_->products}); plan.kernel)
        return plan;
  if (!request.pitches.empty()) return {};  // perhaps only they are in the way: the compiler asks again for dense rows
  throw UnsupportedError(concat(request.op.name(), ": the CUDA backend has no kernel for ", join(request.inputs, ", "),
                                " -> ", join(request.outputs, ", "), "; use another dtype, or device \"cpu\""));
}

cudaStream_t CudaBackend::stream() const {
  KERATIN_CUDA_CHECK(cudaSetDevice(device_.index));
  std::call_once(services_->once, [this] { services_->stream = make_stream(); });
  return services_->stream.get();
}

std::shared_ptr<Buffer> CudaBackend::allocate(std::size_t bytes) const {
  const cudaStream_t own = stream();
  return allocate_on_device(bytes, name_, own);
}

void CudaBackend::upload(const Buffer& to, std::size_t offset, const void* from, std::size_t bytes) const {
  if (bytes == 0) return;
  const cudaStream_t own = stream();
  std::byte* const place = static_cast<std::byte*>(to.address()) + offset;
  KERATIN_CUDA_CHECK(cudaMemcpyAsync(place, from, bytes, cudaMemcpyHostToDevice, own));
  KERATIN_CUDA_CHECK(cudaStreamSynchronize(own));  // the caller may free what it gave
}

void CudaBackend::download(void* to, const Buffer& from, std::size_t offset, std::size_t bytes) const {
  if (bytes == 0) return;
  const cudaStream_t own = stream();
  const std::byte* const place = static_cast<const std::byte*>(from.address()) + offset;
  KERATIN_CUDA_CHECK(cudaMemcpyAsync(to, place, bytes, cudaMemcpyDeviceToHost, own));
  KERATIN_CUDA_CHECK(cudaStreamSynchronize(own));
}

std::shared_ptr<Buffer> CudaBackend::allocate_arena(const Program& program) const try {
  return allocate(program.arena_bytes);
} catch (const OutOfMemory& error) {
  std::size_t free = 0, total = 0;
  KERATIN_CUDA_CHECK(cudaMemGetInfo(&free, &total));
  // What a step uses beside the variables grows with the batch, nearly all of it; what is free may lie in pieces.
  const double part = std::min(0.9, static_cast<double>(free) / static_cast<double>(program.arena_bytes));
  throw DeviceError(concat(error.what(), "; a batch of about ",
                           static_cast<std::int64_t>(part * static_cast<double>(program.batch)), " instead of ",
                           program.batch, " would fit"));
}

std::unique_ptr<Executable> CudaBackend::load(Program program, Workshop& workshop) const {
  place_variables(program.variables, *this);
  if (workshop.arena == nullptr || workshop.arena->bytes() < program.arena_bytes)
    workshop.arena = allocate_arena(program);
  return std::make_unique<CudaExecutable>(std::move(program), workshop.arena, *this);
}

}  // namespace keratin::cuda
