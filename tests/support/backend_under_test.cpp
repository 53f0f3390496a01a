#include "support/backend_under_test.h"

#include "cpu/cpu_backend.h"

namespace keratin::testing {

const Backend& backend_under_test() {
  static const cpu::CpuBackend backend;
  return backend;
}

std::shared_ptr<unsigned char[]> memory_under_test(std::size_t bytes) {
  return std::shared_ptr<unsigned char[]>(new unsigned char[bytes]);
}

void run_under_test(const Kernel& kernel, const KernelArguments& arguments) { kernel.run(arguments); }

}  // namespace keratin::testing
