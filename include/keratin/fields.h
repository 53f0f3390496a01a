// Fields: one list of named members, for saving, loading, printing and summaries.
#pragma once

#include <concepts>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "keratin/export.h"
#include "keratin/ref.h"
#include "keratin/types.h"

namespace KERATIN_EXPORT keratin {

class ActivationFunction;
class Initializer;
class Layer;
class Optimizer;
class Regularizer;

/// Visits the members that describe() names: writes them to a configuration or reads them back. The names are the keys
/// of Keras's get_config(). A member that a read configuration lacks keeps its value.
class Fields {
 public:
  virtual ~Fields() = default;

  template <class T> void operator()(std::string_view name, T& value) { field(name, value); }
  /// Nothing is Keras's None.
  template <class T> void operator()(std::string_view name, std::optional<T>& value) {
    if (!present(name, value.has_value())) {
      value.reset();
    } else {
      if (!value) value.emplace();
      field(name, *value);
    }
  }
  /// Height and width: a list of two.
  void operator()(std::string_view name, Size2D& value);
  void operator()(std::string_view name, std::optional<Size2D>& value);
  /// A member that Keras does not have: written only where it differs from its default, so that Keras reads what we
  /// write.
  template <class T> void extension(std::string_view name, T& value, const T& otherwise) {
    if (value != otherwise || !omits_defaults()) field(name, value);
  }
  /// One that Keras writes only where it is set.
  template <class T> void extension(std::string_view name, std::optional<T>& value) {
    if (value || !omits_defaults()) (*this)(name, value);
  }
  /// An argument that Keras has and this class lacks: never written; UnsupportedError where a configuration that is
  /// read sets it to anything but null or false.
  virtual void refused(std::string_view /*name*/) {}
  /// A layer inside: saved with the one that holds it, and its weights are named after it.
  template <std::derived_from<Layer> L> void operator()(std::string_view name, Ref<L>& layer) {
    Ref<Layer> base = layer;
    field(name, base);
    if (base.shared() != layer.shared()) layer = std::dynamic_pointer_cast<L>(base.shared());
  }

 protected:
  /// True if extensions are not to be visited where they have their default.
  virtual bool omits_defaults() const = 0;
  /// Whether an optional member has a value once it is visited.
  virtual bool present(std::string_view name, bool has_value) = 0;
  virtual void field(std::string_view name, bool& value) = 0;
  virtual void field(std::string_view name, int& value) = 0;
  virtual void field(std::string_view name, std::int64_t& value) = 0;
  virtual void field(std::string_view name, double& value) = 0;
  virtual void field(std::string_view name, std::string& value) = 0;
  virtual void field(std::string_view name, Shape& value) = 0;
  virtual void field(std::string_view name, DType& value) = 0;
  virtual void field(std::string_view name, std::vector<int>& value) = 0;
  virtual void field(std::string_view name, std::vector<std::int64_t>& value) = 0;
  virtual void field(std::string_view name, std::vector<double>& value) = 0;
  virtual void field(std::string_view name, std::vector<std::vector<std::int64_t>>& value) = 0;
  virtual void field(std::string_view name, Ref<ActivationFunction>& value) = 0;
  virtual void field(std::string_view name, Ref<Initializer>& value) = 0;
  virtual void field(std::string_view name, Ref<Regularizer>& value) = 0;
  virtual void field(std::string_view name, Ref<Optimizer>& value) = 0;
  virtual void field(std::string_view name, Ref<Layer>& value) = 0;
};

/// What can be saved by its class's name and its fields.
class Configurable {
 public:
  virtual ~Configurable() = default;
  /// Keras's class_name: "Dense". Default: the C++ class's name without namespaces.
  virtual std::string class_name() const;
  /// Of a function of the user's: the name that CustomObjects gives it back by, "" if it has none. Unset for everything
  /// else.
  virtual std::optional<std::string> function_name() const;
  /// Names the members that a saved object must remember.
  virtual void describe(Fields& fields);
};

}  // namespace keratin
