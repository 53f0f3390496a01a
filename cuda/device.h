// What planning has to know of a device.
#pragma once

#include <cstddef>
#include <string>

namespace keratin::cuda {

struct DeviceProperties {
  int index = 0;
  std::string name = {};
  int compute_capability = 90;  // 10 · major + minor
  int multiprocessors = 132;
  std::size_t memory_bytes = 0;
};

}  // namespace keratin::cuda
