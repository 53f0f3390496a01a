// Configurable: the default name of a class in files. Fields: members that are made of plainer ones.
#include <cxxabi.h>

#include <cstdlib>
#include <memory>
#include <string>
#include <typeinfo>

#include "base/check.h"
#include "keratin/fields.h"

namespace keratin {

void Fields::operator()(std::string_view name, Size2D& value) {
  std::vector<std::int64_t> pair{value.height, value.width};
  field(name, pair);
  check_argument(pair.size() == 2, name, ": expected height and width, got ", pair.size(), " numbers");
  value = Size2D(pair[0], pair[1]);
}

void Fields::operator()(std::string_view name, std::optional<Size2D>& value) {
  if (!present(name, value.has_value())) {
    value.reset();
    return;
  }
  Size2D numbers = value.value_or(Size2D(1));
  (*this)(name, numbers);
  value = numbers;
}

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
