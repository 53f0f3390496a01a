// The CPU as a backend.
#pragma once

#include "runtime/backend.h"

namespace KERATIN_INTERNAL_EXPORT keratin {
namespace cpu {

class CpuBackend : public Backend {
 public:
  /// ValueError or UnsupportedError if KERATIN_INSTRUCTION_SET names no set, or one that is not there.
  CpuBackend();
  DeviceInfo info() const override;
  bool has_kernel(std::string_view op_name, DType dtype) const override;
  bool reads_transposed_factors() const override { return false; }
  KernelPlan plan(const KernelRequest& request) const override;
  std::shared_ptr<Buffer> allocate(std::size_t bytes) const override;
  void upload(const Buffer& to, std::size_t offset, const void* from, std::size_t bytes) const override;
  void download(void* to, const Buffer& from, std::size_t offset, std::size_t bytes) const override;
  std::unique_ptr<Executable> load(Program program, Workshop& workshop) const override;
};

}  // namespace cpu
}  // namespace keratin
