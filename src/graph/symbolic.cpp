#include "graph/symbolic.h"

#include "base/check.h"

namespace keratin {

const Spec& TensorAccess::spec(const Tensor& tensor) {
  check_argument(static_cast<bool>(tensor), "expected a tensor, got an unset Tensor");
  if (tensor.graph_ != nullptr) return tensor.graph_->spec(value(tensor));
  return tensor.call_->outputs[static_cast<std::size_t>(tensor.output_)];
}

const Node* TensorAccess::producer(const Tensor& tensor) {
  return tensor.graph_ == nullptr ? nullptr : &tensor.graph_->node(value(tensor));
}

const Shape& Tensor::shape() const { return TensorAccess::spec(*this).shape; }
DType Tensor::dtype() const { return TensorAccess::spec(*this).dtype; }

}  // namespace keratin
