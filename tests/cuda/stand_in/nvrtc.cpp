#include "stand_in/nvrtc.h"

#include <dlfcn.h>

#include <cstdlib>
#include <cstring>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/check.h"
#include "base/file.h"
#include "support/temporary_folder.h"

namespace keratin::cuda::stand_in {
namespace {

/// What an nvrtcProgram is here.
struct HostProgram {
  std::string text, log = {};
  std::vector<std::byte> code = {};  // behind its size
};
HostProgram& host(nvrtcProgram program) { return *reinterpret_cast<HostProgram*>(program); }

/// The words of device code, for one thread at a time. Of the language's <math.h>, which takes longer to compile than a
/// kernel, only C's part and the overloads for float.
constexpr std::string_view before = R"(
#define _GLIBCXX_INCLUDE_NEXT_C_HEADERS
#include <math.h>
#define KERATIN_OVERLOAD(function) inline float function(float x) { return __builtin_##function##f(x); }
KERATIN_OVERLOAD(sqrt) KERATIN_OVERLOAD(exp) KERATIN_OVERLOAD(log) KERATIN_OVERLOAD(log1p) KERATIN_OVERLOAD(expm1)
KERATIN_OVERLOAD(sin) KERATIN_OVERLOAD(cos) KERATIN_OVERLOAD(tanh) KERATIN_OVERLOAD(erf) KERATIN_OVERLOAD(floor)
KERATIN_OVERLOAD(ceil) KERATIN_OVERLOAD(nearbyint)
inline float pow(float x, float y) { return __builtin_powf(x, y); }
#define __global__
#define __device__
#define __launch_bounds__(...)
namespace stand_in {
struct Index { unsigned x, y, z; };
struct Place { Index thread, block, block_size, grid_size; };
static Place place;
template <class... Parameters> struct Call {
  Call(void (*kernel)(Parameters...), Parameters... values) { kernel(values...); }
};
template <class... Parameters> void call(void (*kernel)(Parameters...), void** arguments) {
  Call<Parameters...>{kernel, *static_cast<Parameters*>(*arguments++)...};  // from left to right, as braces want it
}
}
#define threadIdx (::stand_in::place.thread)
#define blockIdx (::stand_in::place.block)
#define blockDim (::stand_in::place.block_size)
#define gridDim (::stand_in::place.grid_size)
)";
static_assert(sizeof(Place) == 12 * sizeof(unsigned));  // as that text's

/// The names of the text's extern "C" kernels.
std::vector<std::string> kernels_in(const std::string& text) {
  const std::string_view begin = "extern \"C\" __global__ void __launch_bounds__(";
  std::vector<std::string> names;
  for (std::size_t at = text.find(begin); at != text.npos; at = text.find(begin, at + 1)) {
    const std::size_t name = text.find(')', at) + 2;
    names.push_back(text.substr(name, text.find('(', name) - name));
  }
  return names;
}

std::string host_text(const std::string& text) {
  std::string out = concat(before, text);
  for (const std::string& name : kernels_in(text))
    out += concat("extern \"C\" [[gnu::visibility(\"default\")]] void ", name,
                  "_stand_in(void** arguments, const ::stand_in::Place& place) {\n  ::stand_in::place = place;\n",
                  "  ::stand_in::call(", name, ", arguments);\n}\n");
  return out;
}

nvrtcResult version(int* major, int* minor) {
  *major = 0;  // no NVRTC's
  *minor = 1;
  return NVRTC_SUCCESS;
}
const char* error_string(nvrtcResult result) {
  return result == NVRTC_ERROR_COMPILATION ? "NVRTC_ERROR_COMPILATION" : "an error of the stand-in for NVRTC";
}
nvrtcResult architecture_count(int* count) {
  *count = 1;
  return NVRTC_SUCCESS;
}
nvrtcResult architectures(int* all) {
  *all = 90;
  return NVRTC_SUCCESS;
}
nvrtcResult create_program(nvrtcProgram* program, const char* text, const char*, int, const char* const*,
                           const char* const*) {
  *program = reinterpret_cast<nvrtcProgram>(new HostProgram{text});
  return NVRTC_SUCCESS;
}
nvrtcResult destroy_program(nvrtcProgram* program) {
  delete &host(*program);
  *program = nullptr;
  return NVRTC_SUCCESS;
}

nvrtcResult compile_program(nvrtcProgram program, int, const char* const*) {
  HostProgram& own = host(program);
  const testing::TemporaryFolder folder;
  const std::string from = folder.write("kernel.cpp", host_text(own.text)), to = folder / "kernel.so";
  // Contracts nothing, as NVRTC is told to; the rest is for compiling quickly.
  const std::string command =
      concat("c++ -std=c++20 -O1 -ffp-contract=off -fno-strict-aliasing -fno-exceptions -fPIC -shared ",
             "-fvisibility=hidden -w -o '", to, "' '", from, "' 2> '", (folder / "log").string(), "'");
  if (std::system(command.c_str()) != 0) {
    own.log = folder.read("log");
    return NVRTC_ERROR_COMPILATION;
  }
  const std::vector<std::byte> library = read_file(to);
  append_little_endian(own.code, static_cast<std::uint64_t>(library.size()));
  own.code.insert(own.code.end(), library.begin(), library.end());
  return NVRTC_SUCCESS;
}

nvrtcResult log_size(nvrtcProgram program, std::size_t* size) {
  *size = host(program).log.size() + 1;
  return NVRTC_SUCCESS;
}
nvrtcResult log(nvrtcProgram program, char* to) {
  std::strcpy(to, host(program).log.c_str());
  return NVRTC_SUCCESS;
}
nvrtcResult code_size(nvrtcProgram program, std::size_t* size) {
  *size = host(program).code.size();
  return NVRTC_SUCCESS;
}
nvrtcResult code(nvrtcProgram program, char* to) {
  std::memcpy(to, host(program).code.data(), host(program).code.size());
  return NVRTC_SUCCESS;
}

}  // namespace

const Nvrtc& host_nvrtc() {
  static const Nvrtc functions{version,
                               error_string,
                               architecture_count,
                               architectures,
                               create_program,
                               destroy_program,
                               compile_program,
                               log_size,
                               log,
                               code_size,
                               code,
                               code_size,
                               code};
  return functions;
}

void* open_code(const void* code) {
  const std::span header(static_cast<const std::byte*>(code), sizeof(std::uint64_t));
  const auto size = static_cast<std::size_t>(read_little_endian<std::uint64_t>(header));
  const testing::TemporaryFolder folder;  // of a name of its own: the loader knows libraries by their paths
  folder.write("kernel.so", {reinterpret_cast<const char*>(header.data() + header.size()), size});
  return dlopen((folder / "kernel.so").c_str(), RTLD_NOW | RTLD_LOCAL);
}

Entry entry_of(void* library, const char* name) {
  return reinterpret_cast<Entry>(dlsym(library, concat(name, "_stand_in").c_str()));
}

}  // namespace keratin::cuda::stand_in

namespace keratin::cuda {

/// Programs are interpreted unless the environment says otherwise: compiling each takes a good part of a second.
const Nvrtc& nvrtc() {
  const char* const asked = std::getenv("KERATIN_STAND_IN_NVRTC");
  if (asked != nullptr && std::string_view(asked) == "1") return stand_in::host_nvrtc();
  throw UnsupportedError("NVRTC: expected KERATIN_STAND_IN_NVRTC=1 for the tests' stand-in, got none");
}

}  // namespace keratin::cuda
