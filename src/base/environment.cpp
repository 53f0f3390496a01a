#include "base/environment.h"

#include <algorithm>
#include <cstdlib>

#include "base/check.h"

namespace keratin {
namespace {

std::string_view variable(const char* name) {
  const char* const value = std::getenv(name);
  return value != nullptr ? value : "";
}

/// The parts between separators that are not empty.
template <class Part> std::vector<Part> parts(std::string_view text, char separator) {
  std::vector<Part> result;
  while (!text.empty()) {
    const std::size_t length = std::min(text.find(separator), text.size());
    if (length > 0) result.emplace_back(text.substr(0, length));
    text.remove_prefix(std::min(length + 1, text.size()));
  }
  return result;
}

bool flag(const char* name) {
  const std::string_view value = variable(name);
  check_argument(value.empty() || value == "0" || value == "1", name, ": expected 0 or 1, got \"", value, "\"");
  return value == "1";
}

bool contains(const std::vector<std::string>& words, std::string_view word) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

}  // namespace

bool Switches::dumps(std::string_view what) const { return contains(dump, what); }
bool Switches::disables(std::string_view pass) const { return contains(disable, pass); }

Switches read_switches() {
  return {.dump = parts<std::string>(variable("KERATIN_DUMP"), ','),
          .disable = parts<std::string>(variable("KERATIN_DISABLE"), ','),
          .check_finite = flag("KERATIN_CHECK_FINITE"),
          .instruction_set = std::string(variable("KERATIN_INSTRUCTION_SET")),
          .profile = variable("KERATIN_PROFILE"),
          .plugin_path = parts<std::filesystem::path>(variable("KERATIN_PLUGIN_PATH"), ':')};
}

}  // namespace keratin
