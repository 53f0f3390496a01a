// Class Layer: calls, weights and what both leave behind. The layers themselves are in the folders beside this file.
#include "keratin/layer.h"

#include <algorithm>
#include <cctype>
#include <unordered_set>

#include "base/check.h"
#include "base/scope_guard.h"
#include "graph/leaves.h"
#include "keratin/ops.h"
#include "layers/layer_names.h"
#include "layers/layer_state.h"

namespace keratin {
namespace {

thread_local std::vector<Layer*> running;  // the layers whose call() is being traced, innermost last; null: none

std::vector<Shape> shapes_of(const Tensors& tensors) {
  std::vector<Shape> shapes;
  for (const Tensor& tensor : tensors) shapes.push_back(tensor.shape());
  return shapes;
}

}  // namespace

std::string snake_case(const std::string& class_name) {
  std::string out;
  const auto upper = [&](std::size_t i) {
    return i < class_name.size() && std::isupper(static_cast<unsigned char>(class_name[i])) != 0;
  };
  const auto lower = [&](std::size_t i) {
    return i < class_name.size() && std::islower(static_cast<unsigned char>(class_name[i])) != 0;
  };
  for (std::size_t i = 0; i < class_name.size(); ++i) {
    if (i > 0 && upper(i) && (lower(i + 1) || lower(i - 1))) out += '_';
    out += static_cast<char>(std::tolower(static_cast<unsigned char>(class_name[i])));
  }
  return out;
}

Layer::Layer(std::string name) : state_(std::make_unique<LayerState>()) {
  state_->named_by_author = !name.empty();
  state_->name = std::move(name);
}
Layer::~Layer() = default;

CallingLayer::CallingLayer(Layer* layer) { running.push_back(layer); }
CallingLayer::~CallingLayer() { running.pop_back(); }

// ---- calling
// --------------------------------------------------------------------------------------------------------------

Tensor Layer::operator()(const Tensors& inputs, const CallOptions& options) {
  const Tensors out = outputs(inputs, options);
  check_argument(out.size() == 1, name(), " (", class_name(), "): expected one output, got ", out.size(),
                 "; use outputs()");
  return out[0];
}

namespace {

/// Makes the weights beside the trace: what build() computes, it computes at once. A build that throws leaves nothing
/// behind.
void build(Layer& layer, const Tensors& inputs) {
  const TraceSuspension outside;
  const CallingLayer nobody(nullptr);
  LayerState& state = LayerAccess::state(layer);
  ScopeGuard undo([&state, before = state] { state = before; });
  if (!state.built_by_author) {
    state.building = true;
    layer.build_many(shapes_of(inputs));
    state.building = false;
  }
  state.built = true;
  undo.dismiss();
}

/// What a layer reads its weights in, where that is not their own dtype.
std::optional<DType> cast_of_weights(const DTypePolicy& policy) {
  const bool mixed = policy.compute_dtype() != policy.variable_dtype();
  return mixed ? std::optional(policy.compute_dtype()) : std::nullopt;
}

/// Traces the layer on inputs of the current trace.
Tensors run(Layer& layer, Trace& trace, const Tensors& inputs, const CallOptions& options) {
  if (!running.empty() && running.back() != nullptr && running.back() != &layer)
    LayerAccess::adopt(*running.back(), layer.shared_from_this());
  const TraceScope scope(trace, layer.name());
  const bool of_calls = LayerAccess::state(layer).of_calls;
  Tensors own;
  CallContext context;
  for (const Tensor& input : inputs) {
    const Tensor x = trace.import(input);
    const Tensor mask = trace.mask(x);
    context.masks.push_back(mask ? std::optional(mask) : std::nullopt);
    const Tensor converted = !of_calls && is_floating(x.dtype()) ? ops::cast(x, layer.compute_dtype()) : x;
    if (mask) trace.set_mask(converted, mask);  // the layers that this one calls are to see it, too
    own.push_back(converted);
  }
  if (options.mask && !inputs.empty()) context.masks[0] = trace.import(*options.mask);
  if (!inputs.empty()) context.mask = context.masks[0];
  const ScopeGuard restore([&trace, before = trace.set_training(options.training.value_or(trace.training()))] {
    trace.set_training(before);
  });
  context.training = trace.training();
  const bool first = !LayerAccess::state(layer).built;
  if (first) build(layer, own);
  Tensors out;
  {
    const CallingLayer guard(&layer);
    const ScopeGuard as_before(
        [&trace, before = trace.set_autocast(cast_of_weights(layer.dtype_policy()))] { trace.set_autocast(before); });
    for (const Tensor& tensor : layer.call_many(own, context)) out.push_back(trace.import(tensor));
  }
  if (first) LayerAccess::settle_paths(layer);
  if (const std::optional<Tensor> mask = layer.compute_mask(own, context))
    for (const Tensor& tensor : out) trace.set_mask(tensor, *mask);
  return out;
}

}  // namespace

Tensors LayerCall::replay(Trace& trace, const Tensors& own_inputs, const std::optional<Tensor>& own_mask) const {
  if (inputs.empty()) return SymbolicCall::replay(trace, own_inputs, own_mask);  // an Input: refused
  return layer->outputs(own_inputs, {training, own_mask});
}

Tensors Layer::outputs(const Tensors& inputs, const CallOptions& options) {
  check_argument(!weak_from_this().expired(), name(), " (", class_name(), "): expected a layer made by make<",
                 class_name(), ">(), which models can share; got one that stands alone");
  if (Trace* trace = Trace::current()) return run(*this, *trace, inputs, options);
  auto made = std::make_shared<LayerCall>();
  made->layer = shared_from_this();
  made->inputs = inputs;
  made->training = options.training;
  made->mask = options.mask;
  {
    const CallingLayer nobody(nullptr);  // whoever is at work outside has no part in this call
    Trace trace(options.training.value_or(false));
    auto stand_in = [&trace, index = 0](const Tensor& tensor) mutable {
      return trace.apply(std::make_shared<Placeholder>(index++, TensorAccess::spec(tensor)), {})[0];
    };
    Tensors stand_ins;
    for (const Tensor& input : inputs) stand_ins.push_back(stand_in(input));
    CallOptions inner = options;
    if (options.mask) inner.mask = stand_in(*options.mask);
    for (const Tensor& output : run(*this, trace, stand_ins, inner))
      made->outputs.push_back(TensorAccess::spec(output));
  }
  std::erase_if(state_->calls, [](const auto& call) { return call.expired(); });
  state_->calls.push_back(made);
  Tensors out;
  for (std::size_t i = 0; i < made->outputs.size(); ++i) out.push_back(TensorAccess::make(made, static_cast<int>(i)));
  return out;
}

void Layer::build(const Shape&) {}
void Layer::build_many(const std::vector<Shape>& inputs) {
  if (!inputs.empty()) build(inputs[0]);
}

Tensor Layer::call(const Tensor&, const CallContext&) {
  throw InternalError(concat(class_name(), ": expected call() or call_many() to be overridden"));
}

Tensors Layer::call_many(const Tensors& xs, const CallContext& context) {
  check_argument(xs.size() == 1, name(), " (", class_name(), "): expected one input, got ", xs.size());
  return call(xs[0], context);
}

std::optional<Tensor> Layer::compute_mask(const Tensors&, const CallContext& context) {
  return supports_masking() ? context.mask : std::nullopt;
}

void Layer::describe(Fields&) {}

// ---- names and dtypes
// -----------------------------------------------------------------------------------------------------

const std::string& Layer::name() const {
  if (state_->name.empty()) state_->default_name = snake_case(class_name());
  return state_->name.empty() ? state_->default_name : state_->name;
}

bool Layer::built() const { return state_->built || state_->built_by_author; }
DType Layer::dtype() const { return state_->dtype.variable_dtype(); }
DType Layer::compute_dtype() const { return state_->dtype.compute_dtype(); }
const DTypePolicy& Layer::dtype_policy() const { return state_->dtype; }
void Layer::set_name(std::string name) {
  state_->named_by_author = true;
  state_->name = std::move(name);
  LayerAccess::settle_paths(*this, state_->name);
}
void Layer::set_dtype(const DTypePolicy& policy) { state_->dtype = policy; }

void LayerAccess::refuse_cycle(const Layer& layer, const Layer& inside) {
  std::vector<const Layer*> open{&inside};
  std::unordered_set<const Layer*> seen;
  while (!open.empty()) {
    const Layer* const part = open.back();
    open.pop_back();
    check_argument(part != &layer, layer.name(), " (", layer.class_name(),
                   "): expected layers that it is no part of, got ", inside.name(), " (", inside.class_name(),
                   "), which is or contains it; a layer cannot be inside itself");
    if (!seen.insert(part).second) continue;
    for (const auto& below : part->state_->inside) open.push_back(below.get());
  }
}

void LayerAccess::adopt(Layer& layer, std::shared_ptr<Layer> inside) {
  auto parts = layer.state_->inside;
  if (std::find(parts.begin(), parts.end(), inside) != parts.end()) return;
  refuse_cycle(layer, *inside);
  parts.push_back(std::move(inside));
  const LayerNames names(layer.name(), parts);
  layer.state_->inside = std::move(parts);
  settle_paths(layer);
}

void LayerAccess::settle_paths(const Layer& layer, const std::string& prefix) {
  const std::string start = prefix.empty() ? "" : prefix + "/";
  for (const Variables* own : {&layer.state_->weights, &layer.state_->seed_generators})
    for (const Variable& weight : *own) {
      std::string& path = VariableAccess::state(weight)->path;
      const std::string settled = start + weight.name();
      if (!path.ends_with("/" + settled)) path = settled;
    }
  for (const auto& inside : layer.state_->inside) settle_paths(*inside, start + inside->name());
}

// ---- what a call leaves behind, and what is inside
// ------------------------------------------------------------------------

void Layer::add_loss(const Tensor& loss) {
  Trace* trace = Trace::current();
  check_argument(trace != nullptr, name(), " (", class_name(), "): add_loss: expected to be called inside call()");
  check_shape(loss.shape().rank() == 0, name(), " (", class_name(), "): add_loss: expected a scalar, got ",
              loss.shape());
  trace->add_loss(loss);
}

void Layer::add_metric(const Tensor& value, std::string_view name) {
  Trace* trace = Trace::current();
  check_argument(trace != nullptr, this->name(), " (", class_name(),
                 "): add_metric: expected to be called inside call()");
  trace->add_metric(value, std::string(name));
}

void Layer::track(const Ref<Layer>& layer) { LayerAccess::adopt(*this, layer.shared()); }

std::vector<Ref<Layer>> Layer::layers() const {
  std::vector<Ref<Layer>> out;
  for (const auto& inside : state_->inside) out.emplace_back(inside);
  return out;
}

namespace {

std::shared_ptr<const SymbolicCall> only_call(const Layer& layer, const LayerState& state) {
  std::vector<std::shared_ptr<const SymbolicCall>> alive;
  for (const auto& call : state.calls)
    if (auto locked = call.lock()) alive.push_back(std::move(locked));
  check_argument(alive.size() == 1, layer.name(), " (", layer.class_name(),
                 "): expected to have been called once, was called ", alive.size(),
                 " times; keep the tensors yourself");
  return alive[0];
}

}  // namespace

Tensor Layer::input() const {
  const auto call = only_call(*this, *state_);
  check_argument(call->inputs.size() == 1, name(), " (", class_name(), "): expected one input, has ",
                 call->inputs.size());
  return call->inputs[0];
}

Tensor Layer::output() const {
  const auto call = only_call(*this, *state_);
  check_argument(call->outputs.size() == 1, name(), " (", class_name(), "): expected one output, has ",
                 call->outputs.size());
  return TensorAccess::make(call, 0);
}

}  // namespace keratin
