// Losses and metrics of a compiled model, matched with its outputs and traced into a step.
#pragma once

#include "training/model_state.h"

namespace KERATIN_INTERNAL_EXPORT keratin {

/// Matches losses, weights and metrics with the outputs, once. ValueError names the output that is missing or too many.
void match_objectives(ModelState& model, std::size_t outputs);

/// The weighted sum of the outputs' losses, of what layers added and of the regularizers: a scalar of the current
/// trace.
Tensor total_loss(ModelState& model, const StepData& batch, const Tensors& y_pred);

/// Updates loss and metrics by the batch; the results are "loss", the outputs' losses and the metrics, in Keras's
/// order. Those of one name are told apart by numbers.
StepResults updated_metrics(ModelState& model, const StepData& batch, const Tensors& y_pred, const Tensor& loss);

/// Every metric that starts an epoch anew.
std::vector<Ref<Metric>> all_metrics(const Model& model);

}  // namespace keratin
