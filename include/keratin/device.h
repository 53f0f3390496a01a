// The devices that a model can be compiled for.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "keratin/export.h"

namespace KERATIN_EXPORT keratin {

struct Device {
  std::string name;              // as compile's option `device` takes it: "cpu", "cuda:0"
  std::string description;       // "NVIDIA H200"
  std::size_t memory_bytes = 0;  // of its own; 0 for the CPU, which uses the process's
  std::string unusable = {};     // why it cannot be used; empty: it can
};

/// Every device there is, the CPU first. Where no GPU can be used, one "cuda" at the end says why: this build has no
/// CUDA, the component or the driver is missing or too old, there is no device.
std::vector<Device> devices();

}  // namespace keratin
