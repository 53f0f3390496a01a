#include "graph/trace.h"

#include "base/check.h"
#include "graph/leaves.h"
#include "keratin/array.h"

namespace keratin {
namespace {

// Tracing state is per thread by design: docs/architecture.md 7.4.
thread_local Trace* current_trace = nullptr;    // null while suspended
thread_local Trace* innermost_trace = nullptr;  // of those alive, suspended or not
thread_local std::uint64_t traces_begun = 0;

Tensors outputs_of(Graph& graph, std::int32_t node) {
  Tensors out;
  for (std::size_t i = 0; i < graph.node(node).outputs.size(); ++i)
    out.push_back(TensorAccess::make(graph, {node, static_cast<std::int32_t>(i)}));
  return out;
}

}  // namespace

Trace::Trace(bool training, bool differentiable)
    : training_(training),
      differentiable_(differentiable),
      previous_(std::exchange(current_trace, this)),
      enclosing_(std::exchange(innermost_trace, this)) {
  graph_.set_trace(++traces_begun);
}

Trace::~Trace() {
  current_trace = previous_;
  innermost_trace = enclosing_;
}

bool Trace::alive(const Graph* graph, std::uint64_t number) {
  for (const Trace* trace = innermost_trace; trace != nullptr; trace = trace->enclosing_)
    if (&trace->graph_ == graph) return trace->graph_.trace() == number;
  return false;
}

Trace* Trace::current() { return current_trace; }

TraceSuspension::TraceSuspension() : suspended_(std::exchange(current_trace, nullptr)) {}

TraceSuspension::~TraceSuspension() { current_trace = suspended_; }

Tensors Trace::apply(std::shared_ptr<const Op> op, const Tensors& inputs) {
  Tensors own;
  for (const Tensor& input : inputs) own.push_back(import(input));
  const Traits traits = op->traits();
  if (differentiable_ && traits.expansion && !traits.gradient) return op->expand({own.begin(), own.size()});
  std::vector<Value> values;
  for (const Tensor& input : own) values.push_back(TensorAccess::value(input));
  return outputs_of(graph_, graph_.add(std::move(op), std::move(values), scope_));
}

const Tensor* Trace::imported(const Tensor& tensor) const {
  check_argument(static_cast<bool>(tensor), scope_, scope_.empty() ? "" : ": ",
                 "expected a tensor, got an unset Tensor");
  if (TensorAccess::graph(tensor) == &graph_ && TensorAccess::trace(tensor) == graph_.trace()) return &tensor;
  const auto& call = TensorAccess::call(tensor);
  check_argument(call != nullptr, scope_, scope_.empty() ? "" : ": ",
                 "expected a tensor of this trace, got one of another; tensors made inside call() must not be kept");
  const auto found = imported_.find(call);
  return found == imported_.end() ? nullptr : &found->second[static_cast<std::size_t>(TensorAccess::output(tensor))];
}

Tensor Trace::import(const Tensor& tensor) {
  if (const Tensor* own = imported(tensor)) return *own;
  // Depth first without recursion: a computation may be a long chain.
  std::vector<std::shared_ptr<const SymbolicCall>> open{TensorAccess::call(tensor)};
  while (!open.empty()) {
    const std::shared_ptr<const SymbolicCall> call = open.back();
    const std::size_t waiting = open.size();
    if (call->mask && imported(*call->mask) == nullptr) open.push_back(TensorAccess::call(*call->mask));
    for (std::size_t i = call->inputs.size(); i-- > 0;)  // the first input is the next one to be replayed
      if (imported(call->inputs[i]) == nullptr) open.push_back(TensorAccess::call(call->inputs[i]));
    if (open.size() > waiting) continue;
    open.pop_back();
    if (imported_.count(call) != 0) continue;  // by way of another that read it
    Tensors inputs;
    for (const Tensor& input : call->inputs) inputs.push_back(*imported(input));
    const std::optional<Tensor> mask = call->mask ? std::optional(*imported(*call->mask)) : std::nullopt;
    imported_.emplace(call, call->replay(*this, inputs, mask));
  }
  return *imported(tensor);
}

Tensor Trace::read(const Variable& variable) {
  const auto& state = VariableAccess::state(variable);
  if (const auto found = assigned_index_.find(state.get()); found != assigned_index_.end())
    return assigned_[found->second].second;
  return apply(std::make_shared<ReadVariable>(state), {})[0];
}

void Trace::assign(const Variable& variable, const Tensor& value) {
  const auto& state = VariableAccess::state(variable);
  const Tensor own = import(value);
  check_shape(own.shape() == state->spec.shape && own.dtype() == state->spec.dtype, state->path,
              ": expected to be assigned ", state->spec, ", got ", TensorAccess::spec(own));
  const auto [found, fresh] = assigned_index_.emplace(state.get(), assigned_.size());
  if (fresh) {
    assigned_.emplace_back(variable, own);
  } else {
    assigned_[found->second].second = own;
  }
}

void Trace::set_mask(const Tensor& tensor, const Tensor& mask) {
  const Value value = TensorAccess::value(import(tensor));
  if (!mask) {
    masks_.erase(value);
  } else {
    masks_[value] = import(mask);
  }
}

Tensor Trace::mask(const Tensor& tensor) const {
  if (TensorAccess::graph(tensor) != &graph_) return {};
  const auto found = masks_.find(TensorAccess::value(tensor));
  return found == masks_.end() ? Tensor() : found->second;
}

void Trace::push_scope(const std::string& name) {
  scope_lengths_.push_back(scope_.size());
  if (!scope_.empty()) scope_ += '/';
  scope_ += name;
}

void Trace::pop_scope() {
  scope_.resize(scope_lengths_.back());
  scope_lengths_.pop_back();
}

Graph Trace::finish() {
  for (const auto& [variable, value] : assigned_)
    graph_.add(std::make_shared<Assign>(VariableAccess::state(variable)), {TensorAccess::value(value)});
  assigned_.clear();
  return std::move(graph_);
}

Tensors apply(std::shared_ptr<const Op> op, const Tensors& inputs) {
  if (Trace* trace = Trace::current()) return trace->apply(std::move(op), inputs);
  Specs specs;
  for (const Tensor& input : inputs) specs.push_back(TensorAccess::spec(input));
  auto call = std::make_shared<SymbolicCall>();
  try {
    call->outputs = op->infer(specs);
  } catch (const ShapeError& error) {
    throw ShapeError(concat(op->name(), ": ", error.what()));
  }
  call->op = std::move(op);
  call->inputs = inputs;
  Tensors out;
  for (std::size_t i = 0; i < call->outputs.size(); ++i) out.push_back(TensorAccess::make(call, static_cast<int>(i)));
  return out;
}

Tensor apply_one(std::shared_ptr<const Op> op, const Tensors& inputs) {
  const Tensors out = apply(std::move(op), inputs);
  KERATIN_ASSERT(out.size() == 1);
  return out[0];
}

}  // namespace keratin
