// Buffer: memory on a device, freed when the last holder lets go.
#pragma once

#include <cstddef>
#include <memory>

#include "keratin/export.h"

namespace KERATIN_INTERNAL_EXPORT keratin {

/// Aligned to 64 bytes. Not for the host to dereference unless the backend is the CPU.
class Buffer {
 public:
  virtual ~Buffer() = default;
  Buffer& operator=(Buffer&&) = delete;  // hence no copies
  virtual void* address() const = 0;
  virtual std::size_t bytes() const = 0;
};

}  // namespace keratin
