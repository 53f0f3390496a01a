#include <nlohmann/json.hpp>

#include "base/bytes.h"
#include "base/checksum.h"
#include "base/file.h"
#include "formats/checkpoint/checkpoint_file.h"
#include "formats/checkpoint/layout.h"

namespace keratin {
namespace {

using checkpoint::aligned, checkpoint::alignment, checkpoint::magic, checkpoint::preamble_bytes;
using Json = nlohmann::ordered_json;

struct Blob {
  std::uint64_t offset;
  std::span<const std::byte> bytes;
};

/// The array's numbers as the file holds them. Only on a big-endian machine this is a copy.
Array little_endian(const Array& value) {
  if constexpr (std::endian::native == std::endian::little) {
    return value.contiguous() ? value : value.copy();
  } else {
    Array swapped = value.copy();
    swap_to_native(swapped.bytes(), size_in_bytes(value.dtype()), std::endian::little);
    return swapped;
  }
}

/// The arrays' descriptions with offsets from the start of the blobs.
Json describe(const std::vector<CheckpointArray>& arrays, std::vector<Blob>& blobs) {
  Json list = Json::array();
  std::uint64_t offset = 0;
  for (const CheckpointArray& array : arrays) {
    const std::span<const std::byte> bytes = array.value.bytes();
    list.push_back({{"name", array.name},
                    {"dtype", to_string(array.value.dtype())},
                    {"shape", std::vector<std::int64_t>(array.value.shape().begin(), array.value.shape().end())},
                    {"offset", offset},
                    {"bytes", bytes.size()},
                    {"crc32", crc32(bytes)}});
    blobs.push_back({offset, bytes});
    offset = aligned(offset + bytes.size());
  }
  return list;
}

void pad(FileReplacement& file, std::uint64_t from, std::uint64_t to) {
  static constexpr std::byte zeros[alignment] = {};
  file.write(std::span(zeros).first(static_cast<std::size_t>(to - from)));
}

}  // namespace

void write_checkpoint(const std::filesystem::path& path, const CheckpointFile& content) {
  std::vector<CheckpointArray> arrays;
  for (const CheckpointArray& array : content.arrays) arrays.push_back({array.name, little_endian(array.value)});
  std::vector<Blob> blobs;
  Json document;
  document["metadata"] = Json::parse(content.metadata);
  document["arrays"] = describe(arrays, blobs);
  const std::string header = document.dump();
  const std::uint64_t start = aligned(preamble_bytes + header.size());
  const std::uint64_t end = blobs.empty() ? start : start + blobs.back().offset + blobs.back().bytes.size();

  std::vector<std::byte> preamble;
  for (const std::byte byte : bytes_of_text(magic)) preamble.push_back(byte);
  append_little_endian(preamble, checkpoint_version);
  append_little_endian(preamble, crc32(bytes_of_text(header)));
  append_little_endian(preamble, static_cast<std::uint64_t>(header.size()));
  append_little_endian(preamble, end);

  FileReplacement file(path, {.create_folders = true});
  file.write(preamble);
  file.write(bytes_of_text(header));
  std::uint64_t at = preamble_bytes + header.size();
  pad(file, at, start);
  at = start;
  for (const Blob& blob : blobs) {
    pad(file, at, start + blob.offset);
    file.write(blob.bytes);
    at = start + blob.offset + blob.bytes.size();
  }
  file.commit();
}

}  // namespace keratin
