// The list of backends.
#pragma once

#include <string_view>

#include "runtime/backend.h"

namespace KERATIN_INTERNAL_EXPORT keratin {

/// The backend for "auto", which is the CPU for as long as the CUDA backend has not been proved on a GPU, "cpu",
/// "cuda", "cuda:1". Throws UnsupportedError that says why CUDA is not there, ValueError for what names no device.
const Backend& backend_for(std::string_view device);

}  // namespace keratin
