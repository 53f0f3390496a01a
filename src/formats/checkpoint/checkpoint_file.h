// The container of our checkpoints: one file of JSON and named arrays, versioned and checksummed. What the JSON and the
// names mean is not known here. The bytes are described in docs/checkpoint_format.md.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "keratin/array.h"

namespace KERATIN_INTERNAL_EXPORT keratin {

/// The version that is written. Earlier ones are read for ever.
inline constexpr std::uint32_t checkpoint_version = 1;

struct CheckpointArray {
  std::string name;
  Array value;  // dense
};

struct CheckpointFile {
  std::string metadata;                 // a JSON document, UTF-8
  std::vector<CheckpointArray> arrays;  // in this order

  /// Throws DataError that lists the names there are.
  const Array& at(std::string_view name) const;
};

/// Writes the file aside and puts it in place, so that an earlier file survives every failure. Equal contents give
/// equal bytes. Missing folders are made. Throws DataError that names the path.
void write_checkpoint(const std::filesystem::path& path, const CheckpointFile& content);

/// Checks every length against the file before it allocates, and every byte against a checksum or a constant. Throws
/// DataError that names the path and what is wrong with it.
CheckpointFile read_checkpoint(const std::filesystem::path& path);

}  // namespace keratin
