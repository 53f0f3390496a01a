#include "training/programs.h"

#include <unordered_set>

#include "base/check.h"
#include "compiler/compile.h"
#include "runtime/variables.h"
#include "training/step_runner.h"

namespace keratin {
namespace {

/// Neighbours in one buffer: the trainable weights in order, then what the optimizer keeps of them.
void place_state(ModelState& state) {
  std::vector<std::shared_ptr<VariableState>> together;
  for (const Variable& weight : state.network->trainable_weights()) together.push_back(VariableAccess::state(weight));
  for (const Variable& slot : state.compiled->optimizer->variables()) together.push_back(VariableAccess::state(slot));
  place_variables(together, *state.compiled->backend);
}

}  // namespace

std::string step_key(const ModelState& state, Mode mode, const Feeds& feeds) {
  std::string key = feeds.key(mode);
  if (mode == Mode::predict) return key;
  std::unordered_set<const VariableState*> trainable;
  for (const Variable& weight : state.network->trainable_weights())
    trainable.insert(VariableAccess::state(weight).get());
  key += " trains ";
  for (const Variable& weight : state.network->weights())
    key += trainable.count(VariableAccess::state(weight).get()) != 0 ? '1' : '0';
  return key;
}

void ModelState::forget_programs() {
  if (last_run != nullptr) last_run->keep_results();
  steps.clear();
  programs.clear();
  trained_on.reset();
  ++forgotten;
}

const TracedStep& step_for(Model& model, Mode mode, const Feeds& feeds) {
  ModelState& state = ModelAccess::state(model);
  if (mode == Mode::train) state.trained_on = feeds;
  if (const auto found = state.steps.find(step_key(state, mode, feeds)); found != state.steps.end())
    return found->second;
  TracedStep step = trace_step(model, mode, feeds);
  seed_variables(state);
  if (mode == Mode::train) place_state(state);
  for (const Variable& variable : step.assigned) VariableAccess::state(variable)->pristine = false;
  return state.steps.insert_or_assign(step_key(state, mode, feeds), std::move(step)).first->second;
}

Executable& program_for(Model& model, Mode mode, const Feeds& feeds, std::int64_t batch) {
  ModelState& state = ModelAccess::state(model);
  const TracedStep& step = step_for(model, mode, feeds);
  std::unique_ptr<Executable>& program = state.programs[concat(step_key(state, mode, feeds), " #", batch)];
  if (!program)
    program = state.compiled->backend->load(compile(step.graph, batch, *state.compiled->backend), state.arena);
  return *program;
}

}  // namespace keratin
