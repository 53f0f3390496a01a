// CustomObjects: the classes and functions of your own that a saved model refers to by name.
#pragma once

#include <concepts>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "keratin/export.h"
#include "keratin/fields.h"
#include "keratin/tensor.h"

namespace KERATIN_EXPORT keratin {

/// Handed to load_model and model_from_json; there is no global registry. A name found here is taken before Keras's
/// own.
class CustomObjects {
 public:
  /// A Layer, Loss, Metric, Optimizer, Initializer or Regularizer of your own. It is made by its default constructor,
  /// then its describe() reads what was saved. The name is what class_name() gives: that of the class, unless
  /// overridden.
  template <std::derived_from<Configurable> T>
  requires std::default_initializable<T> CustomObjects& add(std::string_view name) {
    return add_maker(name, [] { return std::make_shared<T>(); });
  }
  /// Functions that were saved by a name: ActivationFunction::from_function(f, "name") and the like.
  CustomObjects& add_activation(std::string_view name, std::function<Tensor(Tensor)> function);
  CustomObjects& add_regularizer(std::string_view name, std::function<Tensor(Tensor)> function);
  CustomObjects& add_loss(std::string_view name, std::function<Tensor(Tensor, Tensor)> function);
  CustomObjects& add_metric(std::string_view name, std::function<Tensor(Tensor, Tensor)> function);

  /// A fresh object; null if there is none of that name and kind.
  template <std::derived_from<Configurable> T> std::shared_ptr<T> make(std::string_view name) const {
    const auto [first, last] = makers_.equal_range(name);
    for (auto maker = first; maker != last; ++maker)
      if (auto made = std::dynamic_pointer_cast<T>(maker->second())) return made;
    return nullptr;
  }

 private:
  using Maker = std::function<std::shared_ptr<Configurable>()>;
  CustomObjects& add_maker(std::string_view name, Maker maker);

  std::multimap<std::string, Maker, std::less<>> makers_;  // a loss and a metric may have one name
};

}  // namespace keratin
