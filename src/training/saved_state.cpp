#include "training/saved_state.h"

#include <algorithm>

#include "base/check.h"
#include "graph/variable_state.h"
#include "layers/layer_state.h"
#include "optimizers/optimizer_state.h"
#include "training/model_state.h"

namespace keratin {
namespace {

constexpr const char* of_another_model = "; the file belongs to another model";

/// Each once: a layer may be inside several others.
Variables seed_generators_of(const Layer& network) {
  Variables out;
  for (const Variable& generator : LayerAccess::seed_generators(network))
    if (std::find(out.begin(), out.end(), generator) == out.end()) out.push_back(generator);
  return out;
}

std::vector<NamedArray> values_of(const Variables& variables) {
  std::vector<NamedArray> out;
  for (const Variable& variable : variables) out.push_back({variable.path(), variable.value()});
  return out;
}

/// Of the optimizer's own, those that every optimizer has, and those of a loss scale.
Variables scalars_of(const Optimizer& optimizer) {
  const OptimizerState& state = OptimizerAccess::state(optimizer);
  Variables out{state.iteration};
  if (state.learning_rate) out.push_back(state.learning_rate);
  const Variables& others = OptimizerAccess::own_state(optimizer).scalars;
  out.insert(out.end(), others.begin(), others.end());
  return out;
}

/// "Adam", "LossScaleOptimizer(Adam)": optimizers of the same have the same state.
std::string class_of(const Optimizer& optimizer) {
  const auto& inner = OptimizerAccess::own_state(optimizer).inner;
  return inner ? concat(optimizer.class_name(), "(", class_of(*inner), ")") : optimizer.class_name();
}

std::size_t place_of(const Variable& variable, const Variables& weights, const Optimizer& optimizer) {
  const auto found = std::find(weights.begin(), weights.end(), variable);
  if (found == weights.end())
    throw UnsupportedError(concat(optimizer.name(),
                                  ": expected to have updated weights of the model alone to be saved, got ",
                                  variable.path(), "; track() its layer"));
  return static_cast<std::size_t>(found - weights.begin());
}

SavedTraining training_of(const ModelState& model, const Variables& weights) {
  const Optimizer& optimizer = *model.compiled->optimizer;
  const OptimizerState& state = OptimizerAccess::state(optimizer);
  SavedTraining out;
  out.optimizer = class_of(optimizer);
  for (const Variable& variable : scalars_of(optimizer))
    out.optimizer_variables.push_back({variable.name(), variable.value()});
  for (const Variable& target : state.targets) out.updated.push_back(place_of(target, weights, optimizer));
  for (const Slot& slot : state.slots)
    out.slots.push_back({slot.name, out.updated[slot.target], slot.variable.value()});
  for (const Variable& variable : state.not_decayed)
    if (std::find(weights.begin(), weights.end(), variable) != weights.end())
      out.not_decayed.push_back(place_of(variable, weights, optimizer));
  out.not_decayed_parts = state.not_decayed_parts;
  out.seed = model.compiled->seed;
  out.passes_begun = model.passes_begun;
  out.batches_taken = model.batches_taken;
  out.batches_in_pass = model.batches_in_pass;
  return out;
}

void check_fits(const std::string& name, const Array& value, const Spec& wanted) {
  check_data(value.shape() == wanted.shape, "expected ", name, " of shape ", wanted.shape, ", got ", value.shape(),
             of_another_model);
  const bool converts = is_floating(value.dtype()) && is_floating(wanted.dtype);
  check_data(value.dtype() == wanted.dtype || converts, "expected ", name, " of dtype ", wanted.dtype, ", got ",
             value.dtype(), of_another_model);
}

/// By place, not by name: names differ where a program made other models before.
void check_fit(const char* kind, const std::vector<NamedArray>& saved, const Variables& wanted, const Layer& network) {
  check_data(saved.size() == wanted.size(), "expected ", wanted.size(), " ", kind, " as ", network.name(), " has, got ",
             saved.size(),
             wanted.empty() && !network.built() ? "; the model is not built yet: call it first, or give it an Input()"
                                                : of_another_model);
  for (std::size_t i = 0; i < saved.size(); ++i)
    check_fits(wanted[i].path(), saved[i].value, {wanted[i].dtype(), wanted[i].shape()});
}

void check_training(const SavedTraining& saved, const Variables& weights) {
  const auto check_place = [&](std::size_t place) {
    check_data(place < weights.size(), "expected weights below ", weights.size(), " for the optimizer, got ", place,
               of_another_model);
  };
  std::for_each(saved.updated.begin(), saved.updated.end(), check_place);
  std::for_each(saved.not_decayed.begin(), saved.not_decayed.end(), check_place);
  for (const NamedArray& variable : saved.optimizer_variables)
    check_data(variable.value.shape().empty(), "expected a scalar for the optimizer's ", variable.name, ", got ",
               variable.value.shape());
  for (const SavedSlot& slot : saved.slots) {
    check_place(slot.weight);
    check_data(std::find(saved.updated.begin(), saved.updated.end(), slot.weight) != saved.updated.end(),
               "expected slots of updated weights, got ", slot.name, " of ", weights[slot.weight].path());
    check_fits(concat(slot.name, " of ", weights[slot.weight].path()), slot.value,
               {slot.value.dtype(), weights[slot.weight].shape()});
  }
  check_data(saved.passes_begun >= 0, "expected passes_begun of 0 or more, got ", saved.passes_begun);
  check_data(saved.batches_taken >= 0 && saved.batches_taken <= saved.batches_in_pass,
             "expected batches_taken from 0 to ", saved.batches_in_pass, ", got ", saved.batches_taken);
}

void assign_all(const Variables& variables, const std::vector<NamedArray>& saved) {
  for (std::size_t i = 0; i < variables.size(); ++i) VariableAccess::state(variables[i])->assign(saved[i].value);
}

void restore_training(ModelState& model, const SavedTraining& saved, const Variables& weights) {
  OptimizerState& optimizer = OptimizerAccess::state(*model.compiled->optimizer);
  for (const Variable& scalar : scalars_of(*model.compiled->optimizer))
    for (const NamedArray& variable : saved.optimizer_variables)
      if (variable.name == scalar.name()) VariableAccess::state(scalar)->assign(variable.value);
  for (const std::size_t place : saved.updated) optimizer.target_index(weights[place]);
  for (const Slot& slot : optimizer.slots) VariableAccess::state(slot.variable)->reset();
  for (const SavedSlot& slot : saved.slots)
    VariableAccess::state(optimizer.slot(weights[slot.weight], slot.name, 0.0))->assign(slot.value);
  if (optimizer.not_decayed.empty() && optimizer.not_decayed_parts.empty()) {
    for (const std::size_t place : saved.not_decayed) optimizer.not_decayed.push_back(weights[place]);
    optimizer.not_decayed_parts = saved.not_decayed_parts;
    if (!saved.not_decayed.empty() || !saved.not_decayed_parts.empty()) model.forget_programs();
  }
  model.compiled->seed = saved.seed;
  model.compiled->options.seed = saved.seed;
  model.passes_begun = saved.passes_begun;
  model.batches_taken = saved.batches_taken;
  model.batches_in_pass = saved.batches_in_pass;
}

}  // namespace

SavedState saved_state(const Model& model) {
  const ModelState& state = ModelAccess::state(model);
  const Variables weights = state.network->weights();
  SavedState out{values_of(weights), values_of(seed_generators_of(*state.network)), std::nullopt};
  if (state.compiled && state.compiled->optimizer) out.training = training_of(state, weights);
  return out;
}

void restore(const Model& model, const SavedState& saved) {
  ModelState& state = ModelAccess::state(model);
  const Variables weights = state.network->weights(), generators = seed_generators_of(*state.network);
  check_fit("weights", saved.weights, weights, *state.network);
  check_fit("seed generators", saved.seed_generators, generators, *state.network);
  const bool training = saved.training && state.compiled && state.compiled->optimizer &&
                        class_of(*state.compiled->optimizer) == saved.training->optimizer;
  if (training) {
    check_training(*saved.training, weights);
    OptimizerState& optimizer = OptimizerAccess::state(*state.compiled->optimizer);
    optimizer.begin_step(ModelAccess::shared(model));
    for (const std::size_t place : saved.training->updated) optimizer.check_known(weights[place]);
  }
  assign_all(weights, saved.weights);
  assign_all(generators, saved.seed_generators);
  if (training) restore_training(state, *saved.training, weights);
}

}  // namespace keratin
