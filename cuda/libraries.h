// Libraries of the vendor, opened when they are first of use: so a program starts where they are not, and says why.
#pragma once

#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace keratin::cuda {

/// A library that may be there.
struct VendorLibrary {
  std::string_view name;             // in messages: "NVRTC"
  std::vector<std::string> sonames;  // the versions that we know the functions of, the best first
  std::string_view package;          // what to install: "the CUDA Toolkit 13"
};

/// One that is there; never closed.
struct OpenLibrary {
  void* handle;
  std::string soname;
};

/// Where a CUDA Toolkit keeps its libraries: $CUDA_PATH/lib64, then the usual place.
std::vector<std::filesystem::path> toolkit_folders();

/// Opens the first soname that is there, by the loader's own search or else in one of the folders. Throws
/// UnsupportedError that says what was looked for, where, and what to install.
OpenLibrary open_library(const VendorLibrary& library,
                         std::span<const std::filesystem::path> folders = toolkit_folders());

/// A function of the library. Throws UnsupportedError if it has none of this name.
void* symbol(const OpenLibrary& library, const char* name);

/// The same as what it is: find(functions.version, library, "nvrtcVersion").
template <class Function> void find(Function*& to, const OpenLibrary& library, const char* name) {
  to = reinterpret_cast<Function*>(symbol(library, name));
}

}  // namespace keratin::cuda
