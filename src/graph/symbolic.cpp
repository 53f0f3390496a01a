#include "graph/symbolic.h"

#include "base/check.h"
#include "graph/trace.h"

namespace keratin {

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
