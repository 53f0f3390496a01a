// Trace: a graph while it is being written, with what layers leave behind on the way. One is current per thread.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "graph/graph.h"
#include "graph/symbolic.h"
#include "graph/variable_state.h"

namespace KERATIN_INTERNAL_EXPORT keratin {

/// A metric that a layer or model added in passing: add_metric(value, name).
struct NamedTensor {
  std::string name;
  Tensor tensor;
};

/// Current from construction to destruction on this thread; traces nest. Not movable: tensors point into it.
class Trace {
 public:
  /// training: what CallContext::training is. differentiable: ops without a gradient rule enter as their expansion.
  explicit Trace(bool training, bool differentiable = false);
  Trace(const Trace&) = delete;
  Trace& operator=(const Trace&) = delete;
  ~Trace();

  static Trace* current();
  /// True if the graph is written by a trace of this thread that is alive and has this number.
  static bool alive(const Graph* graph, std::uint64_t number);

  Graph& graph() { return graph_; }
  bool training() const { return training_; }
  bool differentiable() const { return differentiable_; }
  /// Sets the mode for the layers called from here on; returns the old one.
  bool set_training(bool training) { return std::exchange(training_, training); }

  /// What floating-point variables that allow it are read in from here on; none: each in its own dtype. Returns the
  /// old one.
  std::optional<DType> set_autocast(std::optional<DType> dtype) { return std::exchange(autocast_, dtype); }
  std::optional<DType> autocast() const { return autocast_; }

  Tensors apply(std::shared_ptr<const Op> op, const Tensors& inputs);
  /// A tensor of this trace: itself, or a symbolic constant or computation replayed here. ValueError if it depends on
  /// an Input.
  Tensor import(const Tensor& tensor);

  Tensor read(const Variable& variable);
  void assign(const Variable& variable, const Tensor& value);
  /// Variables in the order of their first assignment, with the last value of each.
  const std::vector<std::pair<Variable, Tensor>>& assigned() const { return assigned_; }

  void set_mask(const Tensor& tensor, const Tensor& mask);  // unset: none
  Tensor mask(const Tensor& tensor) const;                  // unset if it has none

  void add_loss(const Tensor& loss) { losses_.push_back(loss); }
  const Tensors& losses() const { return losses_; }
  void add_metric(const Tensor& value, std::string name) { metrics_.push_back({std::move(name), value}); }
  const std::vector<NamedTensor>& metrics() const { return metrics_; }

  void push_scope(const std::string& name);
  void pop_scope();
  const std::string& scope() const { return scope_; }

  /// Ends the trace: adds the Assign nodes and hands the graph over. Tensors of this trace are invalid from here on.
  Graph finish();

 private:
  /// The tensor if it is this trace's, or what its call became here; null if that has not been replayed.
  const Tensor* imported(const Tensor& tensor) const;

  Graph graph_;
  bool training_;
  bool differentiable_;
  std::optional<DType> autocast_;
  Trace* previous_;   // current before this one
  Trace* enclosing_;  // begun before this one
  std::string scope_;
  std::vector<std::size_t> scope_lengths_;
  std::vector<std::pair<Variable, Tensor>> assigned_;
  std::unordered_map<const VariableState*, std::size_t> assigned_index_;
  std::map<Value, Tensor> masks_;
  Tensors losses_;
  std::vector<NamedTensor> metrics_;
  std::unordered_map<std::shared_ptr<const SymbolicCall>, Tensors> imported_;
};

/// In its lifetime this thread has no current trace: calls are symbolic, as outside.
class TraceSuspension {
 public:
  TraceSuspension();
  TraceSuspension(const TraceSuspension&) = delete;
  TraceSuspension& operator=(const TraceSuspension&) = delete;
  ~TraceSuspension();

 private:
  Trace* suspended_;
};

/// Names the layer for the nodes made in its lifetime.
class TraceScope {
 public:
  TraceScope(Trace& trace, const std::string& name) : trace_(trace) { trace_.push_scope(name); }
  TraceScope(const TraceScope&) = delete;
  TraceScope& operator=(const TraceScope&) = delete;
  ~TraceScope() { trace_.pop_scope(); }

 private:
  Trace& trace_;
};

/// Uses an op: in the current trace if there is one, else as a symbolic call.
Tensors apply(std::shared_ptr<const Op> op, const Tensors& inputs);
/// The same for an op with one output.
Tensor apply_one(std::shared_ptr<const Op> op, const Tensors& inputs);
template <class O, class... Args> Tensor make_op(const Tensors& inputs, Args&&... args) {
  return apply_one(std::make_shared<O>(std::forward<Args>(args)...), inputs);
}

}  // namespace keratin
