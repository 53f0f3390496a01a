#include "cuda/libraries.h"

#include <dlfcn.h>

#include <cstdlib>
#include <system_error>

#include "base/check.h"

namespace keratin::cuda {
namespace {

std::string last_problem() {
  const char* const problem = dlerror();
  return problem != nullptr ? problem : "no reason given";
}

/// null if there is none; a file that is there and cannot be opened adds to the problems.
void* opened(const std::string& soname, std::span<const std::filesystem::path> folders, std::string& problems) {
  if (void* const handle = dlopen(soname.c_str(), RTLD_NOW | RTLD_LOCAL)) return handle;
  for (const std::filesystem::path& folder : folders) {
    std::error_code ignored;
    const std::filesystem::path path = std::filesystem::absolute(folder / soname, ignored);
    if (!std::filesystem::exists(path, ignored)) continue;
    if (void* const handle = dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL)) return handle;
    problems += concat("; ", last_problem());
  }
  return nullptr;
}

}  // namespace

std::vector<std::filesystem::path> toolkit_folders() {
  std::vector<std::filesystem::path> folders;
  // The toolkit's variable, not one of ours: base/environment.h does not list it.
  if (const char* const path = std::getenv("CUDA_PATH"); path != nullptr && *path != '\0')
    folders.push_back(std::filesystem::path(path) / "lib64");
  folders.emplace_back("/usr/local/cuda/lib64");
  folders.emplace_back("/usr/local/cuda/lib");
  return folders;
}

OpenLibrary open_library(const VendorLibrary& library, std::span<const std::filesystem::path> folders) {
  std::string problems, searched;
  for (const std::string& soname : library.sonames)
    if (void* const handle = opened(soname, folders, problems)) return {handle, soname};
  for (const std::filesystem::path& folder : folders) searched += ", " + folder.string();
  throw UnsupportedError(concat(library.name, ": expected ", join(library.sonames, " or "),
                                " where the loader looks (LD_LIBRARY_PATH, ldconfig)", searched, ", got none", problems,
                                "; install ", library.package, " or set CUDA_PATH to where it is"));
}

void* symbol(const OpenLibrary& library, const char* name) {
  if (void* const found = dlsym(library.handle, name)) return found;
  throw UnsupportedError(concat(library.soname, ": expected the function ", name,
                                ", got a library without it; install the version that Keratin was built for"));
}

}  // namespace keratin::cuda
