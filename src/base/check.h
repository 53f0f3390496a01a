// Checks that throw. User errors and our own bugs are different exceptions; messages follow docs/architecture.md
// section 7.3.
#pragma once

#include "base/text.h"
#include "keratin/error.h"

namespace KERATIN_INTERNAL_EXPORT keratin {

template <class... Parts> void check_argument(bool condition, const Parts&... message) {
  if (!condition) [[unlikely]]
    throw ValueError(concat(message...));
}
template <class... Parts> void check_shape(bool condition, const Parts&... message) {
  if (!condition) [[unlikely]]
    throw ShapeError(concat(message...));
}
template <class... Parts> void check_data(bool condition, const Parts&... message) {
  if (!condition) [[unlikely]]
    throw DataError(concat(message...));
}

[[noreturn]] void throw_internal_error(const char* condition, const char* file, int line);

}  // namespace keratin

/// An invariant of ours that costs nothing to check: holds in every build, or the bug is reported.
#define KERATIN_ASSERT(condition) \
  ((condition) ? static_cast<void>(0) : ::keratin::throw_internal_error(#condition, __FILE__, __LINE__))
