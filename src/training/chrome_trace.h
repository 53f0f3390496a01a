// A profile as the file that Chrome's about:tracing and ui.perfetto.dev show: the Trace Event Format.
#pragma once

#include <filesystem>

#include "base/file.h"
#include "training/profile.h"

namespace KERATIN_INTERNAL_EXPORT keratin {

class ChromeTrace {
 public:
  /// Throws DataError if no file can be put at this path. What is there stays until write() is done.
  explicit ChromeTrace(const std::filesystem::path& path);
  /// Once. Throws DataError if the file cannot be written after all.
  void write(const Profile& profile);

 private:
  FileReplacement file_;
};

}  // namespace keratin
