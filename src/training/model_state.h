// ModelState: what the copies of a Model share; ModelAccess, by which training reaches a Model's virtual functions.
#pragma once

#include <cstdint>
#include <list>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "functional/functional.h"
#include "functional/sequential.h"
#include "graph/trace.h"
#include "keratin/model.h"
#include "runtime/backend.h"

namespace KERATIN_INTERNAL_EXPORT keratin {

/// What is to be made small and what is to be told of one output.
struct OutputObjective {
  std::string name;
  std::optional<Ref<Loss>> loss;
  double loss_weight = 1.0;
  std::vector<Ref<Metric>> metrics;
  std::vector<Ref<Metric>> weighted_metrics;
  std::shared_ptr<metrics::MeanMetric> loss_tracker;  // "priority_loss", where there are several outputs
};

/// What compile() made of its options. Outputs are matched with the model's when the first step is traced: a Sequential
/// may not know them before.
struct Compiled {
  CompileOptions options;
  Ref<Optimizer> optimizer;
  std::shared_ptr<metrics::MeanMetric> loss_tracker;
  std::vector<OutputObjective> outputs;  // empty until matched
  const Backend* backend = nullptr;
  std::uint64_t seed = 0;
  int threads = available_threads();
};

class StepRunner;

/// What a program is made for.
enum class Mode : std::uint8_t { train, test, predict };

/// The specs of one batch: leading extents are the batch's. Slots are named "x0", "y0", "sample_weight".
struct Feeds {
  Specs x;
  Specs y;
  bool sample_weight = false;  // float32 (batch)
  friend bool operator==(const Feeds&, const Feeds&) = default;
};

/// What the numbers of a y have to be: a loss that is to check them, and the shape of what it compares them with.
struct CheckedTarget {
  std::size_t y;
  Ref<Loss> loss;
  Shape y_pred;
};

/// What steps are told apart by: freezing a layer needs no compile().
struct StepKey {
  Mode mode = Mode::train;
  Feeds feeds;
  Variables trained;  // none for predict
  friend bool operator==(const StepKey&, const StepKey&) = default;
};

/// A traced step with the batch as a symbol, and what was made of it.
struct TracedStep {
  StepKey key;
  Graph graph;                       // step_for(): rewritten for the model's backend
  std::vector<std::string> results;  // names of the outputs: "loss", "accuracy", …
  Variables assigned;
  std::vector<CheckedTarget> targets;
  std::vector<std::unique_ptr<Executable>> programs;  // one for each batch size that there was
};

struct ModelState {
  std::shared_ptr<Layer> network;  // a Functional, a SequentialNetwork, or a subclass's own
  std::optional<Compiled> compiled;
  std::string why_not_compiled;                         // of a loaded model: what its file could not hold
  std::vector<Tensor> output_losses;                    // of the step that is being traced, for its metrics
  std::vector<CheckedTarget> targets;                   // of the same, for its data
  std::vector<Ref<metrics::MeanMetric>> added_metrics;  // what layers' add_metric() makes, in the order of the calls
  std::list<TracedStep> steps;                          // few: each lookup walks all
  Workshop workshop;                                    // of all programs
  bool seeded = false;
  bool stopping = false;
  std::int64_t passes_begun = 0;   // over the data, in this model's life: the shuffle's counter
  std::int64_t batches_taken = 0;  // of the last of these passes; 0: it is finished
  std::int64_t batches_in_pass = 0;
  std::optional<Feeds> trained_on;  // what the last training step was fed

  const Functional* functional() const;  // null for a subclass and a Sequential that is not built
  /// Whose results the arena holds; null if nobody's, or if they were kept.
  StepRunner* last_run = nullptr;
  std::int64_t forgotten = 0;  // how often programs were
  /// Forgets what was made for the old network or objectives.
  void forget_programs();
};

struct ModelAccess {
  static Model make(std::shared_ptr<ModelState> state) { return Model(std::move(state)); }
  static ModelState& state(const Model& model) { return *model.state_; }
  static const std::shared_ptr<ModelState>& shared(const Model& model) { return model.state_; }
  static Tensors call_many(Model& model, const Tensors& xs, const CallContext& context) {
    return model.call_many(xs, context);
  }
  static StepResults train_step(Model& model, const StepData& batch) { return model.train_step(batch); }
  static StepResults test_step(Model& model, const StepData& batch) { return model.test_step(batch); }
  static std::vector<Ref<Metric>> metrics(const Model& model) { return model.metrics(); }
};

}  // namespace keratin
