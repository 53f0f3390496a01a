// gzip, written: for tests of what reads it.
#pragma once

#include <string>
#include <string_view>

namespace keratin::testing {

/// One gzip member.
std::string gzipped(std::string_view content);

}  // namespace keratin::testing
