#include "training/step_memory.h"

#include "base/check.h"
#include "base/scope_guard.h"
#include "compiler/compile.h"
#include "runtime/variables.h"
#include "training/programs.h"

namespace keratin {
namespace {

Specs specs_of(const Tensors& tensors) {
  Specs out;
  for (const Tensor& tensor : tensors) out.push_back({tensor.dtype(), tensor.shape()});
  return out;
}

/// One index for each row of probabilities.
Specs class_indices(Specs outputs) {
  for (Spec& output : outputs)
    if (output.shape.rank() > 1) output = {int32, output.shape.until(-1)};
  return outputs;
}

/// The step's graph, rewritten, traced for its own sake. The variables that it made live as long as the graph.
Graph traced_aside(Model& model, const Feeds& feeds) {
  ModelState& state = ModelAccess::state(model);
  const ScopeGuard forget([before = MemoryBefore(state)]() mutable { before.put_back(); });
  return apply_passes(trace_step(model, Mode::train, feeds).graph, *state.compiled->backend);
}

Graph training_graph(Model& model) {
  ModelState& state = ModelAccess::state(model);
  if (state.trained_on) {
    const TracedStep* known = known_step(state, Mode::train, *state.trained_on);
    return known != nullptr ? known->graph : traced_aside(model, *state.trained_on);
  }
  Feeds feeds{specs_of(model.inputs()), specs_of(model.outputs()), false};
  try {
    return traced_aside(model, feeds);
  } catch (const ShapeError&) {
    feeds.y = class_indices(feeds.y);
    return traced_aside(model, feeds);
  }
}

}  // namespace

StepMemory step_memory(Model& model, std::int64_t batch, std::string_view who) {
  check_argument(batch > 0, who, ": expected batch_size > 0, got ", batch);
  const ModelState& state = ModelAccess::state(model);
  check_argument(state.compiled.has_value() && state.compiled->optimizer, who,
                 ": expected a compiled model to tell the memory of a training step; call compile() first");
  const Program program = lower(training_graph(model), batch, *state.compiled->backend, {state.compiled->threads});
  return {.variables = stored_bytes(program.variables), .values = program.arena_bytes};
}

}  // namespace keratin
