#include "formats/onnx/names.h"

#include "base/text.h"

namespace keratin {

std::string UniqueNames::make(const std::string& wanted) {
  std::string name = wanted;
  for (int count = 1; !taken_.insert(name).second; ++count) name = concat(wanted, "_", count);
  return name;
}

std::string scoped_name(const std::string& scope, std::string_view type) {
  std::string name = scope.empty() ? "" : scope + "/";
  for (std::size_t i = 0; i < type.size(); ++i) {
    const bool upper = 'A' <= type[i] && type[i] <= 'Z';
    if (upper && i > 0) name += '_';
    name += upper ? static_cast<char>(type[i] - 'A' + 'a') : type[i];
  }
  return name;
}

}  // namespace keratin
