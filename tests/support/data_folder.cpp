#include "support/data_folder.h"

#include <cstdlib>
#include <string_view>

namespace keratin::testing {

std::optional<std::filesystem::path> find_data_folder(const std::string& name) {
  const char* const chosen = std::getenv("KERATIN_DATA_DIR");
  const std::filesystem::path parent =
      chosen != nullptr ? std::filesystem::path(chosen) : std::filesystem::path(KERATIN_SOURCE_DIR) / "../shared/data";
  const std::filesystem::path folder = parent / name;
  if (!std::filesystem::is_directory(folder)) return std::nullopt;
  return folder;
}

bool may_not_skip() {
  const char* const ci = std::getenv("CI");
  return ci != nullptr && std::string_view(ci) == "true";
}

}  // namespace keratin::testing
