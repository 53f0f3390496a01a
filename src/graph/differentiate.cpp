#include "graph/differentiate.h"

#include <map>
#include <vector>

#include "base/check.h"
#include "graph/leaves.h"
#include "keratin/array.h"

namespace keratin {
namespace {

/// Which nodes lie on a differentiable way from one of `sources` to anything; nodes are in topological order.
std::vector<bool> reached_from(const Graph& graph, std::span<const Tensor> sources, std::int32_t end) {
  std::vector<bool> reached(static_cast<std::size_t>(end), false);
  for (const Tensor& source : sources) {
    const Value value = TensorAccess::value(source);
    if (value.node < end) reached[static_cast<std::size_t>(value.node)] = true;
  }
  for (std::int32_t i = 0; i < end; ++i) {
    const Node& node = graph.node(i);
    if (!node.op->traits().gradient) continue;
    for (const Value& input : node.inputs)
      if (reached[static_cast<std::size_t>(input.node)] && is_floating(graph.spec(input).dtype))
        reached[static_cast<std::size_t>(i)] = true;
  }
  return reached;
}

class Accumulator {
 public:
  void add(const Value& value, const Tensor& gradient) {
    const auto [found, fresh] = gradients_.emplace(value, gradient);
    if (!fresh) found->second = found->second + gradient;
  }
  Tensor at(const Value& value) const {
    const auto found = gradients_.find(value);
    return found == gradients_.end() ? Tensor() : found->second;
  }

 private:
  std::map<Value, Tensor> gradients_;
};

/// Hands the gradients that arrived at a node's outputs on to its inputs.
void propagate(Trace& trace, std::int32_t index, const std::vector<bool>& reached, Accumulator& gradients) {
  const Node node = trace.graph().node(index);  // a copy: the rules add nodes
  Tensors inputs, outputs, output_gradients;
  bool arrived = false;
  for (std::size_t i = 0; i < node.outputs.size(); ++i) {
    const Value value{index, static_cast<std::int32_t>(i)};
    outputs.push_back(TensorAccess::make(trace.graph(), value));
    output_gradients.push_back(gradients.at(value));
    arrived = arrived || static_cast<bool>(output_gradients[i]);
  }
  if (!arrived) return;
  std::vector<bool> wanted;
  for (const Value& input : node.inputs) {
    inputs.push_back(TensorAccess::make(trace.graph(), input));
    wanted.push_back(reached[static_cast<std::size_t>(input.node)] && is_floating(trace.graph().spec(input).dtype));
  }
  const Tensors made = node.op->gradient({{inputs.begin(), inputs.size()},
                                          {outputs.begin(), outputs.size()},
                                          {output_gradients.begin(), output_gradients.size()},
                                          wanted});
  for (std::size_t i = 0; i < made.size(); ++i) {
    if (!made[i] || !wanted[i]) continue;
    KERATIN_ASSERT(made[i].shape() == inputs[i].shape());
    gradients.add(node.inputs[i], made[i]);
  }
}

}  // namespace

Tensors differentiate(Trace& trace, const Tensor& loss, std::span<const Tensor> with_respect_to, const Tensor& seed) {
  const Tensor target = trace.import(loss);
  check_shape(is_floating(target.dtype()) && (seed || target.shape().rank() == 0),
              "gradients: expected a floating-point scalar loss, got ", TensorAccess::spec(target),
              "; reduce it with ops::mean or ops::sum");
  std::vector<Tensor> sources;
  for (const Tensor& source : with_respect_to) sources.push_back(trace.import(source));
  const Value last = TensorAccess::value(target);
  const std::vector<bool> reached = reached_from(trace.graph(), sources, last.node + 1);
  Accumulator gradients;
  gradients.add(last, seed ? trace.import(seed) : Tensor(Array::ones({}, target.dtype())));
  for (std::int32_t i = last.node; i >= 0; --i)
    if (reached[static_cast<std::size_t>(i)] && trace.graph().node(i).op->traits().gradient) {
      const TraceScope scope(
          trace, trace.graph().node(i).scope.empty() ? "gradient" : trace.graph().node(i).scope + "/gradient");
      propagate(trace, i, reached, gradients);
    }
  Tensors out;
  for (const Tensor& source : sources) out.push_back(gradients.at(TensorAccess::value(source)));
  return out;
}

}  // namespace keratin
