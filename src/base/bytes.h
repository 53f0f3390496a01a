// Numbers in bytes of a stated order, whatever this machine's is.
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string_view>
#include <type_traits>
#include <vector>

#include "base/check.h"

namespace KERATIN_INTERNAL_EXPORT keratin {

static_assert(std::endian::native == std::endian::little || std::endian::native == std::endian::big);

template <class T>
concept PlainNumber = std::integral<T> || std::floating_point<T>;

inline std::span<const std::byte> bytes_of_text(std::string_view text) { return std::as_bytes(std::span(text)); }

/// The number that lies at an offset. Throws DataError if it reaches past the end.
template <PlainNumber T> T read_number(std::span<const std::byte> bytes, std::size_t offset, std::endian order) {
  check_data(offset <= bytes.size() && sizeof(T) <= bytes.size() - offset, "expected ", sizeof(T), " bytes at byte ",
             offset, ", got the end at byte ", bytes.size());
  std::array<std::byte, sizeof(T)> raw;
  std::copy_n(bytes.begin() + static_cast<std::ptrdiff_t>(offset), raw.size(), raw.begin());
  if (order != std::endian::native) std::reverse(raw.begin(), raw.end());
  return std::bit_cast<T>(raw);
}
template <PlainNumber T> T read_little_endian(std::span<const std::byte> bytes, std::size_t offset = 0) {
  return read_number<T>(bytes, offset, std::endian::little);
}
template <PlainNumber T> T read_big_endian(std::span<const std::byte> bytes, std::size_t offset = 0) {
  return read_number<T>(bytes, offset, std::endian::big);
}

template <PlainNumber T> void append_number(std::vector<std::byte>& bytes, T value, std::endian order) {
  auto raw = std::bit_cast<std::array<std::byte, sizeof(T)>>(value);
  if (order != std::endian::native) std::reverse(raw.begin(), raw.end());
  bytes.insert(bytes.end(), raw.begin(), raw.end());
}
template <PlainNumber T> void append_little_endian(std::vector<std::byte>& bytes, T value) {
  append_number(bytes, value, std::endian::little);
}
template <PlainNumber T> void append_big_endian(std::vector<std::byte>& bytes, T value) {
  append_number(bytes, value, std::endian::big);
}

/// Turns numbers of `width` bytes each from a stated order into this machine's, or back, in place.
inline void swap_to_native(std::span<std::byte> bytes, std::size_t width, std::endian order) {
  KERATIN_ASSERT(width > 0 && bytes.size() % width == 0);
  if (order == std::endian::native || width == 1) return;
  for (std::size_t i = 0; i < bytes.size(); i += width) {
    const auto number = bytes.subspan(i, width);
    std::reverse(number.begin(), number.end());
  }
}

}  // namespace keratin
