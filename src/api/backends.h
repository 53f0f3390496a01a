// The list of backends.
#pragma once

#include <string_view>

#include "runtime/backend.h"

namespace KERATIN_INTERNAL_EXPORT keratin {

/// The backend for "auto", "cpu", … . Throws UnsupportedError that says why a device is not there, ValueError for no
/// device.
const Backend& backend_for(std::string_view device);

}  // namespace keratin
