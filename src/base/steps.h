// What Python's start:stop:step takes of an extent: for indexing arrays and tensors.
#pragma once

#include <cstdint>
#include <optional>

#include "base/check.h"
#include "keratin/types.h"

namespace KERATIN_INTERNAL_EXPORT keratin {

struct Steps {
  std::int64_t first = 0;
  std::int64_t count = 0;
};
/// Python's slice.indices(): which of the extent's positions a slice takes.
inline Steps steps_of(const Slice& slice, std::int64_t extent, const char* who) {
  check_argument(slice.step != 0, who, ": expected the step of a slice not to be 0");
  const bool forward = slice.step > 0;
  const std::int64_t lowest = forward ? 0 : -1, highest = forward ? extent : extent - 1;
  const auto clamped = [&](std::optional<std::int64_t> end, std::int64_t otherwise) {
    if (!end) return otherwise;
    const std::int64_t position = *end < 0 ? *end + extent : *end;
    return position < lowest ? lowest : position > highest ? highest : position;
  };
  const std::int64_t start = clamped(slice.start, forward ? lowest : highest);
  const std::int64_t stop = clamped(slice.stop, forward ? highest : lowest);
  if (forward ? start >= stop : start <= stop) return {};
  return {start, (stop - start + (forward ? -1 : 1)) / slice.step + 1};
}

}  // namespace keratin
