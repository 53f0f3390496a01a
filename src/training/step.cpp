#include "training/step.h"

#include "base/check.h"
#include "base/philox.h"
#include "base/scope_guard.h"
#include "graph/leaves.h"
#include "layers/layer_state.h"
#include "training/objectives.h"

namespace keratin {
namespace {

Tensor feed(Trace& trace, const std::string& slot, const Spec& spec) {
  return trace.apply(std::make_shared<Input>(slot, spec), {})[0];
}

Tensors feed_all(Trace& trace, const char* prefix, const Specs& specs) {
  Tensors out;
  for (std::size_t i = 0; i < specs.size(); ++i) out.push_back(feed(trace, concat(prefix, i), specs[i]));
  return out;
}

}  // namespace

MemoryBefore::MemoryBefore(ModelState& model)
    : model_(model),
      optimizer_(OptimizerAccess::state(*model.compiled->optimizer)),
      targets_(optimizer_.targets),
      slots_(optimizer_.slots),
      owner_(optimizer_.model),
      outputs_(model.compiled->outputs),
      added_metrics_(model.added_metrics) {}

void MemoryBefore::put_back() {
  optimizer_.targets = targets_;
  optimizer_.slots = slots_;
  optimizer_.model = owner_;
  model_.compiled->outputs = outputs_;
  model_.added_metrics = added_metrics_;
  model_.output_losses.clear();
}

TracedStep trace_step(Model& model, Mode mode, const Feeds& feeds) {
  ModelState& state = ModelAccess::state(model);
  state.output_losses.clear();
  state.targets.clear();
  std::optional<MemoryBefore> before;
  if (state.compiled && state.compiled->optimizer) before.emplace(state);
  ScopeGuard undo([&] {
    if (before) before->put_back();
  });
  Trace trace(mode == Mode::train, mode == Mode::train);
  if (mode == Mode::train && state.compiled && state.compiled->optimizer)
    OptimizerAccess::state(*state.compiled->optimizer).begin_step(ModelAccess::shared(model));
  const CallingLayer network(state.network.get());  // what a step of the author's own calls is part of the model
  StepData batch{feed_all(trace, "x", feeds.x), feed_all(trace, "y", feeds.y), std::nullopt};
  if (feeds.sample_weight) batch.sample_weight = feed(trace, "sample_weight", {float32, Shape({unknown})});
  StepResults results;
  if (mode == Mode::predict) {
    for (const Tensor& output : model.outputs(batch.x, {.training = false}))
      results.emplace_back(concat("output", results.size()), output);
  } else {
    results = mode == Mode::train ? ModelAccess::train_step(model, batch) : ModelAccess::test_step(model, batch);
  }
  LayerAccess::settle_paths(*state.network);
  TracedStep step;
  step.targets = std::exchange(state.targets, {});
  for (const auto& [name, tensor] : results) {
    step.results.push_back(name);
    trace.graph().add_output(name, TensorAccess::value(trace.import(tensor)));
  }
  for (const auto& [variable, value] : trace.assigned()) step.assigned.push_back(variable);
  step.graph = trace.finish();
  undo.dismiss();
  return step;
}

void seed_variables(ModelState& model) {
  if (model.seeded || !model.compiled || !model.compiled->optimizer)
    return;  // predict() alone does not choose weights anew
  model.seeded = true;
  if (!model.compiled->options.seed) return;  // they keep what they drew from the thread's seed
  std::uint64_t stream = 0;
  for (const Variables& variables : {model.network->weights(), LayerAccess::seed_generators(*model.network)})
    for (const Variable& variable : variables)
      VariableAccess::state(variable)->reseed(derive_seed(model.compiled->seed, stream++));
}

}  // namespace keratin
