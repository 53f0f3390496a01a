// What a run leaves in its output folder: files that are whole or not there, and a log of named numbers.
#pragma once

#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>

/// Makes the folder if need be. keratin::DataError if nothing can be written in it.
void make_writable_folder(const std::filesystem::path& folder);

/// Writes aside, then renames: an earlier file stays until the new one is complete. keratin::DataError if it cannot be.
void replace_file(const std::filesystem::path& path, std::string_view text);

/// A line of JSON for each value logged, readable while the run goes on as <path>.part; finish() gives it its name.
/// keratin::DataError if the file cannot be written.
class RunLog {
 public:
  explicit RunLog(std::filesystem::path path);
  RunLog(const RunLog&) = delete;
  RunLog& operator=(const RunLog&) = delete;
  ~RunLog();  // an unfinished log is removed

  /// epoch: from 1; 0 for what is logged once.
  void log(std::string_view name, double value, int epoch = 0);
  void finish();

 private:
  std::filesystem::path path_, part_;
  std::ofstream file_;
};
