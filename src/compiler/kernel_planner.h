// What the compiler asks of a backend: kernels, planned once and run often.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string_view>

#include "graph/op.h"

namespace KERATIN_INTERNAL_EXPORT keratin {

/// One launch to be planned. Shapes are bound: no extent is negative.
struct KernelRequest {
  const Op& op;
  std::span<const Spec> inputs;
  std::span<const Spec> outputs;
};

/// Addresses on the device, dense and row-major, aligned to 64 bytes; they may differ between runs.
struct KernelArguments {
  std::span<const void* const> inputs;
  std::span<void* const> outputs;
  void* workspace = nullptr;
};

/// How a backend runs one launch. Immutable once planned: run() allocates nothing and may be called for several
/// executables.
class Kernel {
 public:
  virtual ~Kernel() = default;
  virtual void run(const KernelArguments& arguments) const = 0;
};

struct KernelPlan {
  std::unique_ptr<const Kernel> kernel;  // null: this implementation cannot
  std::size_t workspace_bytes = 0;
};

class KernelPlanner {
 public:
  virtual ~KernelPlanner() = default;
  /// True if the backend has a kernel for the op; else the compiler replaces the op by its expansion.
  virtual bool has_kernel(std::string_view op_name) const = 0;
  /// Chooses an implementation. Throws UnsupportedError, naming the op, the specs and the backend, if none can.
  virtual KernelPlan plan(const KernelRequest& request) const = 0;
};

}  // namespace keratin
