#include "layers/core/input_layer.h"

#include <algorithm>

#include "layers/layer_state.h"
#include "layers/registry.h"

namespace keratin {

InputLayer::InputLayer(const Shape& shape, const layers::InputOptions& options)
    : Layer(options.name.value_or("")), shape_(shape), data_dtype_(options.dtype.value_or(floatx())) {}

void InputLayer::describe(Fields& fields) {
  Shape batch_shape = Shape({unknown}) + shape_;
  fields("batch_shape", batch_shape);
  check_argument(batch_shape.rank() >= 1, "Input: expected a batch_shape with the batch in front, got ", batch_shape);
  shape_ = batch_shape.from(1);
  fields("dtype", data_dtype_);
  fields("sparse", sparse_);
  fields("ragged", ragged_);
  fields("optional", optional_);
}

void InputLayer::validate() const {
  check_argument(std::all_of(shape_.begin(), shape_.end(), [](std::int64_t extent) { return extent > 0; }),
                 "Input: expected extents of 1 or more, got (", join(shape_, ", "),
                 "); the batch, which may be open, comes by itself");
  if (sparse_ || ragged_ || optional_)
    throw UnsupportedError(concat("Input: ",
                                  sparse_   ? "sparse"
                                  : ragged_ ? "ragged"
                                            : "optional",
                                  " inputs are not there; pass dense arrays"));
}

Tensors InputLayer::call_many(const Tensors&, const CallContext&) {
  throw ValueError(
      concat(name(), " (InputLayer): expected not to be called; call layers on the tensor that Input() returned"));
}

Tensor input_tensor(const std::shared_ptr<InputLayer>& layer) {
  auto call = std::make_shared<LayerCall>();
  call->layer = layer;
  call->outputs = {{layer->data_dtype(), Shape({unknown}) + layer->shape()}};
  return TensorAccess::make(std::move(call), 0);
}

Ref<Layer> layers::InputLayer(const Shape& shape, InputOptions options) {
  return make_valid<keratin::InputLayer>(shape, options);
}

Tensor Input(const Shape& shape, layers::InputOptions options) {
  const auto layer = std::make_shared<InputLayer>(shape, options);
  layer->validate();
  return input_tensor(layer);
}

std::shared_ptr<Layer> blank_input_layer() { return std::make_shared<InputLayer>(); }

}  // namespace keratin
