// FieldWriter: an op's attributes, written once for printing, for equality and for hashing.
#pragma once

#include <cstdint>
#include <sstream>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "base/text.h"
#include "keratin/types.h"

namespace KERATIN_INTERNAL_EXPORT keratin {

/// Collects "name=value" pairs. Two ops of the same name and the same key compute the same.
class FieldWriter {
 public:
  template <class T> void operator()(std::string_view name, const T& value) {
    if (!text_.empty()) text_ += ", ";
    text_.append(name) += '=';
    if constexpr (std::is_convertible_v<const T&, std::string_view>) {
      text_ += std::string_view(value);
    } else {
      text_ += concat(value);
    }
  }
  void operator()(std::string_view name, bool value) { (*this)(name, value ? "true" : "false"); }
  void operator()(std::string_view name, double value);  // to the last bit
  void operator()(std::string_view name, const std::vector<int>& values) {
    (*this)(name, "[" + join(values, " ") + "]");
  }
  void operator()(std::string_view name, const std::vector<std::int64_t>& values) {
    (*this)(name, "[" + join(values, " ") + "]");
  }
  /// What tells a reader something but may change while a graph is written: a variable's path.
  void label(std::string_view name, std::string_view value) {
    label_ += concat(label_.empty() ? "" : ", ", name, "=", value);
  }
  /// What distinguishes two ops but says nothing to a reader: an object's address.
  void identity(const void* object) { identity_ += concat("@", object); }

  std::string text() const { return concat(label_, label_.empty() || text_.empty() ? "" : ", ", text_); }
  std::string key() const { return text_ + identity_; }

 private:
  std::string text_;
  std::string label_;
  std::string identity_;
};

}  // namespace keratin
