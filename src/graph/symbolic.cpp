#include "graph/symbolic.h"

#include "base/check.h"
#include "graph/trace.h"

namespace keratin {

SymbolicCall::~SymbolicCall() {
  // One call after another, not each in the destructor of the one that read it: a chain of them may be long.
  std::vector<std::shared_ptr<const SymbolicCall>> open;
  const auto strip = [&open](SymbolicCall& call) {
    for (const Tensor& input : call.inputs) open.push_back(TensorAccess::call(input));
    if (call.mask) open.push_back(TensorAccess::call(*call.mask));
    call.inputs = {};
    call.mask.reset();
  };
  strip(*this);
  while (!open.empty()) {
    const auto last = std::move(open.back());
    open.pop_back();
    if (last.use_count() == 1) strip(const_cast<SymbolicCall&>(*last));  // nobody else sees it any more
  }
}

Tensors SymbolicCall::replay(Trace& trace, const Tensors& own_inputs, const std::optional<Tensor>&) const {
  check_argument(op != nullptr, trace.scope(), trace.scope().empty() ? "" : ": ",
                 "expected a constant, got a tensor that depends on an Input; call layers on it outside, or pass it as "
                 "an input");
  return trace.apply(op, own_inputs);
}

const Spec& TensorAccess::spec(const Tensor& tensor) {
  check_argument(static_cast<bool>(tensor), "expected a tensor, got an unset Tensor");
  if (tensor.graph_ != nullptr) {
    check_argument(Trace::alive(tensor.graph_, tensor.trace_),
                   "expected a tensor of the trace that is running, got one of a trace that has ended; tensors made "
                   "inside call() must not be kept");
    return tensor.graph_->spec(value(tensor));
  }
  return tensor.call_->outputs[static_cast<std::size_t>(tensor.output_)];
}

const Node* TensorAccess::producer(const Tensor& tensor) {
  return tensor.graph_ == nullptr ? nullptr : &tensor.graph_->node(value(tensor));
}

const Shape& Tensor::shape() const { return TensorAccess::spec(*this).shape; }
DType Tensor::dtype() const { return TensorAccess::spec(*this).dtype; }

}  // namespace keratin
