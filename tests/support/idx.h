// IDX files, written: for tests of what reads them.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/bytes.h"

namespace keratin::testing {

/// The magic number and the extents.
inline std::string idx_header(unsigned type, const std::vector<std::uint32_t>& extents) {
  std::vector<std::byte> bytes{std::byte{0}, std::byte{0}, static_cast<std::byte>(type),
                               static_cast<std::byte>(extents.size())};
  for (const std::uint32_t extent : extents) append_big_endian(bytes, extent);
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

/// A whole file.
template <class T>
std::string idx_of(unsigned type, const std::vector<std::uint32_t>& extents, const std::vector<T>& numbers) {
  std::vector<std::byte> bytes;
  for (const T number : numbers) append_big_endian(bytes, number);
  return idx_header(type, extents) + std::string(reinterpret_cast<const char*>(bytes.data()), bytes.size());
}

}  // namespace keratin::testing
