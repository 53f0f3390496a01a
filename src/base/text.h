// Text from parts: what messages, dumps and files are put together with (g++ 12 has no <format>).
#pragma once

#include <sstream>
#include <string>

#include "keratin/export.h"

namespace KERATIN_INTERNAL_EXPORT keratin {

/// All parts, streamed one after another.
template <class... Parts> std::string concat(const Parts&... parts) {
  std::ostringstream out;
  (out << ... << parts);
  return std::move(out).str();
}

/// The items with a separator between them: join({1, 2}, ", ") is "1, 2".
template <class Range> std::string join(const Range& items, const char* separator) {
  std::ostringstream out;
  const char* between = "";
  for (const auto& item : items) {
    out << between << item;
    between = separator;
  }
  return std::move(out).str();
}

}  // namespace keratin
