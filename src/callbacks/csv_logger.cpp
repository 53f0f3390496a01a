// CSVLogger: the logs of every epoch as a line of a file, in the form of Python's csv module, which Keras writes it
// with.
#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <string>
#include <vector>

#include "callbacks/printing.h"
#include "keratin/error.h"

namespace keratin::callbacks {
namespace {

class CSVLoggerCallback final : public Callback {
 public:
  CSVLoggerCallback(std::filesystem::path path, CSVLoggerOptions options)
      : path_(std::move(path)), options_(std::move(options)) {
    if (options_.separator.size() != 1)
      throw ValueError("CSVLogger: expected a separator of one character, got \"" + options_.separator + "\"");
  }

  void on_train_begin(Logs&) override {
    names_.clear();
    header_written_ = options_.append && begins_with_a_line();
    file_ = std::ofstream(path_, std::ios::binary | (options_.append ? std::ios::app : std::ios::trunc));
    check_file();
  }

  void on_epoch_end(int epoch, Logs& logs) override {
    if (names_.empty()) choose_names(logs);
    if (!std::exchange(header_written_, true)) write_header();
    file_ << epoch;
    for (const std::string& name : names_)
      file_ << options_.separator << (logs.contains(name) ? format_exactly(logs.at(name)) : "NA");
    file_ << "\r\n" << std::flush;
    check_file();
  }

  void on_train_end(Logs&) override { file_.close(); }

 private:
  bool begins_with_a_line() const {
    std::string line;
    std::ifstream present(path_, std::ios::binary);
    return static_cast<bool>(std::getline(present, line));
  }

  void choose_names(const Logs& logs) {
    for (const auto& [name, value] : logs) names_.push_back(name);
    std::sort(names_.begin(), names_.end());
    const bool validated =
        std::any_of(names_.begin(), names_.end(), [](const std::string& name) { return name.starts_with("val_"); });
    if (validated) return;
    for (std::size_t i = 0, count = names_.size(); i < count; ++i) names_.push_back("val_" + names_[i]);
  }

  void write_header() {
    file_ << "epoch";
    for (const std::string& name : names_) file_ << options_.separator << quoted(name);
    file_ << "\r\n";
  }

  std::string quoted(const std::string& name) const {
    if (name.find_first_of(options_.separator + "\"\r\n") == std::string::npos) return name;
    std::string text = "\"";
    for (const char character : name) text += character == '"' ? std::string("\"\"") : std::string(1, character);
    return text + "\"";
  }

  void check_file() const {
    if (!file_) throw DataError("CSVLogger: cannot write " + path_.string() + ": " + std::strerror(errno));
  }

  std::filesystem::path path_;
  CSVLoggerOptions options_;
  std::ofstream file_;
  std::vector<std::string> names_;  // the columns after epoch; those of the first epoch's logs
  bool header_written_ = false;
};

}  // namespace

Ref<Callback> CSVLogger(const std::filesystem::path& path, CSVLoggerOptions options) {
  return make<CSVLoggerCallback>(path, std::move(options));
}

}  // namespace keratin::callbacks
