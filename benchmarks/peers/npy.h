// images.npy and labels.npy, which benchmarks/peers/run.py writes: uint8, row-major. The C++ peers read them with this.
#pragma once

#include <cstdint>
#include <fstream>
#include <stdexcept>
#include <string>
#include <vector>

/// The first `rows` rows of `width` bytes, or all of them for 0. Throws std::runtime_error for a file that is missing
/// or too short.
inline std::vector<std::uint8_t> read_npy(const std::string& path, std::size_t width, std::size_t rows) {
  std::ifstream file(path, std::ios::binary | std::ios::ate);
  const auto size = static_cast<std::size_t>(file ? static_cast<std::streamoff>(file.tellg()) : 0);
  unsigned char lead[10] = {};  // magic, version, two bytes with the length of the header
  file.seekg(0).read(reinterpret_cast<char*>(lead), sizeof lead);
  const std::size_t header = sizeof lead + lead[8] + 256u * lead[9];
  if (!file || size < header + rows * width) throw std::runtime_error(path + ": expected an .npy file of bytes");
  std::vector<std::uint8_t> bytes(rows > 0 ? rows * width : size - header);
  file.seekg(static_cast<std::streamoff>(header));
  file.read(reinterpret_cast<char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
  if (!file) throw std::runtime_error(path + ": cannot be read");
  return bytes;
}
