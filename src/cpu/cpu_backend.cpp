#include "cpu/cpu_backend.h"

#include <algorithm>
#include <cstdlib>
#include <cstring>

#include "base/check.h"
#include "compiler/plan_memory.h"
#include "cpu/cpu_executable.h"
#include "cpu/kernel_table.h"
#include "runtime/variables.h"
#include "simd/instruction_set.h"

namespace keratin {
namespace cpu {
namespace {

/// Zeroed memory of the process, so that a kernel's padding reads are defined.
class HostBuffer final : public Buffer {
 public:
  explicit HostBuffer(std::size_t bytes) : bytes_(aligned_bytes(std::max<std::size_t>(bytes, 1))) {
    memory_ = std::aligned_alloc(arena_alignment, bytes_);
    if (memory_ == nullptr)
      throw DeviceError(concat("cpu: expected ", bytes_, " bytes of memory, got none; use a smaller batch or model"));
    std::memset(memory_, 0, bytes_);
  }
  ~HostBuffer() override { std::free(memory_); }
  void* address() const override { return memory_; }
  std::size_t bytes() const override { return bytes_; }

 private:
  std::size_t bytes_;
  void* memory_ = nullptr;
};

const KernelRow* find(std::string_view op) {
  for (const KernelRow& row : kernel_table())
    if (row.op == op) return &row;
  return nullptr;
}

}  // namespace

CpuBackend::CpuBackend() { chosen_instruction_set(); }

DeviceInfo CpuBackend::info() const { return {"cpu", "this process's CPU"}; }

bool CpuBackend::has_kernel(std::string_view op_name, DType dtype) const {
  const KernelRow* const row = find(op_name);
  if (row == nullptr) return false;
  if (row->numbers == Numbers::float32_alone) return dtype == float32;
  return row->numbers == Numbers::all || !is_16_bit_float(dtype);
}

KernelPlan CpuBackend::plan(const KernelRequest& request) const {
  const KernelRow* const row = find(request.op.name());
  if (row != nullptr && !request.pitches.empty() && !row->takes_pitches) return {};
  if (row != nullptr)
    for (const KernelFactory factory : row->implementations)
      if (KernelPlan plan = factory(request); plan.kernel) return plan;
  if (!request.pitches.empty()) return {};  // perhaps only they are in the way: the compiler asks again for dense rows
  throw UnsupportedError(concat(request.op.name(), ": the CPU backend has no kernel for ", join(request.inputs, ", "),
                                " -> ", join(request.outputs, ", "), "; use another dtype"));
}

std::shared_ptr<Buffer> CpuBackend::allocate(std::size_t bytes) const { return std::make_shared<HostBuffer>(bytes); }

void CpuBackend::upload(const Buffer& to, std::size_t offset, const void* from, std::size_t bytes) const {
  if (bytes > 0) std::memcpy(static_cast<std::byte*>(to.address()) + offset, from, bytes);
}

void CpuBackend::download(void* to, const Buffer& from, std::size_t offset, std::size_t bytes) const {
  if (bytes > 0) std::memcpy(to, static_cast<const std::byte*>(from.address()) + offset, bytes);
}

std::unique_ptr<Executable> CpuBackend::load(Program program, Workshop& workshop) const {
  place_variables(program.variables, *this);
  if (workshop.arena == nullptr || workshop.arena->bytes() < program.arena_bytes)
    workshop.arena = allocate(program.arena_bytes);
  return std::make_unique<CpuExecutable>(std::move(program), workshop.arena, workshop.team);
}

}  // namespace cpu
}  // namespace keratin
