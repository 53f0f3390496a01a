#include "optimizers/optimizer_state.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "graph/variable_state.h"
#include "keratin/array.h"

namespace keratin {

bool OptimizerState::decays(const Variable& variable) const {
  if (std::find(not_decayed.begin(), not_decayed.end(), variable) != not_decayed.end()) return false;
  const std::string& path = variable.path();
  return std::none_of(not_decayed_parts.begin(), not_decayed_parts.end(),
                      [&](const std::string& part) { return path.find(part) != std::string::npos; });
}

void OptimizerState::begin_step(const std::shared_ptr<const void>& of_model) {
  if (targets.empty()) model = of_model;
  lent = model.lock() != of_model;
}

void OptimizerState::check_known(const Variable& variable) const {
  check_argument(!lent || std::find(targets.begin(), targets.end(), variable) != targets.end(), name,
                 ": expected variables of the model that it has trained, got ", variable.path(),
                 " of another model; compile each model with an optimizer of its own");
}

std::size_t OptimizerState::target_index(const Variable& variable) {
  const auto found = std::find(targets.begin(), targets.end(), variable);
  const auto index = static_cast<std::size_t>(found - targets.begin());
  if (found == targets.end()) targets.push_back(variable);
  return index;
}

Variable OptimizerState::slot(const Variable& variable, std::string_view slot_name, double initial) {
  const std::size_t target = target_index(variable);
  for (const Slot& slot : slots)
    if (slot.target == target && slot.name == slot_name) return slot.variable;
  std::string own_name = variable.path();
  std::replace(own_name.begin(), own_name.end(), '/', '_');
  own_name = concat(own_name, "_", slot_name);
  const Spec spec{variable.dtype(), variable.shape()};
  slots.push_back({target, std::string(slot_name),
                   VariableAccess::make(own_name, concat(name, "/", own_name), spec, [spec, initial](std::uint64_t) {
                     return Array::full(spec.shape, initial, spec.dtype);
                   })});
  return slots.back().variable;
}

void OptimizerState::rename(std::string new_name) {
  name = std::move(new_name);
  Variables own{iteration};
  if (learning_rate) own.push_back(learning_rate);
  own.insert(own.end(), scalars.begin(), scalars.end());
  for (const Slot& slot : slots) own.push_back(slot.variable);
  for (const Variable& variable : own) {
    VariableState& state = *VariableAccess::state(variable);
    state.path = concat(name, "/", state.name);
  }
}

Variable scalar_state(const char* name, DType dtype, double initial) {
  return VariableAccess::make(name, name, {dtype, {}},
                              [dtype, initial](std::uint64_t) { return Array::full({}, initial, dtype); });
}

void check_not_negative(const char* who, const char* option, double value) {
  check_argument(std::isfinite(value) && value >= 0.0, who, ": expected ", option, " >= 0, got ", value);
}

}  // namespace keratin
