#include "base/environment.h"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <span>

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

bool contains(const auto& words, std::string_view word) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

constexpr std::array<std::string_view, 2> texts{"graph", "program"};
/// In the order of src/compiler/compile.cpp; expand_ops, which backends cannot do without, is no choice.
constexpr std::array<std::string_view, 6> passes{
    "simplify", "fuse_softmax_crossentropy", "turn_factors", "fuse_elementwise", "fuse_products", "form_strips"};

/// The words of a list, each of which must be known.
std::vector<std::string> words(const char* name, std::span<const std::string_view> known) {
  std::vector<std::string> out = parts<std::string>(variable(name), ',');
  for (const std::string& word : out)
    check_argument(contains(known, word), name, ": expected names among ", join(known, ", "), ", got \"", word, "\"");
  return out;
}

}  // namespace

bool Switches::dumps(std::string_view what) const {
  KERATIN_ASSERT(contains(texts, what));
  return contains(dump, what);
}
bool Switches::disables(std::string_view pass) const {
  KERATIN_ASSERT(contains(passes, pass));
  return contains(disable, pass);
}

Switches read_switches() {
  return {.dump = words("KERATIN_DUMP", texts),
          .disable = words("KERATIN_DISABLE", passes),
          .check_finite = flag("KERATIN_CHECK_FINITE"),
          .instruction_set = std::string(variable("KERATIN_INSTRUCTION_SET")),
          .profile = variable("KERATIN_PROFILE"),
          .kernel_cache = std::string(variable("KERATIN_KERNEL_CACHE")),
          .plugin_path = parts<std::filesystem::path>(variable("KERATIN_PLUGIN_PATH"), ':')};
}

}  // namespace keratin
