#include "layers/layer_names.h"

#include "base/check.h"
#include "layers/layer_state.h"

namespace keratin {

LayerNames::LayerNames(const std::string& who, const std::vector<std::shared_ptr<Layer>>& layers) {
  for (const bool by_author : {true, false})
    for (const auto& layer : layers)
      if (LayerAccess::state(*layer).named_by_author == by_author)
        check_argument(add(*layer), who, ": expected each layer to have a name of its own, got two named ",
                       layer->name());
}

bool LayerNames::add(Layer& layer) {
  LayerState& state = LayerAccess::state(layer);
  if (state.named_by_author) return taken_.insert(state.name).second;
  if (!state.name.empty() && taken_.insert(state.name).second) return true;
  const std::string base = snake_case(layer.class_name());
  std::string candidate;
  do {
    const int count = counters_[base]++;
    candidate = count == 0 ? base : base + "_" + std::to_string(count);
  } while (!taken_.insert(candidate).second);
  state.name = candidate;
  return true;
}

}  // namespace keratin
