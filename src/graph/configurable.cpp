// Configurable: the default name of a class in files.
#include <cxxabi.h>

#include <cstdlib>
#include <memory>
#include <string>
#include <typeinfo>

#include "keratin/fields.h"

namespace keratin {

std::string Configurable::class_name() const {
  int status = 0;
  const char* mangled = typeid(*this).name();
  const std::unique_ptr<char, void (*)(void*)> demangled(abi::__cxa_demangle(mangled, nullptr, nullptr, &status),
                                                         std::free);
  const std::string qualified = status == 0 ? demangled.get() : mangled;
  const std::string own =
      qualified.substr(0, qualified.find('<'));  // a template's arguments have namespaces of their own
  const std::size_t colon = own.rfind("::");
  return colon == std::string::npos ? own : own.substr(colon + 2);
}

std::optional<std::string> Configurable::function_name() const { return std::nullopt; }
void Configurable::describe(Fields&) {}

}  // namespace keratin
