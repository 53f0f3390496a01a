// FieldList: what describe() names, as text, written and read back, for objects made of plain values.
#pragma once

#include <initializer_list>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/text.h"
#include "keratin/error.h"
#include "keratin/fields.h"

namespace keratin::testing {

class FieldList final : public Fields {
 public:
  using Values = std::map<std::string, std::string, std::less<>>;
  /// Writes down what it visits.
  FieldList() = default;
  /// Sets what it visits from these, and leaves the rest.
  static FieldList of(std::initializer_list<Values::value_type> values) {
    FieldList list;
    list.reading_ = true;
    list.values_ = values;
    return list;
  }

  /// In the order of the visit.
  const std::vector<std::string>& names() const { return names_; }
  const std::string& at(std::string_view name) const { return values_.find(name)->second; }
  const Values& values() const { return values_; }

 protected:
  bool omits_defaults() const override { return false; }
  bool present(std::string_view name, bool has_value) override {
    const auto found = values_.find(name);
    if (reading_) return found == values_.end() ? has_value : found->second != "None";
    if (!has_value) write(name, "None");
    return has_value;
  }
  void field(std::string_view name, bool& value) override {
    if (const std::string* text = visit(name, value ? "true" : "false")) value = *text == "true";
  }
  void field(std::string_view name, int& value) override {
    if (const std::string* text = visit(name, concat(value))) value = std::stoi(*text);
  }
  void field(std::string_view name, std::int64_t& value) override {
    if (const std::string* text = visit(name, concat(value))) value = std::stoll(*text);
  }
  void field(std::string_view name, double& value) override {
    if (const std::string* text = visit(name, concat(value))) value = std::stod(*text);
  }
  void field(std::string_view name, std::string& value) override {
    if (const std::string* text = visit(name, value)) value = *text;
  }
  void field(std::string_view name, Shape&) override { refuse(name); }
  void field(std::string_view name, DType&) override { refuse(name); }
  void field(std::string_view name, std::vector<int>&) override { refuse(name); }
  void field(std::string_view name, std::vector<std::int64_t>&) override { refuse(name); }
  void field(std::string_view name, std::vector<double>&) override { refuse(name); }
  void field(std::string_view name, std::vector<std::vector<std::int64_t>>&) override { refuse(name); }
  void field(std::string_view name, Ref<ActivationFunction>&) override { refuse(name); }
  void field(std::string_view name, Ref<Initializer>&) override { refuse(name); }
  void field(std::string_view name, Ref<Regularizer>&) override { refuse(name); }
  void field(std::string_view name, Ref<Optimizer>&) override { refuse(name); }
  void field(std::string_view name, Ref<Layer>&) override { refuse(name); }

 private:
  /// What is to be read, if anything is.
  const std::string* visit(std::string_view name, std::string value) {
    if (!reading_) return write(name, std::move(value)), nullptr;
    const auto found = values_.find(name);
    return found == values_.end() ? nullptr : &found->second;
  }
  void write(std::string_view name, std::string value) {
    names_.emplace_back(name);
    values_.emplace(name, std::move(value));
  }
  [[noreturn]] static void refuse(std::string_view name) {
    throw InternalError(concat("FieldList: expected a plain value, got ", name));
  }

  bool reading_ = false;
  std::vector<std::string> names_;
  Values values_;
};

inline FieldList fields_of(Configurable& object) {
  FieldList list;
  object.describe(list);
  return list;
}

}  // namespace keratin::testing
