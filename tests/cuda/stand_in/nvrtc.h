// NVRTC for a device that is the host: compiles a kernel's text by the host's compiler.
#pragma once

#include "cuda/elementwise/nvrtc.h"
#include "stand_in/device_code.h"

namespace keratin::cuda::stand_in {

/// Functions with NVRTC's signatures. Code is a shared library, behind its size in 8 bytes.
const Nvrtc& host_nvrtc();

/// Runs a kernel's thread, which is at the place: what the library exports as <name>_stand_in.
using Entry = void (*)(void** arguments, const Place& place);

/// What cudaLibraryLoadData does: a library that is never closed; null if the code is none.
void* open_code(const void* code);
/// What cudaLibraryGetKernel does; null if there is no kernel of this name.
Entry entry_of(void* library, const char* name);

}  // namespace keratin::cuda::stand_in
