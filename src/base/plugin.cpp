#include "base/plugin.h"

#include <dlfcn.h>

#include <algorithm>
#include <string>
#include <system_error>

#include "base/check.h"

namespace keratin {
namespace {

constexpr const char* kEntry = "keratin_component_1";
using Entry = ComponentAnswer (*)();

/// Where the library lies that this function is part of.
std::filesystem::path own_folder() {
  Dl_info info = {};
  const bool known = dladdr(reinterpret_cast<const void*>(&load_component), &info) != 0 && info.dli_fname != nullptr;
  return known ? std::filesystem::path(info.dli_fname).parent_path() : std::filesystem::path();
}

std::string switch_of(std::string_view name) {
  std::string option = concat("KERATIN_", name);
  std::transform(option.begin(), option.end(), option.begin(),
                 [](char c) { return 'a' <= c && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c; });
  return option;
}

std::string last_problem() {
  const char* const problem = dlerror();
  return problem != nullptr ? problem : "no reason given";
}

/// The component in a library that exists.
const void* component_in(std::string_view name, const std::filesystem::path& path) {
  void* const library = dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (library == nullptr)
    throw UnsupportedError(concat("component ", name, ": expected to open ", path.string(), ", got \"", last_problem(),
                                  "\"; install the libraries that it needs"));
  const auto entry = reinterpret_cast<Entry>(dlsym(library, kEntry));
  if (entry == nullptr)
    throw UnsupportedError(concat("component ", name, ": expected the entry ", kEntry, " in ", path.string(),
                                  ", got a library without it; it belongs to another version of Keratin"));
  const ComponentAnswer answer = entry();
  if (std::string_view(answer.build_id) != kBuildId)
    throw UnsupportedError(concat("component ", name, ": expected ", path.string(), " to be of the build \"", kBuildId,
                                  "\", got \"", answer.build_id, "\"; install the one that came with this libkeratin"));
  return answer.component;
}

}  // namespace

const void* open_component(std::string_view name, std::span<const std::filesystem::path> folders) {
  KERATIN_ASSERT(!name.empty() && name.find_first_not_of("abcdefghijklmnopqrstuvwxyz_") == name.npos);
  const std::string file = concat("libkeratin_", name, ".so");
  std::string searched;
  for (const std::filesystem::path& folder : folders) {
    std::error_code ignored;
    // With a folder in its path dlopen searches nowhere else.
    const std::filesystem::path path = std::filesystem::absolute(folder / file);
    if (std::filesystem::exists(path, ignored)) return component_in(name, path);
    searched += (searched.empty() ? "" : ", ") + path.parent_path().string();
  }
  throw UnsupportedError(concat("component ", name, ": expected ", file, " in ", searched,
                                ", got none; build Keratin with ", switch_of(name),
                                "=ON, or set KERATIN_PLUGIN_PATH to the folder that has it"));
}

const void* load_component(std::string_view name, std::span<const ComponentEntry> linked,
                           std::span<const std::filesystem::path> plugin_path) {
  for (const ComponentEntry& component : linked) {
    if (component.name == name) return component.entry();
  }
  // A library would bring a second copy of a statically linked core into the process.
  if (!kComponentsAreLibraries)
    throw UnsupportedError(concat("component ", name,
                                  ": expected it to be linked, got a static build without it; build Keratin with ",
                                  switch_of(name), "=ON"));
  std::vector<std::filesystem::path> folders(plugin_path.begin(), plugin_path.end());
  folders.push_back(own_folder());
  return open_component(name, folders);
}

}  // namespace keratin
