#include "keratin/custom_objects.h"

#include <utility>

#include "base/check.h"
#include "keratin/activations.h"
#include "keratin/losses.h"
#include "keratin/metrics.h"
#include "keratin/regularizers.h"

namespace keratin {

CustomObjects& CustomObjects::add_maker(std::string_view name, Maker maker) {
  check_argument(!name.empty(), "CustomObjects: expected a name, got none");
  makers_.emplace(name, std::move(maker));
  return *this;
}

CustomObjects& CustomObjects::add_activation(std::string_view name, std::function<Tensor(Tensor)> function) {
  return add_maker(name,
                   [made = ActivationFunction::from_function(std::move(function), std::string(name))] { return made; });
}

CustomObjects& CustomObjects::add_regularizer(std::string_view name, std::function<Tensor(Tensor)> function) {
  return add_maker(name, [made = Regularizer::from_function(std::move(function), std::string(name))] { return made; });
}

CustomObjects& CustomObjects::add_loss(std::string_view name, std::function<Tensor(Tensor, Tensor)> function) {
  return add_maker(name, [made = Loss::from_function(std::move(function), std::string(name))] { return made; });
}

CustomObjects& CustomObjects::add_metric(std::string_view name, std::function<Tensor(Tensor, Tensor)> function) {
  check_argument(function != nullptr, "CustomObjects: expected a function for the metric ", name, ", got an empty one");
  return add_maker(name, [function = std::move(function), name = std::string(name)] {
    return Metric::from_function(function, name);
  });
}

}  // namespace keratin
