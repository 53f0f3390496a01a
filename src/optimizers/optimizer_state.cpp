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
  auto state = std::make_shared<VariableState>();
  state->name = variable.path();
  std::replace(state->name.begin(), state->name.end(), '/', '_');
  state->name = concat(state->name, "_", slot_name);
  state->path = concat(name, "/", state->name);
  state->spec = {variable.dtype(), variable.shape()};
  state->trainable = false;
  state->initial = [spec = state->spec, initial](std::uint64_t) {
    return Array::full(spec.shape, initial, spec.dtype);
  };
  slots.push_back({target, std::string(slot_name), VariableAccess::make(std::move(state))});
  return slots.back().variable;
}

void OptimizerState::rename(std::string new_name) {
  name = std::move(new_name);
  Variables own{iteration};
  if (learning_rate) own.push_back(learning_rate);
  for (const Slot& slot : slots) own.push_back(slot.variable);
  for (const Variable& variable : own) {
    VariableState& state = *VariableAccess::state(variable);
    state.path = concat(name, "/", state.name);
  }
}

void check_not_negative(const char* who, const char* option, double value) {
  check_argument(std::isfinite(value) && value >= 0.0, who, ": expected ", option, " >= 0, got ", value);
}

}  // namespace keratin
