#include "cuda/elementwise/nvrtc.h"

#include <algorithm>

#include "base/check.h"
#include "base/scope_guard.h"

namespace keratin::cuda {
namespace {

void check(const Nvrtc& nvrtc, nvrtcResult result, const char* call, const std::string& log = {}) {
  if (result == NVRTC_SUCCESS) return;
  throw DeviceError(concat("NVRTC: expected ", call, " to succeed, got ", nvrtc.error_string(result), " (",
                           static_cast<int>(result), ")", log.empty() ? "" : ":\n", log));
}

std::string log_of(const Nvrtc& nvrtc, nvrtcProgram program) {
  std::size_t size = 0;  // with the zero at its end
  if (nvrtc.log_size(program, &size) != NVRTC_SUCCESS || size == 0) return {};
  std::string log(size, '\0');
  if (nvrtc.log(program, log.data()) != NVRTC_SUCCESS) return {};
  log.resize(size - 1);
  return log;
}

std::vector<std::byte> code_of(const Nvrtc& nvrtc, nvrtcProgram program, bool binary) {
  std::size_t size = 0;
  check(nvrtc, (binary ? nvrtc.cubin_size : nvrtc.ptx_size)(program, &size),
        binary ? "nvrtcGetCUBINSize" : "nvrtcGetPTXSize");
  std::vector<std::byte> code(size);
  check(nvrtc, (binary ? nvrtc.cubin : nvrtc.ptx)(program, reinterpret_cast<char*>(code.data())),
        binary ? "nvrtcGetCUBIN" : "nvrtcGetPTX");
  return code;
}

}  // namespace

OpenLibrary open_nvrtc() {
  return open_library({"NVRTC", {"libnvrtc.so.13"}, "the CUDA Toolkit (its package cuda-nvrtc)"});
}

Nvrtc load_nvrtc() {
  const OpenLibrary library = open_nvrtc();
  Nvrtc out = {};
  find(out.version, library, "nvrtcVersion");
  find(out.error_string, library, "nvrtcGetErrorString");
  find(out.architecture_count, library, "nvrtcGetNumSupportedArchs");
  find(out.architectures, library, "nvrtcGetSupportedArchs");
  find(out.create_program, library, "nvrtcCreateProgram");
  find(out.destroy_program, library, "nvrtcDestroyProgram");
  find(out.compile_program, library, "nvrtcCompileProgram");
  find(out.log_size, library, "nvrtcGetProgramLogSize");
  find(out.log, library, "nvrtcGetProgramLog");
  find(out.cubin_size, library, "nvrtcGetCUBINSize");
  find(out.cubin, library, "nvrtcGetCUBIN");
  find(out.ptx_size, library, "nvrtcGetPTXSize");
  find(out.ptx, library, "nvrtcGetPTX");
  return out;
}

std::optional<Target> target_for(const Nvrtc& nvrtc, int compute_capability) {
  int count = 0;
  check(nvrtc, nvrtc.architecture_count(&count), "nvrtcGetNumSupportedArchs");
  std::vector<int> known(static_cast<std::size_t>(count));
  if (count > 0) check(nvrtc, nvrtc.architectures(known.data()), "nvrtcGetSupportedArchs");
  Target best;
  for (const int architecture : known)
    if (architecture <= compute_capability) best.architecture = std::max(best.architecture, architecture);
  if (best.architecture == 0) return std::nullopt;
  best.binary = best.architecture / 10 == compute_capability / 10;  // binary code runs within one major number
  return best;
}

std::vector<std::string> compile_options(const Target& target) {
  // Products and sums are not fused to one rounding: elementwise functions give the CPU's bits where they are exact
  // (docs/numerics.md, "Same bits"). Division, square root and subnormals are exact by default.
  return {concat("--gpu-architecture=", target.binary ? "sm_" : "compute_", target.architecture), "-std=c++20",
          "--fmad=false"};
}

std::string version_of(const Nvrtc& nvrtc) {
  int major = 0, minor = 0;
  check(nvrtc, nvrtc.version(&major, &minor), "nvrtcVersion");
  return concat(major, ".", minor);
}

std::vector<std::byte> compile(const Nvrtc& nvrtc, const std::string& text, const Target& target) {
  nvrtcProgram program = nullptr;
  check(nvrtc, nvrtc.create_program(&program, text.c_str(), "elementwise.cu", 0, nullptr, nullptr),
        "nvrtcCreateProgram");
  const ScopeGuard destroy([&] { nvrtc.destroy_program(&program); });
  const std::vector<std::string> options = compile_options(target);
  std::vector<const char*> raw;
  for (const std::string& option : options) raw.push_back(option.c_str());
  const nvrtcResult result = nvrtc.compile_program(program, static_cast<int>(raw.size()), raw.data());
  check(nvrtc, result, "nvrtcCompileProgram", result != NVRTC_SUCCESS ? log_of(nvrtc, program) : "");
  return code_of(nvrtc, program, target.binary);
}

}  // namespace keratin::cuda
