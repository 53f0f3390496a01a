#include "api/backends.h"

#include "base/check.h"
#include "cpu/cpu_backend.h"

namespace keratin {

const Backend& backend_for(std::string_view device) {
  static const cpu::CpuBackend cpu;  // immutable: nothing that two models could change
  if (device == "auto" || device == "cpu") return cpu;
  if (device.substr(0, 4) == "cuda")
    throw UnsupportedError(concat("device: this build has no CUDA backend, got ", device, "; use \"cpu\" or \"auto\""));
  throw ValueError(concat("device: expected \"auto\", \"cpu\" or \"cuda\", got ", device));
}

}  // namespace keratin
