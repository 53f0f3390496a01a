#include "training/programs.h"

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

void ModelState::forget_programs() {
  if (last_run != nullptr) last_run->keep_results();
  steps.clear();
  programs.clear();
  ++forgotten;
}

const TracedStep& step_for(Model& model, Mode mode, const Feeds& feeds) {
  ModelState& state = ModelAccess::state(model);
  const std::string key = feeds.key(mode);
  if (const auto found = state.steps.find(key); found != state.steps.end()) return found->second;
  TracedStep step = trace_step(model, mode, feeds);
  seed_variables(state);
  if (mode == Mode::train) place_state(state);
  for (const Variable& variable : step.assigned) VariableAccess::state(variable)->pristine = false;
  return state.steps.emplace(key, std::move(step)).first->second;
}

Executable& program_for(Model& model, Mode mode, const Feeds& feeds, std::int64_t batch) {
  ModelState& state = ModelAccess::state(model);
  const TracedStep& step = step_for(model, mode, feeds);
  std::unique_ptr<Executable>& program = state.programs[concat(feeds.key(mode), " #", batch)];
  if (!program)
    program = state.compiled->backend->load(compile(step.graph, batch, *state.compiled->backend), state.arena);
  return *program;
}

}  // namespace keratin
