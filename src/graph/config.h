// Configurations: what describe() names, as JSON in the form of Keras's get_config() and serialize_keras_object(), and
// back. Layers are written and read by functional/layer_config, which knows models.
#pragma once

#include <cstdint>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <typeinfo>
#include <utility>
#include <vector>

#include "base/check.h"
#include "keratin/activations.h"
#include "keratin/custom_objects.h"
#include "keratin/fields.h"
#include "keratin/initializers.h"
#include "keratin/layer.h"
#include "keratin/optimizers.h"
#include "keratin/regularizers.h"

namespace KERATIN_INTERNAL_EXPORT keratin {

using Json = nlohmann::ordered_json;

/// The text of a document: to be parsed as Json. ValueError if a string in it is not UTF-8.
std::string to_text(const Json& json);
/// ValueError that says where the text is not JSON.
Json parse_json(std::string_view text);
/// A value as it stands in messages: shortened.
std::string excerpt(const Json& json);

// ---- places
// ---------------------------------------------------------------------------------------------------------------

/// A value and where it lies in its document: "config.layers[2].config.units". Messages begin with the place.
class ConfigPlace {
 public:
  ConfigPlace(const Json& value, std::string path) : value_(&value), path_(std::move(path)) {}
  const Json& operator*() const { return *value_; }
  const Json* operator->() const { return value_; }
  const std::string& path() const { return path_; }
  bool is_null() const;
  bool is_text() const;

  /// A member of an object, an item of an array. ValueError if this is neither or has none.
  ConfigPlace at(std::string_view key) const;
  ConfigPlace at(std::size_t index) const;
  bool contains(std::string_view key) const;  // null counts; false if this is no object
  std::size_t size() const;                   // of an array, ValueError otherwise
  std::string text() const;                   // of a string
  std::int64_t integer() const;
  bool boolean() const;
  Shape shape() const;  // of a list: integers, null where unknown
  /// Throws ValueError: "path: expected what, got value".
  [[noreturn]] void fail(std::string_view expected) const;

 private:
  const Json* value_;
  std::string path_;
};

/// Runs what may throw ValueError, ShapeError or UnsupportedError; its message then begins with the place.
template <class Action> decltype(auto) in_place(const ConfigPlace& place, const Action& action) {
  const auto placed = [&](const Error& error) {
    const std::string_view message = error.what();
    return message.substr(0, place.path().size()) == place.path() ? std::string(message)
                                                                  : concat(place.path(), ": ", message);
  };
  try {
    return action();
  } catch (const ValueError& error) {
    throw ValueError(placed(error));
  } catch (const ShapeError& error) {
    throw ShapeError(placed(error));
  } catch (const UnsupportedError& error) {
    throw UnsupportedError(placed(error));
  }
}

// ---- writing
// --------------------------------------------------------------------------------------------------------------

/// What a document's objects are written by.
class ObjectWriter {
 public:
  virtual ~ObjectWriter() = default;
  virtual Json layer(Layer& layer) = 0;

  /// "relu", or the form of a user's function. who: what holds it, for messages.
  Json activation(ActivationFunction& function, std::string_view who);
  /// {"module", "class_name", "config", "registered_name"}: null for the module of a user's class and for the
  /// registered name of a built-in one. UnsupportedError for a function without a name.
  template <class T> Json object(T& object, const char* module, std::string_view who) {
    if (object.function_name()) return named_function(object, who);
    const std::shared_ptr<T> twin = T::from_class_name(object.class_name());
    return in_form(object, twin != nullptr && same_class(*twin, object) ? module : nullptr, describe(object, who));
  }
  /// The members alone.
  Json describe(Configurable& object, std::string_view who);

 protected:
  static bool same_class(const Configurable& a, const Configurable& b) { return typeid(a) == typeid(b); }
  static Json in_form(const Configurable& object, const char* module, Json config);

 private:
  static Json named_function(const Configurable& function, std::string_view who);
};

// ---- reading
// --------------------------------------------------------------------------------------------------------------

/// What a document's objects are read by.
class ObjectReader {
 public:
  explicit ObjectReader(CustomObjects custom_objects) : custom_objects_(std::move(custom_objects)) {}
  virtual ~ObjectReader() = default;
  virtual std::shared_ptr<Layer> layer(const ConfigPlace& place) = 0;

  std::shared_ptr<ActivationFunction> activation(const ConfigPlace& place) const;
  /// From the object form, from a function's form or from a name. kind: "initializer", for messages.
  template <class T> std::shared_ptr<T> object(const ConfigPlace& place, const char* kind) {
    if (place.is_text()) return named<T>(place, place.text());
    if (place.contains("class_name") && place.at("class_name").text() == "function")
      return named<T>(place, place.at("config").text());
    std::shared_ptr<T> made = custom<T>(place);
    const std::string class_name = place.at("class_name").text();
    if (made == nullptr) made = T::from_class_name(class_name);
    if (made == nullptr) refuse_unknown(place, kind);
    describe(*made, place);
    return made;
  }
  /// Reads the members of an object in Keras's form into it. Members that it does not have are passed over, unless they
  /// are objects themselves: to leave out a constraint would change what is trained, so UnsupportedError.
  void describe(Configurable& object, const ConfigPlace& place, const std::vector<std::string_view>& also_known = {});

 protected:
  /// Of the user's, by the registered name (with or without its package) or the class's; null if there is none.
  template <class T> std::shared_ptr<T> custom(const ConfigPlace& place) const {
    for (const std::string& name : names_of(place))
      if (auto made = custom_objects_.make<T>(name)) return made;
    return nullptr;
  }
  [[noreturn]] static void refuse_unknown(const ConfigPlace& place, const char* kind);

 private:
  static std::vector<std::string> names_of(const ConfigPlace& place);
  template <class T> std::shared_ptr<T> named(const ConfigPlace& place, const std::string& name) const {
    if (auto made = custom_objects_.make<T>(name)) return made;
    return in_place(place, [&] { return T::from_name(name); });
  }

  CustomObjects custom_objects_;
};

}  // namespace keratin
