// NVRTC, CUDA's compiler as a library: opened when it is first of use, for it is large and may be missing.
#pragma once

#include <nvrtc.h>

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "cuda/libraries.h"

namespace keratin::cuda {

/// The functions of NVRTC that we call.
struct Nvrtc {
  decltype(&nvrtcVersion) version;
  decltype(&nvrtcGetErrorString) error_string;
  decltype(&nvrtcGetNumSupportedArchs) architecture_count;
  decltype(&nvrtcGetSupportedArchs) architectures;
  decltype(&nvrtcCreateProgram) create_program;
  decltype(&nvrtcDestroyProgram) destroy_program;
  decltype(&nvrtcCompileProgram) compile_program;
  decltype(&nvrtcGetProgramLogSize) log_size;
  decltype(&nvrtcGetProgramLog) log;
  decltype(&nvrtcGetCUBINSize) cubin_size;
  decltype(&nvrtcGetCUBIN) cubin;
  decltype(&nvrtcGetPTXSize) ptx_size;
  decltype(&nvrtcGetPTX) ptx;
};

/// The library. Throws UnsupportedError if it is not there.
OpenLibrary open_nvrtc();
/// Its functions. Throws UnsupportedError if it is not there, or lacks one.
Nvrtc load_nvrtc();

/// Those that this process compiles with. Throws UnsupportedError if there are none. The tests' stand-in for CUDA
/// brings a definition of its own.
const Nvrtc& nvrtc();

/// What code is made for.
struct Target {
  int architecture = 0;  // 10 · major + minor, not above the device's
  bool binary = true;    // the device's own code; else PTX, which the driver translates when it is loaded
};

/// The best of what NVRTC knows for a device of this compute capability; nothing if the device is older than that.
std::optional<Target> target_for(const Nvrtc& nvrtc, int compute_capability);

/// The options that kernels are compiled with.
std::vector<std::string> compile_options(const Target& target);

/// "13.0"
std::string version_of(const Nvrtc& nvrtc);

/// The text's code, as cudaLibraryLoadData takes it. Throws DeviceError with the compiler's messages.
std::vector<std::byte> compile(const Nvrtc& nvrtc, const std::string& text, const Target& target);

}  // namespace keratin::cuda
