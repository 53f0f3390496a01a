#include "functional/functional.h"

#include <algorithm>
#include <optional>
#include <unordered_map>
#include <unordered_set>
#include <utility>

#include "base/check.h"
#include "graph/trace.h"
#include "keratin/ops.h"
#include "layers/layer_names.h"
#include "layers/layer_state.h"

namespace keratin {

namespace {

using CallSet = std::unordered_set<const SymbolicCall*>;
using CallList = std::vector<std::shared_ptr<const SymbolicCall>>;

/// What has to be there before the call.
Tensors dependencies(const SymbolicCall& call) {
  Tensors out = call.inputs;
  if (call.mask) out.push_back(*call.mask);
  return out;
}

/// The calls that made the inputs.
CallSet check_inputs(const Tensors& inputs, const std::string& who) {
  CallSet given;
  for (const Tensor& input : inputs) {
    const auto& call = TensorAccess::call(input);
    check_argument(call != nullptr && call->layer != nullptr && call->inputs.empty(), who,
                   ": expected inputs made by Input(), got another tensor; call the layers before it on an Input()");
    check_argument(given.insert(call.get()).second, who, ": expected each Input once, got ", call->layer->name(),
                   " twice; leave the second out");
  }
  return given;
}

/// Appends to `calls` the last one and what it needs, needed ones first, without those that are done. Depth first
/// without recursion: models may be deep.
void append_calls(const std::shared_ptr<const SymbolicCall>& last, CallSet& done, CallList& calls) {
  CallList open{last};
  while (!open.empty()) {
    const auto call = open.back();
    bool ready = true;
    const Tensors needed = done.count(call.get()) != 0 ? Tensors() : dependencies(*call);
    for (std::size_t i = needed.size(); i-- > 0;) {
      const auto& source = TensorAccess::call(needed[i]);
      if (done.count(source.get()) != 0) continue;
      open.push_back(source);
      ready = false;
    }
    if (!ready) continue;
    open.pop_back();
    if (done.insert(call.get()).second) calls.push_back(call);
  }
}

}  // namespace

Functional::Functional(Tensors inputs, Tensors outputs, std::string name)
    : Layer(std::move(name)), inputs_(std::move(inputs)), outputs_(std::move(outputs)) {
  check_argument(!outputs_.empty(), this->name(),
                 ": expected at least one output, got none; give the tensors that it is to compute");
  collect_calls();
  const LayerNames names(this->name(), layers_);
  for (const auto& layer : layers_) LayerAccess::settle_paths(*layer, layer->name());
  LayerState& state = LayerAccess::state(*this);
  state.inside = layers_;
  state.of_calls = true;
  state.built = true;
}

void Functional::collect_calls() {
  const CallSet given = check_inputs(inputs_, name());
  CallSet done;
  for (const Tensor& output : outputs_) {
    check_argument(TensorAccess::call(output) != nullptr, name(),
                   ": expected outputs made by calling layers on Input(), got another tensor; a constant has to meet "
                   "one in an op");
    append_calls(TensorAccess::call(output), done, calls_);
  }
  for (const auto& call : calls_)
    check_argument(call->layer == nullptr || !call->inputs.empty() || given.count(call.get()) != 0, name(),
                   ": expected every Input among inputs, the outputs also depend on ",
                   call->layer ? call->layer->name() : "", "; list it there");
  for (const Tensor& input : inputs_)
    if (done.count(TensorAccess::call(input).get()) == 0) calls_.insert(calls_.begin(), TensorAccess::call(input));
  std::unordered_set<const Layer*> known;
  for (const auto& call : calls_)
    if (call->layer && known.insert(call->layer.get()).second) layers_.push_back(call->layer);
}

Tensor Functional::adapt(const Tensor& x, std::size_t input) const {
  const Spec& wanted = TensorAccess::spec(inputs_[input]);
  Tensor y = x;
  // As Keras: an axis of extent 1 at the end may be missing or too many.
  if (y.shape().rank() == wanted.shape.rank() - 1 && wanted.shape.back() == 1) y = ops::expand_dims(y, -1);
  if (y.shape().rank() == wanted.shape.rank() + 1 && y.shape().back() == 1) y = ops::squeeze(y, -1);
  check_shape(y.shape() == wanted.shape, name(), ": expected the input ", input_names()[input], " to have shape ",
              wanted.shape, ", got ", x.shape(), "; reshape what it is called on, or declare Input() so");
  return ops::cast(y, wanted.dtype);
}

Tensors Functional::call_many(const Tensors& xs, const CallContext& context) {
  check_argument(xs.size() == inputs_.size(), name(), ": expected ", inputs_.size(), " inputs (",
                 join(input_names(), ", "), "), got ", xs.size(), "; give one tensor for each");
  check_argument(Trace::current() != nullptr, name(),
                 ": expected call_many() to be called while a step is traced; call the model itself, as a function");
  std::unordered_map<const SymbolicCall*, Tensors> values;
  Trace& trace = *Trace::current();
  std::vector<std::pair<Tensor, Tensor>> masked;  // what the masks of this call are given to, and its mask elsewhere
  for (std::size_t i = 0; i < xs.size(); ++i) {
    const Tensor x = adapt(xs[i], i);
    if (i < context.masks.size() && context.masks[i]) {
      masked.emplace_back(x, trace.mask(x));
      trace.set_mask(x, *context.masks[i]);
    }
    values[TensorAccess::call(inputs_[i]).get()] = x;
  }
  const auto value_of = [&](const Tensor& tensor) {
    return values.at(TensorAccess::call(tensor).get())[static_cast<std::size_t>(TensorAccess::output(tensor))];
  };
  for (const auto& call : calls_) {
    if (values.count(call.get()) != 0) continue;
    Tensors arguments;
    for (const Tensor& input : call->inputs) arguments.push_back(value_of(input));
    const std::optional<Tensor> mask = call->mask ? std::optional(value_of(*call->mask)) : std::nullopt;
    values[call.get()] = call->replay(trace, arguments, mask);
  }
  Tensors out;
  for (const Tensor& output : outputs_) out.push_back(value_of(output));
  for (std::size_t i = masked.size(); i-- > 0;) trace.set_mask(masked[i].first, masked[i].second);
  return out;
}

std::vector<std::string> Functional::input_names() const {
  std::vector<std::string> names;
  for (const Tensor& input : inputs_) names.push_back(TensorAccess::call(input)->layer->name());
  return names;
}

std::vector<std::string> Functional::output_names() const {
  std::vector<std::string> names;
  for (const Tensor& output : outputs_) {
    const auto& call = TensorAccess::call(output);
    std::string base = call->layer ? call->layer->name() : snake_case(std::string(call->op->name()));
    int count = 0;
    std::string candidate = base;
    while (std::find(names.begin(), names.end(), candidate) != names.end()) candidate = concat(base, "_", ++count);
    names.push_back(candidate);
  }
  return names;
}

}  // namespace keratin
