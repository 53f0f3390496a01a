#include "training/programs.h"

#include <algorithm>

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

Variables trained(const ModelState& state, Mode mode) {
  return mode == Mode::predict ? Variables() : state.network->trainable_weights();
}

TracedStep* find(ModelState& state, const StepKey& key) {
  const auto found =
      std::find_if(state.steps.begin(), state.steps.end(), [&](const TracedStep& step) { return step.key == key; });
  return found == state.steps.end() ? nullptr : &*found;
}

}  // namespace

void ModelState::forget_programs() {
  if (last_run != nullptr) last_run->keep_results();
  steps.clear();
  trained_on.reset();
  ++forgotten;
}

TracedStep* known_step(ModelState& state, Mode mode, const Feeds& feeds) {
  return find(state, {mode, feeds, trained(state, mode)});
}

TracedStep& step_for(Model& model, Mode mode, const Feeds& feeds) {
  ModelState& state = ModelAccess::state(model);
  const auto found = [&](TracedStep& step) -> TracedStep& {
    if (mode == Mode::train && state.trained_on != feeds) state.trained_on = feeds;
    return step;
  };
  if (TracedStep* known = known_step(state, mode, feeds)) return found(*known);
  TracedStep step = trace_step(model, mode, feeds);
  step.graph = apply_passes(step.graph, *state.compiled->backend);
  seed_variables(state);
  if (mode == Mode::train) place_state(state);
  for (const Variable& variable : step.assigned) VariableAccess::state(variable)->pristine = false;
  step.key = {mode, feeds, trained(state, mode)};  // tracing may have built layers
  if (TracedStep* known = find(state, step.key)) return found(*known = std::move(step));
  return found(state.steps.emplace_back(std::move(step)));
}

Executable& program_for(ModelState& state, TracedStep& step, std::int64_t batch) {
  const auto known = std::find_if(step.programs.begin(), step.programs.end(),
                                  [&](const auto& program) { return program->batch() == batch; });
  if (known != step.programs.end()) return **known;
  const Backend& backend = *state.compiled->backend;
  Workshop& workshop = state.workshop;
  if (!workshop.team) workshop.team = std::make_shared<Team>(state.compiled->threads);
  return *step.programs.emplace_back(
      backend.load(lower(step.graph, batch, backend, {workshop.team->members()}), workshop));
}

}  // namespace keratin
