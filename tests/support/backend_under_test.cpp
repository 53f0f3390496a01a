#include "support/backend_under_test.h"

#include "cpu/cpu_backend.h"

namespace keratin::testing {

const Backend& backend_under_test() {
  static const cpu::CpuBackend backend;
  return backend;
}

void run_under_test(const Kernel& kernel, const KernelArguments& arguments) { kernel.run(arguments); }

}  // namespace keratin::testing
