#include "cuda/elementwise/cache.h"

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <iomanip>
#include <sstream>
#include <string>

#include "base/bytes.h"
#include "base/checksum.h"
#include "base/file.h"

namespace keratin::cuda {
namespace {

// A file: the mark; the checksum of all that follows; the key's length in bytes, as 8 bytes; the key; the code.
constexpr std::string_view mark = "keratin code 1\n";
constexpr std::size_t header_bytes = mark.size() + sizeof(std::uint32_t) + sizeof(std::uint64_t);

std::vector<std::byte> file_content(std::string_view key, std::span<const std::byte> code) {
  std::vector<std::byte> body;
  append_little_endian(body, static_cast<std::uint64_t>(key.size()));
  for (const std::span<const std::byte> part : {bytes_of_text(key), code})
    body.insert(body.end(), part.begin(), part.end());
  const std::span<const std::byte> begin = bytes_of_text(mark);
  std::vector<std::byte> content(begin.begin(), begin.end());
  append_little_endian(content, crc32(body));
  content.insert(content.end(), body.begin(), body.end());
  return content;
}

bool begins_with(std::span<const std::byte> bytes, std::string_view text) {
  return bytes.size() >= text.size() && std::ranges::equal(bytes.first(text.size()), bytes_of_text(text));
}

/// The code, if the file is whole and of this key.
std::optional<std::vector<std::byte>> code_in(std::span<const std::byte> content, std::string_view key) {
  if (content.size() < header_bytes + key.size() || !begins_with(content, mark)) return std::nullopt;
  const std::span<const std::byte> body = content.subspan(mark.size() + sizeof(std::uint32_t));
  if (crc32(body) != read_little_endian<std::uint32_t>(content, mark.size())) return std::nullopt;
  if (read_little_endian<std::uint64_t>(body) != key.size()) return std::nullopt;
  const std::span<const std::byte> rest = body.subspan(sizeof(std::uint64_t));
  if (!begins_with(rest, key)) return std::nullopt;
  return std::vector<std::byte>(rest.begin() + static_cast<std::ptrdiff_t>(key.size()), rest.end());
}

/// A variable of the system's, not one of ours: base/environment.h does not list it.
std::filesystem::path folder_in(const char* variable) {
  const char* const value = std::getenv(variable);
  const std::filesystem::path path = value != nullptr ? value : "";
  return path.is_absolute() ? path : std::filesystem::path();  // others are to be ignored, says XDG
}

}  // namespace

std::filesystem::path CodeCache::path_of(std::string_view key) const {
  std::ostringstream name;  // two keys of one name take turns: the file says whose it is
  name << std::hex << std::setfill('0') << std::setw(8) << crc32(bytes_of_text(key)) << '-' << key.size() << ".code";
  return folder_ / name.str();
}

std::optional<std::vector<std::byte>> CodeCache::find(std::string_view key) const {
  if (folder_.empty()) return std::nullopt;
  try {
    return code_in(read_file(path_of(key)), key);
  } catch (const DataError&) {  // most likely there is none
    return std::nullopt;
  }
}

void CodeCache::keep(std::string_view key, std::span<const std::byte> code) const {
  if (folder_.empty()) return;
  try {
    replace_file(path_of(key), file_content(key, code), {.create_folders = true});
  } catch (const DataError&) {  // a full disk, a folder that is not ours: the next run compiles again
  }
}

std::filesystem::path cache_folder(std::string_view asked) {
  if (asked == "off") return {};
  if (!asked.empty()) return asked;
  if (const std::filesystem::path caches = folder_in("XDG_CACHE_HOME"); !caches.empty()) return caches / "keratin";
  if (const std::filesystem::path home = folder_in("HOME"); !home.empty()) return home / ".cache" / "keratin";
  return {};
}

}  // namespace keratin::cuda
