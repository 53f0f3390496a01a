#include "graph/config.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

namespace keratin {

std::string to_text(const Json& json) {
  try {
    return json.dump();
  } catch (const Json::exception& error) {
    throw ValueError(concat("config: expected names in UTF-8, got \"", error.what(), "\""));
  }
}

Json parse_json(std::string_view text) {
  static constexpr int deepest = 1000;  // what reads and prints documents recurses, and stacks end
  const auto check_depth = [](int depth, Json::parse_event_t, const Json&) {
    check_argument(depth <= deepest, "expected JSON of at most ", deepest, " levels, got more");
    return true;
  };
  try {
    return Json::parse(text, check_depth);
  } catch (const Json::exception& error) {
    throw ValueError(concat("expected JSON, got \"", error.what(), "\""));
  }
}

std::string excerpt(const Json& json) {
  constexpr std::size_t most = 60;
  std::string text = json.dump(-1, ' ', true, Json::error_handler_t::replace);
  if (text.size() > most) text = text.substr(0, most) + "…";
  return text;
}

// ---- places
// ---------------------------------------------------------------------------------------------------------------

bool ConfigPlace::is_null() const { return value_->is_null(); }
bool ConfigPlace::is_text() const { return value_->is_string(); }

void ConfigPlace::fail(std::string_view expected) const {
  throw ValueError(concat(path_.empty() ? "" : path_ + ": ", "expected ", expected, ", got ", excerpt(*value_)));
}

bool ConfigPlace::contains(std::string_view key) const { return value_->is_object() && value_->contains(key); }

ConfigPlace ConfigPlace::at(std::string_view key) const {
  if (!value_->is_object()) fail(concat("an object with \"", key, "\""));
  const auto found = value_->find(key);
  if (found == value_->end()) fail(concat("an object with \"", key, "\""));
  return {*found, path_.empty() ? std::string(key) : concat(path_, ".", key)};
}

ConfigPlace ConfigPlace::at(std::size_t index) const {
  if (index >= size()) fail(concat("a list of more than ", index, " items"));
  return {(*value_)[index], concat(path_, "[", index, "]")};
}

std::size_t ConfigPlace::size() const {
  if (!value_->is_array()) fail("a list");
  return value_->size();
}

std::string ConfigPlace::text() const {
  if (!value_->is_string()) fail("a string");
  return value_->get<std::string>();
}

std::int64_t ConfigPlace::integer() const {
  if (!value_->is_number_integer()) fail("an integer");
  if (value_->is_number_unsigned() &&
      value_->get<std::uint64_t>() > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max()))
    fail("an integer below 2^63");
  return value_->get<std::int64_t>();
}

bool ConfigPlace::boolean() const {
  if (!value_->is_boolean()) fail("true or false");
  return value_->get<bool>();
}

Shape ConfigPlace::shape() const {
  std::vector<std::int64_t> extents;
  for (std::size_t i = 0; i < size(); ++i) {
    const ConfigPlace extent = at(i);
    extents.push_back(extent.is_null() ? unknown : extent.integer());
    if (extents.back() < 0 && extents.back() != unknown) extent.fail("an extent or null");
  }
  return Shape(std::move(extents));
}

// ---- writing
// --------------------------------------------------------------------------------------------------------------

namespace {

class FieldsWriter final : public Fields {
 public:
  FieldsWriter(ObjectWriter& objects, std::string_view who) : objects_(objects), who_(who) {}
  Json take() { return std::move(config_); }

 protected:
  bool omits_defaults() const override { return true; }
  bool present(std::string_view name, bool has_value) override {
    if (!has_value) put(name, nullptr);
    return has_value;
  }
  void field(std::string_view name, bool& value) override { put(name, value); }
  void field(std::string_view name, int& value) override { put(name, value); }
  void field(std::string_view name, std::int64_t& value) override { put(name, value); }
  void field(std::string_view name, double& value) override { put(name, checked(name, value)); }
  void field(std::string_view name, std::string& value) override { put(name, value); }
  void field(std::string_view name, Shape& value) override {
    Json extents = Json::array();
    for (const std::int64_t extent : value) extents.push_back(extent == unknown ? Json() : Json(extent));
    put(name, std::move(extents));
  }
  void field(std::string_view name, DType& value) override { put(name, to_string(value)); }
  void field(std::string_view name, std::vector<int>& value) override { put(name, value); }
  void field(std::string_view name, std::vector<std::int64_t>& value) override { put(name, value); }
  void field(std::string_view name, std::vector<double>& value) override {
    for (const double number : value) checked(name, number);
    put(name, value);
  }
  void field(std::string_view name, std::vector<std::vector<std::int64_t>>& value) override { put(name, value); }
  void field(std::string_view name, Ref<ActivationFunction>& value) override {
    put(name, objects_.activation(*value, place(name)));
  }
  void field(std::string_view name, Ref<Initializer>& value) override {
    put(name, objects_.object(*value, "keras.initializers", place(name)));
  }
  void field(std::string_view name, Ref<Regularizer>& value) override {
    put(name, objects_.object(*value, "keras.regularizers", place(name)));
  }
  void field(std::string_view name, Ref<Optimizer>& value) override {
    put(name, objects_.object(*value, "keras.optimizers", place(name)));
  }
  void field(std::string_view name, Ref<Layer>& value) override { put(name, value ? objects_.layer(*value) : Json()); }

