#include "training/objectives.h"

#include <algorithm>
#include <map>

#include "base/check.h"
#include "graph/leaves.h"
#include "keratin/ops.h"
#include "layers/layer_state.h"
#include "ops/functions.h"

namespace keratin {
namespace {

/// The item for one output of a PerOutput option.
template <class T>
std::optional<T> for_output(const PerOutput<T>& option, const std::vector<std::string>& names, std::size_t index,
                            const char* what) {
  if (option.empty()) return std::nullopt;
  if (option.for_all()) return option.values()[0];
  if (!option.names().empty()) {
    const auto found = std::find(option.names().begin(), option.names().end(), names[index]);
    return found == option.names().end()
               ? std::nullopt
               : std::optional(option.values()[static_cast<std::size_t>(found - option.names().begin())]);
  }
  check_argument(option.values().size() == names.size(), "compile: expected ", names.size(), " ", what,
                 " for the outputs ", join(names, ", "), ", got ", option.values().size(),
                 "; give one for each, or by name");
  return option.values()[index];
}

void check_names(const std::vector<std::string>& given, const std::vector<std::string>& outputs, const char* what) {
  for (const std::string& name : given)
    check_argument(std::find(outputs.begin(), outputs.end(), name) != outputs.end(), "compile: expected ", what,
                   " for the outputs ", join(outputs, ", "), ", got one for ", name,
                   "; outputs are called as the layers that make them");
}

/// The model's; a subclass's are numbered.
std::vector<std::string> output_names(const ModelState& model, std::size_t outputs) {
  if (const Functional* functional = model.functional()) return functional->output_names();
  if (outputs == 1) return {"output"};
  std::vector<std::string> names;
  for (std::size_t i = 0; i < outputs; ++i) names.push_back(concat("output_", i));
  return names;
}

/// Which of the arrays that are fed as y this is; none if the step made it.
std::optional<std::size_t> fed_y(const Tensor& y) {
  const Node* node = TensorAccess::producer(y);
  if (node == nullptr || node->op->name() != "Input") return std::nullopt;
  const std::string& slot = static_cast<const Input&>(*node->op).slot();
  return slot.starts_with('y') ? std::optional(std::stoul(slot.substr(1))) : std::nullopt;
}

/// Names that are each used once, as Keras makes them: "mae", "mae_1", ….
class ResultNames {
 public:
  std::string unique(const std::string& name) {
    const int before = used_[name]++;
    return before == 0 ? name : unique(concat(name, "_", before));
  }
  bool taken(const std::string& name) const { return used_.count(name) != 0; }

