// A metric on batches of numbers, traced as a step traces it: the batch is symbolic, the state outlives the trace.
#pragma once

#include <optional>

#include "keratin/array.h"
#include "keratin/metrics.h"
#include "support/interpret.h"

namespace keratin::testing {

/// Runs what updates a metric, keeps its state, and gives the metric's result afterwards. The arguments' leading axes
/// are the batch.
inline double update(Metric& metric, const std::vector<Array>& arguments,
                     const std::function<void(const Tensors&)>& trace) {
  Specs specs;
  Feeds feeds;
  for (const Array& array : arguments) {
    feeds.emplace(concat("x", specs.size()), array);
    specs.push_back({array.dtype(), Shape({unknown}) + array.shape().from(1)});
  }
  const Graph graph = graph_of(specs, [&](const Tensors& x) -> Tensors {
    trace(x);
    return metric.result();
  });
  const Interpreted result = interpret(graph, feeds, arguments.empty() ? 1 : arguments[0].shape()[0]);
  for (const auto& [state, value] : result.assigned) state->assign(value);
  return result.outputs.at("0").item<double>();
}

inline double update(Metric& metric, const Array& y_true, const Array& y_pred,
                     const std::optional<Array>& weight = std::nullopt) {
  std::vector<Array> arguments{y_true, y_pred};
  if (weight) arguments.push_back(*weight);
  return update(metric, arguments, [&](const Tensors& x) {
    metric.update_state(x[0], x[1], x.size() > 2 ? std::optional(x[2]) : std::nullopt);
  });
}

inline double update_mean(metrics::MeanMetric& metric, const Array& values,
                          const std::optional<Array>& weight = std::nullopt) {
  std::vector<Array> arguments{values};
  if (weight) arguments.push_back(*weight);
  return update(metric, arguments, [&](const Tensors& x) {
    metric.update_state(x[0], x.size() > 1 ? std::optional(x[1]) : std::nullopt);
  });
}

}  // namespace keratin::testing
