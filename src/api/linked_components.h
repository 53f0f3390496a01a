// Which components were linked with the core: a table that the build writes (cmake/components.cmake).
#pragma once

#include <span>

#include "base/plugin.h"
#include "keratin/export.h"

namespace KERATIN_INTERNAL_EXPORT keratin {

/// Empty where components are libraries of their own.
std::span<const ComponentEntry> linked_components();

}  // namespace keratin