 private:
  std::map<std::string, int> used_;
};

Tensor batch_size_of(const StepData& batch) {
  check_argument(!batch.x.empty(),
                 "train_step: expected a batch with x, got none; hand update_metrics() the batch as it came");
  return element_count(Shape({batch.x[0].shape()[0]}), float32);
}

}  // namespace

void match_objectives(ModelState& model, std::size_t outputs) {
  Compiled& compiled = *model.compiled;
  if (!compiled.outputs.empty()) return;
  const CompileOptions& options = compiled.options;
  const std::vector<std::string> names = output_names(model, outputs);
  check_names(options.loss.names(), names, "losses");
  check_names(options.loss_weights.names(), names, "loss weights");
  std::vector<std::string> with_metrics;
  for (const auto& [name, metrics] : options.metrics_by_output) with_metrics.push_back(name);
  check_names(with_metrics, names, "metrics");
  check_argument(names.size() == 1 || (options.metrics.empty() && options.weighted_metrics.empty()),
                 "compile: expected metrics_by_output for a model with the outputs ", join(names, ", "),
                 ", got metrics; say there to which output they belong");
  std::vector<OutputObjective> matched;
  for (std::size_t i = 0; i < names.size(); ++i) {
    OutputObjective output{names[i],
                           for_output(options.loss, names, i, "losses"),
                           for_output(options.loss_weights, names, i, "loss weights").value_or(1.0),
                           options.metrics,
                           options.weighted_metrics,
                           nullptr};
    if (const auto found = options.metrics_by_output.find(names[i]); found != options.metrics_by_output.end())
      output.metrics.insert(output.metrics.end(), found->second.begin(), found->second.end());
    matched.push_back(std::move(output));
  }
  const auto losses = std::count_if(matched.begin(), matched.end(),
                                    [](const OutputObjective& output) { return output.loss.has_value(); });
  if (losses > 1)  // of one alone it would be the loss again
    for (OutputObjective& output : matched)
      if (output.loss) output.loss_tracker = metrics::Mean({.name = output.name + "_loss"}).shared();
  compiled.outputs = std::move(matched);
}

Tensor total_loss(ModelState& model, const StepData& batch, const Tensors& y_pred) {
  match_objectives(model, y_pred.size());
  const std::vector<OutputObjective>& outputs = model.compiled->outputs;
  check_argument(y_pred.size() == outputs.size(), "compute_loss: expected ", outputs.size(), " outputs, got ",
                 y_pred.size(), "; hand it all that the model gives");
  Tensor total;
  const auto add = [&](const Tensor& term) { total = total ? total + term : term; };
  model.output_losses.assign(outputs.size(), Tensor());
  for (std::size_t i = 0; i < outputs.size(); ++i) {
    if (!outputs[i].loss) continue;
    check_argument(i < batch.y.size(), "compute_loss: expected targets for the output ", outputs[i].name, ", got ",
                   batch.y.size(), " arrays; give y to fit");
    Tensor loss = (**outputs[i].loss)(batch.y[i], y_pred[i], batch.sample_weight);
    check_shape(loss.shape().rank() == 0, "compile: expected a loss that is one number, got ", loss.shape(), " of ",
                (*outputs[i].loss)->name(), "; give it a reduction");
    if (const auto y = fed_y(batch.y[i])) model.targets.push_back({*y, *outputs[i].loss, y_pred[i].shape()});
    model.output_losses[i] = loss;
    add(outputs[i].loss_weight == 1.0 ? loss : loss * outputs[i].loss_weight);
  }
  for (const Tensor& loss : Trace::current()->losses()) add(at_least_float32(loss));
  for (const RegularizedWeight& weight : LayerAccess::regularized(*model.network))
    add((*weight.regularizer)(weight.weight));
  check_argument(static_cast<bool>(total),
                 "compile: expected a loss, got none; give .loss or call add_loss() in a layer");
  return total;
}

namespace {

/// The mean that a layer's add_metric() makes: the i-th of the step.
metrics::MeanMetric& added_metric(ModelState& model, std::size_t i, const std::string& name) {
  if (i == model.added_metrics.size()) model.added_metrics.push_back(metrics::Mean({.name = name}));
  return *model.added_metrics[i];
}

}  // namespace

StepResults updated_metrics(ModelState& model, const StepData& batch, const Tensors& y_pred, const Tensor& loss) {
  match_objectives(model, y_pred.size());
  StepResults results;
  ResultNames names;
  const auto tell = [&](const std::string& name, const Metric& metric) {
    results.emplace_back(names.unique(name), metric.result());
  };
  const Compiled& compiled = *model.compiled;
  const Tensor count = batch_size_of(batch);
  compiled.loss_tracker->update_state(loss, count);
  tell("loss", *compiled.loss_tracker);
  for (std::size_t i = 0; i < model.output_losses.size(); ++i)
    if (const auto& tracker = compiled.outputs[i].loss_tracker; tracker && model.output_losses[i]) {
      tracker->update_state(model.output_losses[i], count);
      tell(tracker->name(), *tracker);
    }
  for (std::size_t i = 0; i < compiled.outputs.size(); ++i) {
    const OutputObjective& output = compiled.outputs[i];
    const std::string prefix = compiled.outputs.size() > 1 ? output.name + "_" : "";
    check_argument(i < batch.y.size() || (output.metrics.empty() && output.weighted_metrics.empty()),
                   "update_metrics: expected targets for the metrics of the output ", output.name, ", got ",
                   batch.y.size(), " arrays; give y to fit");
    for (const Ref<Metric>& metric : output.metrics) {
      metric->update_state(batch.y[i], y_pred[i], std::nullopt);
      tell(prefix + metric->name(), *metric);
    }
    for (const Ref<Metric>& metric : output.weighted_metrics) {
      metric->update_state(batch.y[i], y_pred[i], batch.sample_weight);
      const char* const apart = names.taken(prefix + metric->name()) ? "weighted_" : "";
      tell(concat(prefix, apart, metric->name()), *metric);
    }
  }
  const std::vector<NamedTensor>& added = Trace::current()->metrics();
  for (std::size_t i = 0; i < added.size(); ++i) {
    metrics::MeanMetric& mean = added_metric(model, i, added[i].name);
    mean.update_state(added[i].tensor, std::nullopt);
    tell(added[i].name, mean);
  }
  return results;
}

std::vector<Ref<Metric>> all_metrics(const Model& model) {
  const ModelState& state = ModelAccess::state(model);
  std::vector<Ref<Metric>> out = ModelAccess::metrics(model);
  if (!state.compiled || !state.compiled->loss_tracker) return out;  // predict() alone makes do without
  out.emplace_back(std::shared_ptr<Metric>(state.compiled->loss_tracker));
  for (const OutputObjective& output : state.compiled->outputs) {
    if (output.loss_tracker) out.emplace_back(std::shared_ptr<Metric>(output.loss_tracker));
    out.insert(out.end(), output.metrics.begin(), output.metrics.end());
    out.insert(out.end(), output.weighted_metrics.begin(), output.weighted_metrics.end());
  }
  out.insert(out.end(), state.added_metrics.begin(), state.added_metrics.end());
  return out;
}

}  // namespace keratin
