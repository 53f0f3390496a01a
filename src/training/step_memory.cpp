#include "training/step_memory.h"

#include "base/check.h"
#include "compiler/compile.h"
#include "training/step.h"

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
    if (output.shape.rank() > 1) output.shape = output.shape.until(-1);
  return outputs;
}

Graph training_graph(Model& model) {
  for (const auto& [key, step] : ModelAccess::state(model).steps)
    if (key.starts_with("train ")) return step.graph;
  Feeds feeds{specs_of(model.inputs()), specs_of(model.outputs()), false};
  try {
    return trace_step(model, Mode::train, feeds).graph;
  } catch (const ShapeError&) {
    feeds.y = class_indices(feeds.y);
    return trace_step(model, Mode::train, feeds).graph;
  }
}

}  // namespace

StepMemory step_memory(Model& model, std::int64_t batch) {
  check_argument(batch > 0, "summary: expected batch_size > 0, got ", batch);
  const ModelState& state = ModelAccess::state(model);
  check_argument(state.compiled.has_value() && state.compiled->optimizer,
                 "summary: expected a compiled model to tell the memory of a training step; call compile() first");
  const Program program = compile(training_graph(model), batch, *state.compiled->backend);
  StepMemory memory{.values = program.arena_bytes};
  for (const auto& variable : program.variables)
    memory.variables += static_cast<std::size_t>(variable->spec.shape.size()) * size_in_bytes(variable->spec.dtype);
  return memory;
}

}  // namespace keratin
