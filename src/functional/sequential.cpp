#include "functional/sequential.h"

#include "base/check.h"
#include "graph/trace.h"
#include "keratin/layers/core.h"
#include "layers/layer_state.h"

namespace keratin {

void SequentialNetwork::add(const Tensor& input) {
  const auto& call = TensorAccess::call(input);
  check_argument(call != nullptr && call->layer != nullptr && call->inputs.empty(), name(), ": expected Input() or a layer, got a computed tensor");
  check_argument(items_.empty() && !input_, name(), ": expected Input() only as the first item");
  input_ = input;
}

void SequentialNetwork::add(const std::shared_ptr<Layer>& layer) {
  for (const auto& item : items_)
    check_argument(item != layer, name(), ": expected each layer once, got ", layer->name(), " twice; use a functional model to share it");
  items_.push_back(layer);
  if (input_) rebuild();
}

void SequentialNetwork::build_many(const std::vector<Shape>& inputs) {
  check_argument(inputs.size() == 1, name(), ": expected one input, got ", inputs.size());
  if (input_) return;
  const TraceSuspension outside;                       // the first call may come from a trace, the model's graph is made beside it
  input_ = Input(inputs[0].from(1), {.dtype = compute_dtype()});
  rebuild();
}

void SequentialNetwork::rebuild() {
  Tensors outputs = input_;
  for (const auto& item : items_) {
    check_argument(outputs.size() == 1, name(), ": expected layers with one output, got ", outputs.size(), " before ", item->name());
    outputs = item->outputs(outputs);
  }
  functional_ = std::make_shared<Functional>(Tensors(input_), outputs, name());
  LayerAccess::state(*this).inside = {functional_->called_layers().begin(), functional_->called_layers().end()};
  LayerAccess::state(*this).built = true;
}

Tensors SequentialNetwork::call_many(const Tensors& xs, const CallContext& context) {
  check_argument(functional_ != nullptr, name(), ": expected at least one layer, got none; add() some");
  return functional_->call_many(xs, context);
}

}  // namespace keratin
