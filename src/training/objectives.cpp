#include "training/objectives.h"

#include <algorithm>

#include "base/check.h"
#include "keratin/ops.h"
#include "layers/layer_state.h"
#include "ops/functions.h"

namespace keratin {
namespace {

/// The item for one output of a PerOutput option.
template <class T>
std::optional<T> for_output(const PerOutput<T>& option, const std::vector<std::string>& names, std::size_t index, const char* what) {
  if (option.empty()) return std::nullopt;
  if (option.for_all()) return option.values()[0];
  if (!option.names().empty()) {
    const auto found = std::find(option.names().begin(), option.names().end(), names[index]);
    return found == option.names().end() ? std::nullopt : std::optional(option.values()[static_cast<std::size_t>(found - option.names().begin())]);
  }
  check_argument(option.values().size() == names.size(), "compile: expected ", names.size(), " ", what, " for the outputs ", join(names, ", "),
                 ", got ", option.values().size());
  return option.values()[index];
}

void check_names(const std::vector<std::string>& given, const std::vector<std::string>& outputs, const char* what) {
  for (const std::string& name : given)
    check_argument(std::find(outputs.begin(), outputs.end(), name) != outputs.end(), "compile: expected ", what, " for the outputs ",
                   join(outputs, ", "), ", got one for ", name);
}

std::vector<std::string> output_names(const ModelState& model) {
  const Functional* functional = model.functional();
  return functional != nullptr ? functional->output_names() : std::vector<std::string>{"output"};
}

Tensor batch_size_of(const StepData& batch) {
  check_argument(!batch.x.empty(), "train_step: expected a batch with x, got none");
  return element_count(Shape({batch.x[0].shape()[0]}), float32);
}

}  // namespace

void match_objectives(ModelState& model) {
  Compiled& compiled = *model.compiled;
  if (!compiled.outputs.empty()) return;
  const CompileOptions& options = compiled.options;
  const std::vector<std::string> names = output_names(model);
  check_names(options.loss.names(), names, "losses");
  check_names(options.loss_weights.names(), names, "loss weights");
  std::vector<std::string> with_metrics;
  for (const auto& [name, metrics] : options.metrics_by_output) with_metrics.push_back(name);
  check_names(with_metrics, names, "metrics");
  check_argument(names.size() == 1 || (options.metrics.empty() && options.weighted_metrics.empty()),
                 "compile: expected metrics_by_output for a model with the outputs ", join(names, ", "), ", got metrics");
  for (std::size_t i = 0; i < names.size(); ++i) {
    OutputObjective output{names[i], for_output(options.loss, names, i, "losses"),
                           for_output(options.loss_weights, names, i, "loss weights").value_or(1.0), options.metrics, options.weighted_metrics, nullptr};
    if (const auto found = options.metrics_by_output.find(names[i]); found != options.metrics_by_output.end())
      output.metrics.insert(output.metrics.end(), found->second.begin(), found->second.end());
    if (names.size() > 1 && output.loss) output.loss_tracker = metrics::Mean({.name = names[i] + "_loss"}).shared();
    compiled.outputs.push_back(std::move(output));
  }
}

Tensor total_loss(ModelState& model, const StepData& batch, const Tensors& y_pred) {
  match_objectives(model);
  const std::vector<OutputObjective>& outputs = model.compiled->outputs;
  check_argument(y_pred.size() == outputs.size(), "compute_loss: expected ", outputs.size(), " outputs, got ", y_pred.size());
  Tensor total;
  const auto add = [&](const Tensor& term) { total = total ? total + term : term; };
  model.output_losses.assign(outputs.size(), Tensor());
  for (std::size_t i = 0; i < outputs.size(); ++i) {
    if (!outputs[i].loss) continue;
    check_argument(i < batch.y.size(), "compute_loss: expected targets for the output ", outputs[i].name, ", got ", batch.y.size(),
                   " arrays; give y to fit");
    Tensor loss = (**outputs[i].loss)(batch.y[i], y_pred[i], batch.sample_weight);
    model.output_losses[i] = loss;
    add(outputs[i].loss_weight == 1.0 ? loss : loss * outputs[i].loss_weight);
  }
  for (const Tensor& loss : Trace::current()->losses()) add(loss);
  for (const RegularizedWeight& weight : LayerAccess::regularized(*model.network)) add((*weight.regularizer)(weight.weight));
  check_argument(static_cast<bool>(total), "compile: expected a loss, got none; give .loss or call add_loss() in a layer");
  return total;
}

StepResults updated_metrics(ModelState& model, const StepData& batch, const Tensors& y_pred, const Tensor& loss) {
  StepResults results;
  const Compiled& compiled = *model.compiled;
  const Tensor count = batch_size_of(batch);
  compiled.loss_tracker->update_state(loss, count);
  results.emplace_back("loss", compiled.loss_tracker->result());
  for (std::size_t i = 0; i < compiled.outputs.size(); ++i)
    if (compiled.outputs[i].loss_tracker && model.output_losses[i]) {
      compiled.outputs[i].loss_tracker->update_state(model.output_losses[i], count);
      results.emplace_back(compiled.outputs[i].loss_tracker->name(), compiled.outputs[i].loss_tracker->result());
    }
  const bool several = compiled.outputs.size() > 1;
  for (std::size_t i = 0; i < compiled.outputs.size() && i < batch.y.size(); ++i) {
    const OutputObjective& output = compiled.outputs[i];
    const auto update = [&](const Ref<Metric>& metric, const std::optional<Tensor>& weight) {
      metric->update_state(batch.y[i], y_pred[i], weight);
      results.emplace_back(several ? output.name + "_" + metric->name() : metric->name(), metric->result());
    };
    for (const Ref<Metric>& metric : output.metrics) update(metric, std::nullopt);
    for (const Ref<Metric>& metric : output.weighted_metrics) update(metric, batch.sample_weight);
  }
  for (const NamedTensor& added : Trace::current()->metrics()) {
    auto found = std::find_if(model.own_metrics.begin(), model.own_metrics.end(), [&](const Ref<Metric>& metric) { return metric->name() == added.name; });
    if (found == model.own_metrics.end()) found = model.own_metrics.insert(found, metrics::Mean({.name = added.name}));
    auto& mean = static_cast<metrics::MeanMetric&>(**found);
    mean.update_state(added.tensor, std::nullopt);
    results.emplace_back(added.name, mean.result());
  }
  return results;
}

std::vector<Ref<Metric>> all_metrics(const Model& model) {
  const ModelState& state = ModelAccess::state(model);
  std::vector<Ref<Metric>> out = ModelAccess::metrics(model);
  if (!state.compiled || !state.compiled->loss_tracker) return out;      // predict() alone makes do without
  out.emplace_back(std::shared_ptr<Metric>(state.compiled->loss_tracker));
  for (const OutputObjective& output : state.compiled->outputs) {
    if (output.loss_tracker) out.emplace_back(std::shared_ptr<Metric>(output.loss_tracker));
    out.insert(out.end(), output.metrics.begin(), output.metrics.end());
    out.insert(out.end(), output.weighted_metrics.begin(), output.weighted_metrics.end());
  }
  out.insert(out.end(), state.own_metrics.begin(), state.own_metrics.end());
  return out;
}

}  // namespace keratin
