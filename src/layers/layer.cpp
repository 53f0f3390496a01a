// Class Layer: calls, weights and what both leave behind. The layers themselves are in the folders beside this file.
#include "keratin/layer.h"

#include <algorithm>
#include <cctype>

#include "base/check.h"
#include "graph/default_seed.h"
#include "layers/layer_state.h"
#include "keratin/ops.h"

namespace keratin {
namespace {

thread_local DType default_dtype = DType::float32;     // set_floatx: a default for layers made later by this thread, no more
thread_local std::vector<Layer*> running;              // the layers whose call() is being traced, innermost last

/// In its lifetime the layer is the one that calls.
class Running {
 public:
  explicit Running(Layer* layer) { running.push_back(layer); }
  Running(const Running&) = delete;
  Running& operator=(const Running&) = delete;
  ~Running() { running.pop_back(); }
};

std::vector<Shape> shapes_of(const Tensors& tensors) {
  std::vector<Shape> shapes;
  for (const Tensor& tensor : tensors) shapes.push_back(tensor.shape());
  return shapes;
}

}  // namespace

void set_floatx(DType dtype) { default_dtype = DTypePolicy(dtype).variable_dtype(); }
DType floatx() { return default_dtype; }

DTypePolicy::DTypePolicy(DType dtype) : compute_(dtype), variable_(dtype) {
  if (dtype == DType::float16 || dtype == DType::bfloat16)
    throw UnsupportedError(concat("dtype: ", to_string(dtype), " layers are not there yet; use float32 or float64"));
  check_argument(is_floating(dtype), "dtype: expected float32 or float64, got ", to_string(dtype));
}

DTypePolicy::DTypePolicy(const char* name) : DTypePolicy(float32) {
  const std::string_view text = name;
  if (text.substr(0, 6) == "mixed_") throw UnsupportedError(concat("dtype: the policy ", text, " is not there yet; use float32 or float64"));
  *this = DTypePolicy(dtype_from_name(text));
}

std::string DTypePolicy::name() const { return std::string(to_string(compute_)); }

std::string snake_case(const std::string& class_name) {
  std::string out;
  const auto upper = [&](std::size_t i) { return i < class_name.size() && std::isupper(static_cast<unsigned char>(class_name[i])) != 0; };
  const auto lower = [&](std::size_t i) { return i < class_name.size() && std::islower(static_cast<unsigned char>(class_name[i])) != 0; };
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

// ---- calling --------------------------------------------------------------------------------------------------------------

Tensor Layer::operator()(const Tensors& inputs, const CallOptions& options) {
  const Tensors out = outputs(inputs, options);
  check_argument(out.size() == 1, name(), " (", class_name(), "): expected one output, got ", out.size(), "; use outputs()");
  return out[0];
}

namespace {

/// Traces the layer on inputs of the current trace.
Tensors run(Layer& layer, Trace& trace, const Tensors& inputs, const CallOptions& options) {
  if (!running.empty() && running.back() != &layer) {
    auto& inside = LayerAccess::state(*running.back()).inside;
    const auto self = layer.shared_from_this();
    if (std::find(inside.begin(), inside.end(), self) == inside.end()) inside.push_back(self);
  }
  const TraceScope scope(trace, layer.name());
  Tensors own;
  CallContext context;
  for (const Tensor& input : inputs) {
    const Tensor x = trace.import(input);
    const Tensor mask = trace.mask(x);
    context.masks.push_back(mask ? std::optional(mask) : std::nullopt);
    own.push_back(is_floating(x.dtype()) ? ops::cast(x, layer.compute_dtype()) : x);
  }
  context.mask = options.mask ? options.mask : context.masks.empty() ? std::nullopt : context.masks[0];
  const bool before = trace.set_training(options.training.value_or(trace.training()));
  context.training = trace.training();
  Tensors out;
  {
    const Running guard(&layer);
    if (!layer.built()) {
      layer.build_many(shapes_of(own));
      LayerAccess::state(layer).built = true;
    }
    for (const Tensor& tensor : layer.call_many(own, context)) out.push_back(trace.import(tensor));
  }
  trace.set_training(before);
  if (const std::optional<Tensor> mask = layer.compute_mask(own, context))
    for (const Tensor& tensor : out) trace.set_mask(tensor, *mask);
  return out;
}

/// The op that stands for an input while a symbolic call's shapes are found out.
class SymbolicInput final : public Op {
 public:
  SymbolicInput(int index, Spec spec) : index_(index), spec_(std::move(spec)) {}
  std::string_view name() const override { return "SymbolicInput"; }
  void fields(FieldWriter& write) const override { write("index", index_); }
  Specs infer(std::span<const Spec>) const override { return {spec_}; }
  Traits traits() const override { return {.leaf = true}; }

 private:
  int index_;
  Spec spec_;
};

}  // namespace

Tensors Layer::outputs(const Tensors& inputs, const CallOptions& options) {
  if (Trace* trace = Trace::current()) return run(*this, *trace, inputs, options);
  auto made = std::make_shared<SymbolicCall>();
  made->layer = shared_from_this();
  made->inputs = inputs;
  made->training = options.training;
  made->mask = options.mask;
  {
    Trace trace(options.training.value_or(false));
    Tensors stand_ins;
    for (const Tensor& input : inputs)
      stand_ins.push_back(trace.apply(std::make_shared<SymbolicInput>(static_cast<int>(stand_ins.size()), TensorAccess::spec(input)), {})[0]);
    CallOptions inner = options;
    inner.mask.reset();                                // shapes do not depend on it
    for (const Tensor& output : run(*this, trace, stand_ins, inner)) made->outputs.push_back(TensorAccess::spec(output));
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

// ---- names and dtypes -----------------------------------------------------------------------------------------------------

const std::string& Layer::name() const {
  if (state_->name.empty()) state_->default_name = snake_case(class_name());
  return state_->name.empty() ? state_->default_name : state_->name;
}

bool Layer::built() const { return state_->built; }
DType Layer::dtype() const { return state_->dtype.variable_dtype(); }
DType Layer::compute_dtype() const { return state_->dtype.compute_dtype(); }
void Layer::set_name(std::string name) {
  state_->named_by_author = true;
  state_->name = std::move(name);
  LayerAccess::settle_paths(*this, state_->name);
}
void Layer::set_dtype(const DTypePolicy& policy) { state_->dtype = policy; }

void LayerAccess::settle_name(Layer& layer, const std::string& name) {
  layer.state_->name = name;
  settle_paths(layer, name);
}

void LayerAccess::settle_paths(const Layer& layer, const std::string& prefix) {
  for (const Variables* own : {&layer.state_->weights, &layer.state_->seed_generators})
    for (const Variable& weight : *own) VariableAccess::state(weight)->path = prefix + "/" + weight.name();
  for (const auto& inside : layer.state_->inside) settle_paths(*inside, prefix + "/" + inside->name());
}

// ---- weights --------------------------------------------------------------------------------------------------------------

Variable Layer::add_weight(std::string_view name, const Shape& shape, WeightOptions options) {
  check_shape(shape.known(), this->name(), " (", class_name(), "): expected known extents for the weight ", name, ", got ", shape,
              "; give the input's shape");
  auto made = std::make_shared<VariableState>();
  made->name = name;
  made->path = this->name() + "/" + made->name;
  made->spec = {options.dtype.value_or(dtype()), shape};
  made->trainable = options.trainable;
  made->seed = draw_default_seed();
  made->initial = [initializer = options.initializer, spec = made->spec](std::uint64_t seed) {
    return (*initializer)(spec.shape, spec.dtype, seed);
  };
  Variable weight = VariableAccess::make(std::move(made));
  state_->weights.push_back(weight);
  if (options.regularizer) state_->regularized.push_back({weight, *options.regularizer});
  return weight;
}

Variable Layer::add_seed_generator(std::optional<std::int64_t> seed) {
  auto made = std::make_shared<VariableState>();
  made->name = state_->seed_generators.empty() ? "seed_generator_state" : concat("seed_generator_state_", state_->seed_generators.size());
  made->path = name() + "/" + made->name;
  made->spec = {int64, Shape({2})};
  made->trainable = false;
  made->seed = draw_default_seed();
  made->initial = [seed](std::uint64_t drawn) {
    const auto key = static_cast<std::int64_t>(seed ? static_cast<std::uint64_t>(*seed) : drawn) & 0xffffffff;
    return Array::of<std::int64_t>({key, 0});          // seed and counter, each 32 bits wide
  };
  state_->seed_generators.push_back(VariableAccess::make(std::move(made)));
  return state_->seed_generators.back();
}

void Layer::add_loss(const Tensor& loss) {
  Trace* trace = Trace::current();
  check_argument(trace != nullptr, name(), " (", class_name(), "): add_loss: expected to be called inside call()");
  check_shape(loss.shape().rank() == 0, name(), " (", class_name(), "): add_loss: expected a scalar, got ", loss.shape());
  trace->add_loss(loss);
}

void Layer::add_metric(const Tensor& value, std::string_view name) {
  Trace* trace = Trace::current();
  check_argument(trace != nullptr, this->name(), " (", class_name(), "): add_metric: expected to be called inside call()");
  trace->add_metric(value, std::string(name));
}

void Layer::track(const Ref<Layer>& layer) { state_->inside.push_back(layer.shared()); }

bool Layer::trainable() const { return state_->trainable; }

void Layer::set_trainable(bool trainable) {
  state_->trainable = trainable;
  for (const auto& inside : state_->inside) inside->set_trainable(trainable);
}

namespace {

void collect(const Layer& layer, bool trainable, bool frozen, Variables& out) {
  frozen = frozen || !layer.trainable();
  for (const Variable& weight : LayerAccess::state(layer).weights)
    if ((weight.trainable() && !frozen) == trainable && std::find(out.begin(), out.end(), weight) == out.end()) out.push_back(weight);
  for (const auto& inside : LayerAccess::state(layer).inside) collect(*inside, trainable, frozen, out);
}

}  // namespace

Variables Layer::trainable_weights() const {
  Variables out;
  collect(*this, true, false, out);
  return out;
}

Variables Layer::non_trainable_weights() const {
  Variables out;
  collect(*this, false, false, out);
  return out;
}

Variables Layer::weights() const {
  Variables own;
  for (const bool trainable : {true, false})
    for (const Variable& weight : state_->weights)
      if (weight.trainable() == trainable) own.push_back(weight);
  for (const auto& inside : state_->inside)
    for (const Variable& weight : inside->weights())
      if (std::find(own.begin(), own.end(), weight) == own.end()) own.push_back(weight);
  return own;
}

Variable Layer::weight(std::string_view name) const {
  std::vector<std::string> names;
  for (const Variable& weight : state_->weights) {
    if (weight.name() == name) return weight;
    names.push_back(weight.name());
  }
  throw ValueError(concat(this->name(), " (", class_name(), "): expected one of the weights ", join(names, ", "), ", got ", name,
                          built() ? "" : "; the layer is not built yet"));
}

std::vector<Array> Layer::get_weights() const {
  std::vector<Array> out;
  for (const Variable& weight : weights()) out.push_back(weight.value());
  return out;
}

void Layer::set_weights(const std::vector<Array>& values) {
  const Variables own = weights();
  check_argument(own.size() == values.size(), name(), " (", class_name(), "): set_weights: expected ", own.size(), " arrays, got ", values.size());
  for (std::size_t i = 0; i < own.size(); ++i)
    check_shape(values[i].shape() == own[i].shape(), name(), " (", class_name(), "): set_weights: expected ", own[i].path(), " of shape ",
                own[i].shape(), ", got ", values[i].shape());
  for (std::size_t i = 0; i < own.size(); ++i) VariableAccess::state(own[i])->assign(values[i]);
}

std::int64_t Layer::count_params() const {
  std::int64_t count = 0;
  for (const Variable& weight : weights()) count += weight.shape().size();
  return count;
}

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
  check_argument(alive.size() == 1, layer.name(), " (", layer.class_name(), "): expected to have been called once, was called ", alive.size(),
                 " times; keep the tensors yourself");
  return alive[0];
}

}  // namespace

Tensor Layer::input() const {
  const auto call = only_call(*this, *state_);
  check_argument(call->inputs.size() == 1, name(), " (", class_name(), "): expected one input, has ", call->inputs.size());
  return call->inputs[0];
}

Tensor Layer::output() const {
  const auto call = only_call(*this, *state_);
  check_argument(call->outputs.size() == 1, name(), " (", class_name(), "): expected one output, has ", call->outputs.size());
  return TensorAccess::make(call, 0);
}

Variables LayerAccess::seed_generators(const Layer& layer) {
  Variables out = layer.state_->seed_generators;
  for (const auto& inside : layer.state_->inside)
    for (const Variable& generator : seed_generators(*inside)) out.push_back(generator);
  return out;
}

std::vector<RegularizedWeight> LayerAccess::regularized(const Layer& layer) {
  std::vector<RegularizedWeight> out = layer.state_->regularized;
  for (const auto& inside : layer.state_->inside)
    for (const RegularizedWeight& weight : regularized(*inside)) out.push_back(weight);
  return out;
}

}  // namespace keratin
