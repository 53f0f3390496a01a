// fit, evaluate, predict and their one-batch forms: the loops around programs.
#pragma once

#include "training/bound_data.h"
#include "training/callback_list.h"
#include "training/programs.h"

namespace KERATIN_INTERNAL_EXPORT keratin {

/// Where batches come from: arrays, or a source that makes them on demand.
struct Supply {
  std::optional<BoundData> arrays;
  DataSource* source = nullptr;
};

History fit(Model& model, Supply supply, const FitOptions& options);
Logs evaluate(Model& model, const Supply& supply, const EvaluateOptions& options);
std::vector<Array> predict(Model& model, const BoundData& data, const PredictOptions& options);
/// One step on one batch, metrics reset before.
Logs run_on_batch(Model& model, Mode mode, const BoundData& data);

}  // namespace keratin
