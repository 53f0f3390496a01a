// The clock that durations are measured by.
#pragma once

#include <chrono>
#include <cstdint>

#include "keratin/export.h"

namespace KERATIN_INTERNAL_EXPORT keratin {

/// Nanoseconds since whenever: only differences mean something.
inline std::int64_t steady_ns() {
  const auto since_whenever = std::chrono::steady_clock::now().time_since_epoch();
  return std::chrono::duration_cast<std::chrono::nanoseconds>(since_whenever).count();
}

}  // namespace keratin
