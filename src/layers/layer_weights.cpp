// The weights of layers: making them, finding them, and which of them train.
#include <algorithm>
#include <unordered_set>

#include "base/check.h"
#include "graph/default_seed.h"
#include "layers/layer_state.h"

namespace keratin {
namespace {

/// Visits the layer, then those inside, each once: visit(state, frozen), frozen if it or one around it is not
/// trainable.
template <class Visit>
void walk(const Layer& layer, bool frozen, std::unordered_set<const Layer*>& seen, const Visit& visit) {
  if (!seen.insert(&layer).second) return;
  frozen = frozen || !layer.trainable();
  const LayerState& state = LayerAccess::state(layer);
  visit(state, frozen);
  for (const auto& inside : state.inside) walk(*inside, frozen, seen, visit);
}
template <class Visit> void walk(const Layer& layer, const Visit& visit) {
  std::unordered_set<const Layer*> seen;
  walk(layer, false, seen, visit);
}

Variables weights_by_training(const Layer& layer, bool training) {
  Variables out;
  walk(layer, [&](const LayerState& state, bool frozen) {
    for (const Variable& weight : state.weights)
      if ((weight.trainable() && !frozen) == training) out.push_back(weight);
  });
  return out;
}

}  // namespace

Variable Layer::add_weight(std::string_view name, const Shape& shape, WeightOptions options) {
  check_shape(shape.known(), this->name(), " (", class_name(), "): expected known extents for the weight ", name,
              ", got ", shape, "; give the input's shape");
  // Whether the author's build() was called directly shows here only: it is virtual, and what it overrides it need not
  // call. A constructor, which has no owner yet, builds nothing.
  LayerState& state = *state_;
  if (!state.building && !weak_from_this().expired()) {
    const bool again = std::any_of(state.weights.begin(), state.weights.end(),
                                   [&](const Variable& weight) { return weight.name() == name; });
    check_argument(!state.built && !(state.built_by_author && again), this->name(), " (", class_name(),
                   "): expected to be built once, got the weight ", name,
                   " to add again; call build() once, or not at all: the first call does");
    state.built_by_author = true;
  }
  const Spec spec{options.dtype.value_or(dtype()), shape};
  Variable weight = VariableAccess::make(std::string(name), concat(this->name(), "/", name), spec,
                                         [initializer = options.initializer, spec](std::uint64_t seed) {
                                           return (*initializer)(spec.shape, spec.dtype, seed);
                                         });
  VariableState& made = *VariableAccess::state(weight);
  made.trainable = options.trainable;
  made.autocast = options.autocast;
  made.seed = draw_default_seed();
  state_->weights.push_back(weight);
  if (options.regularizer) state_->regularized.push_back({weight, *options.regularizer});
  return weight;
}

Variable Layer::add_seed_generator(std::optional<std::int64_t> seed) {
  const std::string own_name = state_->seed_generators.empty()
                                   ? "seed_generator_state"
                                   : concat("seed_generator_state_", state_->seed_generators.size());
  Variable made =
      VariableAccess::make(own_name, concat(name(), "/", own_name), {int64, Shape({2})}, [seed](std::uint64_t drawn) {
        const auto key = static_cast<std::int64_t>(seed ? static_cast<std::uint64_t>(*seed) : drawn) & 0xffffffff;
        return Array::of<std::int64_t>({key, 0});  // seed and counter, each 32 bits wide
      });
  VariableAccess::state(made)->seed = draw_default_seed();
  state_->seed_generators.push_back(made);
  return made;
}

bool Layer::trainable() const { return state_->trainable; }

void Layer::set_trainable(bool trainable) {
  state_->trainable = trainable;
  for (const auto& inside : state_->inside) inside->set_trainable(trainable);
}

Variables Layer::trainable_weights() const { return weights_by_training(*this, true); }
Variables Layer::non_trainable_weights() const { return weights_by_training(*this, false); }

Variables Layer::weights() const {
  Variables out;
  walk(*this, [&](const LayerState& state, bool) {
    for (const bool trainable : {true, false})
      for (const Variable& weight : state.weights)
        if (weight.trainable() == trainable) out.push_back(weight);
  });
  return out;
}

Variable Layer::weight(std::string_view name) const {
  std::vector<std::string> names;
  for (const Variable& weight : state_->weights) {
    if (weight.name() == name) return weight;
    names.push_back(weight.name());
  }
  throw ValueError(concat(this->name(), " (", class_name(), "): expected one of the weights ", join(names, ", "),
                          ", got ", name, built() ? "" : "; the layer is not built yet"));
}

std::vector<Array> Layer::get_weights() const {
  std::vector<Array> out;
  for (const Variable& weight : weights()) out.push_back(weight.value());
  return out;
}

void Layer::set_weights(const std::vector<Array>& values) {
  const Variables own = weights();
  check_argument(own.size() == values.size(), name(), " (", class_name(), "): set_weights: expected ", own.size(),
                 " arrays, got ", values.size());
  for (std::size_t i = 0; i < own.size(); ++i)
    check_shape(values[i].shape() == own[i].shape(), name(), " (", class_name(), "): set_weights: expected ",
                own[i].path(), " of shape ", own[i].shape(), ", got ", values[i].shape());
  for (std::size_t i = 0; i < own.size(); ++i) VariableAccess::state(own[i])->assign(values[i]);
}

std::int64_t Layer::count_params() const {
  std::int64_t count = 0;
  for (const Variable& weight : weights()) count += weight.shape().size();
  return count;
}

Variables LayerAccess::seed_generators(const Layer& layer) {
  Variables out;
  walk(layer, [&](const LayerState& state, bool) {
    out.insert(out.end(), state.seed_generators.begin(), state.seed_generators.end());
  });
  return out;
}

std::vector<RegularizedWeight> LayerAccess::regularized(const Layer& layer) {
  std::vector<RegularizedWeight> out;
  walk(layer, [&](const LayerState& state, bool frozen) {
    for (const RegularizedWeight& regularized : state.regularized)
      if (!frozen && regularized.weight.trainable()) out.push_back(regularized);
  });
  return out;
}

}  // namespace keratin
