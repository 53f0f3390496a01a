// gzip (RFC 1952), read only: streams of one or several members, every checksum and length verified.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "keratin/export.h"

namespace KERATIN_INTERNAL_EXPORT keratin {

/// Fills some of the bytes, from their front, and returns how many: none only at the end.
using ByteSource = std::function<std::size_t(std::span<std::byte>)>;

/// True if the bytes begin as gzip does; two are enough to tell.
bool begins_as_gzip(std::span<const std::byte> bytes);

/// Inflates what a source yields, piece by piece: holds 64 KiB and zlib's 40 KiB, however much that inflates to.
class GzipReader {
 public:
  /// The name opens every message.
  GzipReader(ByteSource compressed, std::string name);
  ~GzipReader();
  GzipReader(const GzipReader&) = delete;
  GzipReader& operator=(const GzipReader&) = delete;

  /// Fills the bytes and returns how many it filled: fewer only at the end, when all is verified. Throws DataError for
  /// compressed data that is cut short, damaged or followed by something else.
  std::size_t read(std::span<std::byte> bytes);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// All that the compressed bytes inflate to. Holds at most three times that (while the result grows) and 128 KiB.
std::vector<std::byte> gunzip(std::span<const std::byte> compressed, std::string_view name);

}  // namespace keratin
