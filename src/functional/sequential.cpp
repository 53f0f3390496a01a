#include "functional/sequential.h"

#include <algorithm>

#include "base/check.h"
#include "keratin/layers/core.h"
#include "layers/layer_names.h"
#include "layers/layer_state.h"

namespace keratin {

SequentialNetwork::SequentialNetwork(std::string name) : Layer(std::move(name)) {
  LayerAccess::state(*this).of_calls = true;
}

void SequentialNetwork::add(const Tensor& input) {
  const auto& call = TensorAccess::call(input);
  check_argument(call != nullptr && call->layer != nullptr && call->inputs.empty(), name(),
                 ": expected Input() or a layer, got a computed tensor; use Model(inputs, outputs) for it");
  check_argument(items_.empty() && !input_, name(),
                 ": expected Input() only as the first item; the others know their input from the one before");
  input_ = input;
  outputs_ = input;
}

void SequentialNetwork::add(const std::shared_ptr<Layer>& layer) {
  check_argument(std::find(items_.begin(), items_.end(), layer) == items_.end(), name(),
                 ": expected each layer once, got ", layer->name(), " twice; use a functional model to share it");
  LayerAccess::refuse_cycle(*this, *layer);
  auto items = items_;
  items.push_back(layer);
  const LayerNames names(name(), items);
  if (input_) outputs_ = call_item(layer, outputs_);
  LayerAccess::settle_paths(*layer, layer->name());
  items_ = std::move(items);
  functional_ = nullptr;
  LayerState& state = LayerAccess::state(*this);
  state.inside = items_;
  state.built = static_cast<bool>(input_);
}

Tensors SequentialNetwork::call_item(const std::shared_ptr<Layer>& item, const Tensors& inputs) const {
  check_argument(inputs.size() == 1, name(), ": expected layers with one output, got ", inputs.size(), " before ",
                 item->name(), "; use Model(inputs, outputs) for them");
  return item->outputs(inputs);
}

void SequentialNetwork::build_many(const std::vector<Shape>& inputs) {
  check_argument(inputs.size() == 1, name(), ": expected one input, got ", inputs.size(),
                 "; use Model(inputs, outputs) for several");
  check_argument(!items_.empty(), name(), ": expected at least one layer, got none; add() some");
  if (input_) return;
  const Tensor input = Input(inputs[0].from(1), {.dtype = items_.front()->compute_dtype()});
  Tensors outputs = input;
  for (const auto& item : items_) outputs = call_item(item, outputs);
  input_ = input;
  outputs_ = outputs;
  LayerAccess::state(*this).built = true;
}

const std::shared_ptr<Functional>& SequentialNetwork::functional() const {
  if (functional_ == nullptr && input_ && !items_.empty())
    functional_ = std::make_shared<Functional>(Tensors(input_), outputs_, name());
  return functional_;
}

Tensors SequentialNetwork::call_many(const Tensors& xs, const CallContext& context) {
  check_argument(!items_.empty(), name(), ": expected at least one layer, got none; add() some");
  check_argument(static_cast<bool>(input_), name(),
                 ": expected to be built before call_many() is called; call the model itself, as a function");
  return functional()->call_many(xs, context);
}

}  // namespace keratin
