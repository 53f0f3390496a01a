// The CPU's kernels: an explicit table, implementations of an op in order of preference.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "compiler/kernel_planner.h"

namespace KERATIN_INTERNAL_EXPORT keratin {
namespace cpu {

/// Returns a plan without kernel if it cannot run the request.
using KernelFactory = KernelPlan (*)(const KernelRequest& request);

/// What an op's kernels take. The compiler computes with 16-bit numbers in float32 where they are not taken, and what
/// is for float32 alone by its expansion.
enum class Numbers : std::uint8_t { all, but_16_bits, float32_alone };

struct KernelRow {
  std::string_view op;
  std::vector<KernelFactory> implementations;
  bool takes_pitches = false;  // rows may lie apart
  Numbers numbers = Numbers::but_16_bits;
};
const std::vector<KernelRow>& kernel_table();

/// A kernel from a callable of KernelArguments.
template <class Run> KernelPlan make_kernel(Run run, std::size_t workspace_bytes = 0, Division division = {}) {
  class FromCallable final : public Kernel {
   public:
    explicit FromCallable(Run callable) : run_(std::move(callable)) {}
    void run(const KernelArguments& arguments) const override { run_(arguments); }

   private:
    Run run_;
  };
  return {std::make_unique<FromCallable>(std::move(run)), workspace_bytes, std::move(division)};
}

}  // namespace cpu
}  // namespace keratin