 private:
  std::string place(std::string_view name) const { return concat(who_, ": ", name); }
  void put(std::string_view name, Json value) { config_[std::string(name)] = std::move(value); }
  /// JSON has no other numbers.
  double checked(std::string_view name, double value) const {
    check_argument(std::isfinite(value), place(name), ": expected a finite number to save, got ", value);
    return value;
  }

  ObjectWriter& objects_;
  std::string_view who_;
  Json config_ = Json::object();
};

}  // namespace

Json ObjectWriter::describe(Configurable& object, std::string_view who) {
  FieldsWriter fields(*this, who);
  object.describe(fields);
  return fields.take();
}

Json ObjectWriter::activation(ActivationFunction& function, std::string_view who) {
  return function.function_name() ? named_function(function, who) : Json(function.name());
}

Json ObjectWriter::in_form(const Configurable& object, const char* module, Json config) {
  Json form = Json::object();
  form["module"] = module != nullptr ? Json(module) : Json();
  form["class_name"] = object.class_name();
  form["config"] = std::move(config);
  form["registered_name"] = module != nullptr ? Json() : Json(object.class_name());
  return form;
}

Json ObjectWriter::named_function(const Configurable& function, std::string_view who) {
  const std::string name = function.function_name().value_or("");
  if (name.empty())
    throw UnsupportedError(
        concat(who,
               ": expected a function with a name to save, got one without; give it one where it is made, "
               "from_function(f, \"name\"), and to CustomObjects where the model is loaded"));
  Json form = Json::object();
  form["module"] = "builtins";
  form["class_name"] = "function";
  form["config"] = name;
  form["registered_name"] = name;
  return form;
}

// ---- reading
// --------------------------------------------------------------------------------------------------------------

namespace {

class FieldsReader final : public Fields {
 public:
  FieldsReader(ObjectReader& objects, const ConfigPlace& config, const std::vector<std::string_view>& also_known)
      : objects_(objects), config_(config), known_(also_known.begin(), also_known.end()) {
    if (!config_->is_object()) config_.fail("an object with members");
  }

  void refused(std::string_view name) override {
    const auto place = find(name);
    if (place && !place->is_null() && **place != Json(false))
      throw UnsupportedError(
          concat(place->path(), ": expected null or false, which is all that is there yet, got ", excerpt(**place)));
  }
  /// Refuses objects that nobody has asked for.
  void check_the_rest() const {
    for (const auto& [key, value] : config_->items()) {
      if (!value.is_object() || !value.contains("class_name") ||
          std::find(known_.begin(), known_.end(), key) != known_.end())
        continue;
      throw UnsupportedError(
          concat(config_.path(), ".", key, ": expected null, which is all that is there yet, got ", excerpt(value)));
    }
  }

