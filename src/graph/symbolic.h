// SymbolicCall: what a Tensor outside a trace stands for; TensorAccess: the inside of Tensor for the library's own use.
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "graph/graph.h"
#include "graph/op.h"
#include "keratin/tensor.h"

namespace KERATIN_INTERNAL_EXPORT keratin {

class Layer;
class Trace;

/// One call of a layer or an op on tensors outside a trace. Immutable; shared by the tensors that it made.
struct SymbolicCall {
  SymbolicCall() = default;
  SymbolicCall(const SymbolicCall&) = delete;
  SymbolicCall& operator=(const SymbolicCall&) = delete;
  virtual ~SymbolicCall();
  /// The same call in the current trace, on tensors of it. Here an op's; LayerCall says what a layer's is.
  virtual Tensors replay(Trace& trace, const Tensors& own_inputs, const std::optional<Tensor>& own_mask) const;

  std::shared_ptr<const Op> op;  // exactly one of op and layer is set
  std::shared_ptr<Layer> layer;
  Tensors inputs;
  Specs outputs;
  std::optional<bool> training;  // as the caller asked; unset: as the model that is running
  std::optional<Tensor> mask;
};

struct TensorAccess {
  static Tensor make(Graph& graph, Value value) {
    Tensor tensor;
    tensor.graph_ = &graph;
    tensor.trace_ = graph.trace();
    tensor.node_ = value.node;
    tensor.output_ = value.output;
    return tensor;
  }
  static Tensor make(std::shared_ptr<const SymbolicCall> call, int output) {
    Tensor tensor;
    tensor.call_ = std::move(call);
    tensor.output_ = output;
    return tensor;
  }
  static Graph* graph(const Tensor& tensor) { return tensor.graph_; }
  static std::uint64_t trace(const Tensor& tensor) { return tensor.trace_; }
  static Value value(const Tensor& tensor) { return {tensor.node_, tensor.output_}; }
  static const std::shared_ptr<const SymbolicCall>& call(const Tensor& tensor) { return tensor.call_; }
  static int output(const Tensor& tensor) { return tensor.output_; }
  static const Spec& spec(const Tensor& tensor);  // ValueError if unset
  /// The op that made a value inside a trace and its inputs; null outside. How losses find the logits behind a softmax.
  static const Node* producer(const Tensor& tensor);
};

}  // namespace keratin
