#include "base/file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <system_error>

#include "base/bytes.h"
#include "base/check.h"
#include "base/scope_guard.h"

namespace keratin {
namespace {

std::string reason(int error) { return std::generic_category().message(error); }

[[noreturn]] void throw_for(const std::filesystem::path& path, std::string_view expected, int error) {
  throw DataError(concat(path.string(), ": expected ", expected, ", got \"", reason(error), "\""));
}

/// Calls a system function again as long as a signal interrupts it.
template <class Call> auto retried(const Call& call) {
  auto result = call();
  while (result < 0 && errno == EINTR) result = call();
  return result;
}

std::filesystem::path folder_of(const std::filesystem::path& path) {
  return path.has_parent_path() ? path.parent_path() : std::filesystem::path(".");
}

}  // namespace

InputFile::InputFile(std::filesystem::path path) : path_(std::move(path)) {
  // Not to block where the path is a pipe that nobody writes to; regular files ignore the flag.
  descriptor_ = retried([&] { return ::open(path_.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK); });
  if (descriptor_ < 0) throw_for(path_, "a file that can be read", errno);
  ScopeGuard close([&] { ::close(descriptor_); });
  struct stat status = {};
  if (::fstat(descriptor_, &status) != 0) throw_for(path_, "to learn the file's size", errno);
  check_data(S_ISREG(status.st_mode), path_.string(), ": expected a file, got ",
             S_ISDIR(status.st_mode) ? "a folder" : "something else");
  size_ = static_cast<std::uint64_t>(status.st_size);
  close.dismiss();
}

InputFile::~InputFile() { ::close(descriptor_); }

std::size_t InputFile::read(std::span<std::byte> bytes) {
  std::size_t filled = 0;
  while (filled < bytes.size()) {
    const auto rest = bytes.subspan(filled);
    const ssize_t count = retried([&] { return ::read(descriptor_, rest.data(), rest.size()); });
    if (count < 0) throw_for(path_, "to read the file", errno);
    if (count == 0) break;
    filled += static_cast<std::size_t>(count);
  }
  return filled;
}

void InputFile::rewind() {
  if (::lseek(descriptor_, 0, SEEK_SET) < 0) throw_for(path_, "to go back to the file's beginning", errno);
}

namespace {

/// Content is std::vector<std::byte> or std::string. Reads to the end even if the size was told wrong (as in /proc).
template <class Content> Content whole_content(const std::filesystem::path& path) {
  InputFile file(path);
  Content content;
  content.resize(static_cast<std::size_t>(file.size()) + 1);  // one more, to see the end at once
  std::size_t length = 0;
  while (true) {
    length += file.read(std::as_writable_bytes(std::span(content)).subspan(length));
    if (length < content.size()) break;
    content.resize(2 * content.size());
  }
  content.resize(length);
  return content;
}

}  // namespace

std::vector<std::byte> read_file(const std::filesystem::path& path) {
  return whole_content<std::vector<std::byte>>(path);
}
std::string read_text(const std::filesystem::path& path) { return whole_content<std::string>(path); }

FileReplacement::FileReplacement(std::filesystem::path path, ReplaceOptions options) : path_(std::move(path)) {
  check_data(path_.has_filename(), "\"", path_.string(), "\": expected the path of a file to write");
  const std::filesystem::path folder = folder_of(path_);
  if (options.create_folders) {
    std::error_code error;
    std::filesystem::create_directories(folder, error);
    if (error) throw_for(folder, "to make the folder", error.value());
  }
  // The process's number keeps writers apart that share the folder; a left-over of a killed one is passed over.
  for (int attempt = 0; descriptor_ < 0; ++attempt) {
    aside_ = path_;
    aside_ += concat(".partial-", ::getpid(), "-", attempt);
    descriptor_ = retried([&] { return ::open(aside_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666); });
    if (descriptor_ < 0 && errno != EEXIST) throw_for(path_, "a folder that files can be made in", errno);
  }
}

FileReplacement::~FileReplacement() { close_and_remove(); }

void FileReplacement::close_and_remove() noexcept {
  if (descriptor_ < 0) return;
  ::close(descriptor_);
  ::unlink(aside_.c_str());
  descriptor_ = -1;
}

void FileReplacement::fail(std::string_view what) {
  const int error = errno;
  close_and_remove();
  throw DataError(
      concat(path_.string(), ": expected ", what, ", got \"", reason(error), "\"; what was there before is as it was"));
}

void FileReplacement::write(std::span<const std::byte> bytes) {
  KERATIN_ASSERT(descriptor_ >= 0);
  while (!bytes.empty()) {
    const ssize_t count = retried([&] { return ::write(descriptor_, bytes.data(), bytes.size()); });
    if (count < 0) fail("to write the file");
    bytes = bytes.subspan(static_cast<std::size_t>(count));
  }
}

void FileReplacement::commit() {
  KERATIN_ASSERT(descriptor_ >= 0);
  if (retried([&] { return ::fsync(descriptor_); }) != 0) fail("to bring the file to the disk");
  // Opened while there is still a way back.
  const int folder = retried([&] { return ::open(folder_of(path_).c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC); });
  if (folder < 0) fail("a folder that can be opened");
  const ScopeGuard close([&] { ::close(folder); });
  if (::rename(aside_.c_str(), path_.c_str()) != 0) fail("to put the file in its place");
  ::close(descriptor_);
  descriptor_ = -1;
  // Makes the rename survive a power failure. Some file systems cannot, and say EINVAL.
  if (retried([&] { return ::fsync(folder); }) != 0 && errno != EINVAL && errno != ENOTSUP)
    throw_for(path_, "to bring the folder to the disk; the new content is in place, but a power failure may undo it",
              errno);
}

void replace_file(const std::filesystem::path& path, std::span<const std::byte> content, ReplaceOptions options) {
  FileReplacement file(path, options);
  file.write(content);
  file.commit();
}
void replace_file(const std::filesystem::path& path, std::string_view content, ReplaceOptions options) {
  replace_file(path, bytes_of_text(content), options);
}

}  // namespace keratin
