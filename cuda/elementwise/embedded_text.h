// Device code as text, for compiling it at run time. Made by embedded_text.cmake from the files that say it.
#pragma once

#include <string_view>

namespace keratin::cuda {

/// functions.cuh, with what it includes, and groups.cuh.
extern const std::string_view functions_text;

}  // namespace keratin::cuda
