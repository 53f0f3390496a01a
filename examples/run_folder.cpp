#include "run_folder.h"

#include <keratin/error.h>

#include <cerrno>
#include <charconv>
#include <cmath>
#include <cstring>
#include <system_error>

namespace {

[[noreturn]] void refuse(const std::filesystem::path& path, const std::string& reason) {
  throw keratin::DataError("cannot write " + path.string() + ": " + reason);
}

void rename_or_refuse(const std::filesystem::path& from, const std::filesystem::path& to) {
  std::error_code error;
  std::filesystem::rename(from, to, error);
  if (error) refuse(to, error.message());
}

std::filesystem::path part_of(std::filesystem::path path) { return path += ".part"; }

}  // namespace

void make_writable_folder(const std::filesystem::path& folder) {
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  if (error) refuse(folder, error.message());
  const std::filesystem::path probe = folder / ".writable";
  if (!std::ofstream(probe)) refuse(folder, std::strerror(errno));
  std::filesystem::remove(probe, error);
}

void replace_file(const std::filesystem::path& path, std::string_view text) {
  std::ofstream file(part_of(path), std::ios::binary);
  file << text << std::flush;
  if (!file) refuse(path, std::strerror(errno));
  rename_or_refuse(part_of(path), path);
}

RunLog::RunLog(std::filesystem::path path)
    : path_(std::move(path)), part_(part_of(path_)), file_(part_, std::ios::binary) {
  if (!file_) refuse(path_, std::strerror(errno));
}

RunLog::~RunLog() {
  std::error_code unheard;
  if (file_.is_open()) std::filesystem::remove(part_, unheard);
}

void RunLog::log(std::string_view name, double value, int epoch) {
  char number[32];
  const auto end = std::to_chars(number, number + sizeof number, value).ptr;
  file_ << R"({"name": ")" << name << R"(", "value": )"
        << (std::isfinite(value) ? std::string_view(number, static_cast<std::size_t>(end - number))
                                 : "null");  // JSON has no NaN
  if (epoch > 0) file_ << R"(, "epoch": )" << epoch;
  file_ << "}\n" << std::flush;
  if (!file_) refuse(path_, std::strerror(errno));
}

void RunLog::finish() {
  file_.close();
  if (!file_) refuse(path_, std::strerror(errno));
  rename_or_refuse(part_, path_);
}
