// Components: the parts of Keratin that an application may do without, because they bring libraries of others. A shared
// build keeps each in a library of its own, libkeratin_<name>.so, opened when it is first asked for; a static build
// links the chosen ones and hands in a table of them. Either way a component is a table of functions of its own, behind
// one entry.
#pragma once

#include <filesystem>
#include <span>
#include <string_view>
#include <vector>

#include "base/build_id.h"
#include "keratin/export.h"

namespace KERATIN_INTERNAL_EXPORT keratin {

/// A component that is linked in. What entry() returns is the component's interface; who asks knows its type.
struct ComponentEntry {
  const char* name;
  const void* (*entry)();
};

/// What the C entry of a component's library answers.
struct ComponentAnswer {
  const char* build_id;  // of the headers it was compiled with; another than ours is refused
  const void* component;
};

/// The component's interface: from the linked ones, else from its library in one of the folders or beside this one.
/// Throws UnsupportedError that names the component and how to get it. May be called by several threads, and again: a
/// library is opened once and never closed.
const void* load_component(std::string_view name, std::span<const ComponentEntry> linked,
                           std::span<const std::filesystem::path> plugin_path);

/// From libkeratin_<name>.so in the first of the folders that has it. Throws UnsupportedError if none has, if it cannot
/// be opened, and if it belongs to another build.
const void* open_component(std::string_view name, std::span<const std::filesystem::path> folders);

}  // namespace keratin

/// In a component's library, once: answers with what `entry`, a const void* (*)(), returns. The number in the name is
/// the version of ComponentAnswer.
#define KERATIN_COMPONENT_LIBRARY(entry)                                                       \
  extern "C" [[gnu::visibility("default")]] ::keratin::ComponentAnswer keratin_component_1() { \
    return {::keratin::kBuildId, (entry)()};                                                   \
  }                                                                                            \
  static_assert(true, "to be followed by a semicolon")
