// The backend that the suite of ops is run on: the CPU, but for executables that bring other definitions of these.
#pragma once

#include <cstddef>
#include <memory>

#include "runtime/backend.h"

namespace keratin::testing {

const Backend& backend_under_test();

/// Memory of the host for what kernels under test read and write.
std::shared_ptr<unsigned char[]> memory_under_test(std::size_t bytes);

/// Runs one of its kernels, to the end, on memory_under_test().
void run_under_test(const Kernel& kernel, const KernelArguments& arguments);

}  // namespace keratin::testing
