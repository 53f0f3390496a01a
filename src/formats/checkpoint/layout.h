// The fixed part of a checkpoint, shared by the writer and the reader.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace keratin::checkpoint {

/// magic (8), version u32, CRC-32 of the header u32, header's length u64, file's length u64: 32 bytes, little-endian.
/// Then the header (JSON), then zeros to the next multiple of 64, then the blobs, each at a multiple of 64 with zeros
/// between.
inline constexpr std::string_view magic = "KERATIN\n";
inline constexpr std::size_t preamble_bytes = 32;
inline constexpr std::uint64_t alignment = 64;  // a cache line: a mapped file can be computed with

constexpr std::uint64_t aligned(std::uint64_t offset) { return (offset + alignment - 1) / alignment * alignment; }

}  // namespace keratin::checkpoint
