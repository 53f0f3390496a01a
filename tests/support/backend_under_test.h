// The backend that the suite of ops is run on: the CPU, but for executables that bring other definitions of these.
#pragma once

#include "runtime/backend.h"

namespace keratin::testing {

const Backend& backend_under_test();

/// Runs one of its kernels, to the end, on memory of the host.
void run_under_test(const Kernel& kernel, const KernelArguments& arguments);

}  // namespace keratin::testing
