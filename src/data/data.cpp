// Data: arrays in order or by name.
#include "keratin/data.h"

#include <algorithm>

#include "base/check.h"

namespace keratin {

Data::Data(std::initializer_list<std::pair<std::string_view, Array>> by_name) {
  for (const auto& [name, array] : by_name) {
    names_.emplace_back(name);
    arrays_.push_back(array);
  }
}

Data::Data(const std::map<std::string, Array, std::less<>>& by_name) {
  for (const auto& [name, array] : by_name) {
    names_.push_back(name);
    arrays_.push_back(array);
  }
}

const Array& Data::array() const {
  check_argument(arrays_.size() == 1, "Data: expected one array, got ", arrays_.size(), "; ask for one with at()");
  return arrays_[0];
}

const Array& Data::at(std::size_t index) const {
  check_argument(index < arrays_.size(), "Data: expected an index below ", arrays_.size(), ", got ", index);
  return arrays_[index];
}

const Array& Data::at(std::string_view name) const {
  const auto found = std::find(names_.begin(), names_.end(), name);
  check_argument(found != names_.end(), "Data: expected one of ",
                 names_.empty() ? "no names at all" : join(names_, ", "), ", got ", name);
  return arrays_[static_cast<std::size_t>(found - names_.begin())];
}

std::vector<Array> Data::in_order(const std::vector<std::string>& names, std::string_view who) const {
  check_argument(arrays_.size() == names.size(), who, ": expected ", names.size(),
                 names.size() == 1 ? " array" : " arrays", " (", join(names, ", "), "), got ", arrays_.size(),
                 "; give one for each, in this order or by name");
  if (names_.empty()) return arrays_;
  std::vector<Array> out;
  for (const std::string& name : names) {
    const auto found = std::find(names_.begin(), names_.end(), name);
    check_argument(found != names_.end(), who, ": expected an array named ", name, ", got ", join(names_, ", "),
                   "; arrays are called as the model's layers");
    out.push_back(arrays_[static_cast<std::size_t>(found - names_.begin())]);
  }
  return out;
}

}  // namespace keratin
