// A loss and its gradient on numbers, traced as a training step traces them: the batch is symbolic.
#pragma once

#include <functional>
#include <optional>

#include "graph/differentiate.h"
#include "keratin/array.h"
#include "keratin/losses.h"
#include "keratin/ops.h"
#include "support/interpret.h"

namespace keratin::testing {

struct LossOnNumbers {
  Array output;
  Array gradient;  // of the output's sum with respect to what the activation was given
};

inline Spec batched(const Array& array) { return {array.dtype(), Shape({unknown}) + array.shape().from(1)}; }

inline LossOnNumbers evaluate(
    const Loss& loss, const Array& y_true, const Array& y_pred,
    const std::optional<Array>& sample_weight = std::nullopt,
    const std::function<Tensor(Tensor)>& activation = [](Tensor x) { return x; }) {
  Specs specs{batched(y_true), batched(y_pred)};
  Feeds feeds{{"x0", y_true}, {"x1", y_pred}};
  if (sample_weight) {
    specs.push_back(batched(*sample_weight));
    feeds.emplace("x2", *sample_weight);
  }
  const auto step = [&](const Tensors& x) -> Tensors {
    const Tensor output = loss(x[0], activation(x[1]), x.size() > 2 ? std::optional(x[2]) : std::nullopt);
    const Tensor source[] = {x[1]};
    const Tensor gradient = differentiate(*Trace::current(), ops::sum(output), source)[0];
    return {output, gradient ? gradient : ops::zeros_like(x[1])};
  };
  const Interpreted result = interpret(graph_of(specs, step, true), feeds, y_pred.shape()[0]);
  return {result.outputs.at("0"), result.outputs.at("1")};
}

}  // namespace keratin::testing
