// Tracing a step: the model's train_step, test_step or forward pass on the specs of what will be fed.
#pragma once

#include <string>
#include <vector>

#include "optimizers/optimizer_state.h"
#include "training/model_state.h"

namespace KERATIN_INTERNAL_EXPORT keratin {

/// What a traced step makes the model and its optimizer remember, as it was before: for a trace that failed, or was
/// made for its own sake. The model is compiled with an optimizer.
class MemoryBefore {
 public:
  explicit MemoryBefore(ModelState& model);
  void put_back();

 private:
  ModelState& model_;
  OptimizerState& optimizer_;
  Variables targets_;
  std::vector<Slot> slots_;
  std::weak_ptr<const void> owner_;
  std::vector<OutputObjective> outputs_;
  std::vector<Ref<metrics::MeanMetric>> added_metrics_;
};

/// Traces, differentiates and updates: stages 2 to 4 of a step's life. Builds what is not built yet; a trace that fails
/// leaves nothing else behind.
TracedStep trace_step(Model& model, Mode mode, const Feeds& feeds);

/// Draws initial weights and random streams from compile's seed, if it has one, where nobody has set them yet. Once
/// they are all there: before, or without a seed, they are the thread's.
void seed_variables(ModelState& model);

}  // namespace keratin
