// Files: read from front to back, and replaced so that a reader sees the old content or the new, never a part.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "keratin/export.h"

namespace KERATIN_INTERNAL_EXPORT keratin {

/// A file open for reading. Every function throws DataError that names the path and the system's reason.
class InputFile {
 public:
  /// Throws DataError too if the path is anything but a regular file.
  explicit InputFile(std::filesystem::path path);
  ~InputFile();
  InputFile(const InputFile&) = delete;
  InputFile& operator=(const InputFile&) = delete;

  /// Fills the bytes and returns how many it filled: fewer only at the end of the file.
  std::size_t read(std::span<std::byte> bytes);
  void rewind();
  /// In bytes, when it was opened.
  std::uint64_t size() const { return size_; }
  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
  int descriptor_ = -1;
  std::uint64_t size_ = 0;
};

/// Everything in a file.
std::vector<std::byte> read_file(const std::filesystem::path& path);
std::string read_text(const std::filesystem::path& path);

struct ReplaceOptions {
  bool create_folders = false;  // make the folders of the path that are missing
};

/// Writes a file aside, in the same folder, and puts it in place of the old one with commit(). Without it, and whenever
/// something fails before the rename (a full disk, a folder that may not be written or read), the old file stays as it
/// was and nothing is left behind. Every function throws DataError that names the path and the system's reason. A
/// symbolic link is replaced itself.
class FileReplacement {
 public:
  explicit FileReplacement(std::filesystem::path path, ReplaceOptions options = {});
  ~FileReplacement();
  FileReplacement(const FileReplacement&) = delete;
  FileReplacement& operator=(const FileReplacement&) = delete;

  void write(std::span<const std::byte> bytes);
  /// The new content takes effect and survives a power failure: synced, renamed, folder synced. To be called once,
  /// last. If only the last of these fails, the new content is in place: DataError that says so.
  void commit();

 private:
  void close_and_remove() noexcept;
  [[noreturn]] void fail(std::string_view what);

  std::filesystem::path path_;
  std::filesystem::path aside_;
  int descriptor_ = -1;
};

void replace_file(const std::filesystem::path& path, std::span<const std::byte> content, ReplaceOptions options = {});
void replace_file(const std::filesystem::path& path, std::string_view content, ReplaceOptions options = {});

}  // namespace keratin
