// A folder of code that was compiled at run time, so that the next run need not.
#pragma once

#include <cstddef>
#include <filesystem>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

namespace keratin::cuda {

/// Code by the key that it was made from. Several processes may share a folder. Nothing here is an error: what cannot
/// be read or written, or is not what was written, is as if it were not there.
class CodeCache {
 public:
  /// An empty path: keeps nothing. The folder is made when something is kept.
  explicit CodeCache(std::filesystem::path folder) : folder_(std::move(folder)) {}
  /// What was kept under the whole key, byte by byte the same.
  std::optional<std::vector<std::byte>> find(std::string_view key) const;
  /// Replaces what is there.
  void keep(std::string_view key, std::span<const std::byte> code) const;
  /// Of the file that holds it.
  std::filesystem::path path_of(std::string_view key) const;

 private:
  std::filesystem::path folder_;
};

/// The folder that KERATIN_KERNEL_CACHE asks for (base/environment.h): "off" is none, an empty path; nothing is
/// $XDG_CACHE_HOME/keratin, else ~/.cache/keratin, else none. These are the desktop's variables, not ours.
std::filesystem::path cache_folder(std::string_view asked);

}  // namespace keratin::cuda