 protected:
  bool omits_defaults() const override { return false; }
  bool present(std::string_view name, bool has_value) override {
    known_.emplace_back(name);
    return config_.contains(name) ? !config_.at(name).is_null() : has_value;
  }
  void field(std::string_view name, bool& value) override {
    if (const auto place = find(name)) value = place->boolean();
  }
  void field(std::string_view name, int& value) override {
    if (const auto place = find(name)) value = small(*place);
  }
  void field(std::string_view name, std::int64_t& value) override {
    if (const auto place = find(name)) value = place->integer();
  }
  void field(std::string_view name, double& value) override {
    if (const auto place = find(name)) value = number(*place);
  }
  void field(std::string_view name, std::string& value) override {
    if (const auto place = find(name)) value = place->text();
  }
  void field(std::string_view name, Shape& value) override {
    if (const auto place = find(name)) value = place->shape();
  }
  void field(std::string_view name, DType& value) override {
    if (const auto place = find(name)) value = in_place(*place, [&] { return dtype_from_name(place->text()); });
  }
  void field(std::string_view name, std::vector<int>& value) override {
    if (const auto place = find(name)) value = list<int>(*place, small);
  }
  void field(std::string_view name, std::vector<std::int64_t>& value) override {
    if (const auto place = find(name)) value = integers(*place);
  }
  void field(std::string_view name, std::vector<std::vector<std::int64_t>>& value) override {
    if (const auto place = find(name)) value = list<std::vector<std::int64_t>>(*place, integers);
  }
  void field(std::string_view name, std::vector<double>& value) override {
    if (const auto place = find(name)) value = list<double>(*place, number);
  }
  void field(std::string_view name, Ref<ActivationFunction>& value) override {
    if (const auto place = find(name)) value = objects_.activation(*place);
  }
  void field(std::string_view name, Ref<Initializer>& value) override {
    if (const auto place = find(name)) value = objects_.object<Initializer>(*place, "initializer");
  }
  void field(std::string_view name, Ref<Regularizer>& value) override {
    if (const auto place = find(name)) value = objects_.object<Regularizer>(*place, "regularizer");
  }
  void field(std::string_view name, Ref<Optimizer>& value) override {
    if (const auto place = find(name)) value = objects_.object<Optimizer>(*place, "optimizer");
  }
  void field(std::string_view name, Ref<Layer>& value) override {
    const auto place = find(name);
    if (place) value = place->is_null() ? Ref<Layer>() : Ref<Layer>(objects_.layer(*place));
  }

 private:
  std::optional<ConfigPlace> find(std::string_view name) {
    known_.emplace_back(name);
    return config_.contains(name) ? std::optional(config_.at(name)) : std::nullopt;
  }
  static int small(const ConfigPlace& place) {
    const std::int64_t value = place.integer();
    if (value < std::numeric_limits<int>::min() || value > std::numeric_limits<int>::max())
      place.fail("an integer of 32 bits");
    return static_cast<int>(value);
  }
  static double number(const ConfigPlace& place) {
    if (!place->is_number()) place.fail("a number");
    return place->get<double>();
  }
  static std::vector<std::int64_t> integers(const ConfigPlace& place) {
    return list<std::int64_t>(place, [](const ConfigPlace& item) { return item.integer(); });
  }
  template <class T, class Read> static std::vector<T> list(const ConfigPlace& place, const Read& read) {
    std::vector<T> items;
    for (std::size_t i = 0; i < place.size(); ++i) items.push_back(read(place.at(i)));
    return items;
  }

  ObjectReader& objects_;
  const ConfigPlace& config_;
  std::vector<std::string> known_;
};

}  // namespace

void ObjectReader::describe(Configurable& object, const ConfigPlace& place,
                            const std::vector<std::string_view>& also_known) {
  const ConfigPlace config = place.at("config");
  FieldsReader fields(*this, config, also_known);
  in_place(config, [&] { object.describe(fields); });
  fields.check_the_rest();
}

std::shared_ptr<ActivationFunction> ObjectReader::activation(const ConfigPlace& place) const {
  if (place.is_null()) return ActivationFunction::from_name("linear");
  if (place.is_text()) return named<ActivationFunction>(place, place.text());
  if (place.at("class_name").text() == "function") return named<ActivationFunction>(place, place.at("config").text());
  if (auto made = custom<ActivationFunction>(place)) return made;
  refuse_unknown(place, "activation");
}

std::vector<std::string> ObjectReader::names_of(const ConfigPlace& place) {
  std::vector<std::string> names;
  if (place.contains("registered_name") && !place.at("registered_name").is_null()) {
    names.push_back(place.at("registered_name").text());
    const std::size_t package = names.back().rfind('>');
    if (package != std::string::npos) names.push_back(names.back().substr(package + 1));
  }
  names.push_back(place.at("class_name").text());
  return names;
}

void ObjectReader::refuse_unknown(const ConfigPlace& place, const char* kind) {
  throw ValueError(concat(place.path(), ": expected a known ", kind, ", got ", excerpt(*place.at("class_name")),
                          "; if the class is your own, hand it over: CustomObjects().add<YourClass>(",
                          excerpt(*place.at("class_name")), ")"));
}

}  // namespace keratin
