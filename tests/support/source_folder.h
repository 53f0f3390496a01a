// Where the sources are, for tests that hold them against a rule.
#pragma once

#include <filesystem>

namespace keratin::testing {

std::filesystem::path source_folder();

}  // namespace keratin::testing
