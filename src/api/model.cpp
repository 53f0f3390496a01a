// The façade: Model's members, delegating to functional and training.
#include "keratin/model.h"

#include <algorithm>

#include "api/backends.h"
#include "base/check.h"
#include "graph/default_seed.h"
#include "graph/differentiate.h"
#include "layers/layer_state.h"
#include "training/model_state.h"
#include "training/objectives.h"
#include "training/trainer.h"

namespace keratin {
namespace {

/// A subclass's call() as a layer: what its forward pass and its weights hang on.
class SubclassNetwork final : public Layer {
 public:
  explicit SubclassNetwork(std::string name) : Layer(std::move(name)) {}
  std::string class_name() const override { return "Model"; }
  void describe(Fields&) override {
    throw UnsupportedError(
        concat(name(),
               ": a model made by subclassing cannot be saved whole; make it again in your program and use "
               "save_weights() and load_weights()"));
  }
  Tensors call_many(const Tensors& xs, const CallContext& context) override {
    check_argument(!copies.empty(), name(),
                   ": expected the model to live as long as those it is part of; keep it, or a copy of it");
    return ModelAccess::call_many(*copies.back(), xs, context);
  }

  std::vector<Model*> copies;  // those that live, the one that was used last at the end
};

/// What compile() makes do where it was not called: predictions need a device and a seed, no loss.
Compiled uncompiled() {
  Compiled made;
  made.backend = &backend_for("auto");
  made.seed = draw_default_seed();
  return made;
}

}  // namespace

const Functional* ModelState::functional() const {
  if (const auto* sequential = dynamic_cast<const SequentialNetwork*>(network.get()))
    return sequential->functional().get();
  return dynamic_cast<const Functional*>(network.get());
}

// ---- making
// ---------------------------------------------------------------------------------------------------------------

Model::Model(const Tensors& inputs, const Tensors& outputs, ModelOptions options)
    : state_(std::make_shared<ModelState>()) {
  state_->network = std::make_shared<Functional>(inputs, outputs, options.name.value_or(""));
}

Model::Model(ModelOptions options) : state_(std::make_shared<ModelState>()) {
  state_->network = std::make_shared<SubclassNetwork>(options.name.value_or(""));
}

Sequential::Sequential(ModelOptions options) : Model(ModelOptions(options)) {
  state_->network = std::make_shared<SequentialNetwork>(options.name.value_or(""));
}

Sequential::Sequential(std::initializer_list<SequentialItem> items, ModelOptions options)
    : Sequential(std::move(options)) {
  for (const SequentialItem& item : items) add(item);
}

void Sequential::add(const SequentialItem& item) {
  auto& network = static_cast<SequentialNetwork&>(*state_->network);
  if (item.input()) {
    network.add(item.input());
  } else {
    network.add(item.layer().shared());
  }
  state_->seeded = false;  // the new weights are to come from the seed, too
  state_->forget_programs();
}

SequentialItem::SequentialItem(const Model& model) : layer_(model) {}

namespace {

void forget_copy(Layer& network, Model* model) {
  if (auto* subclass = dynamic_cast<SubclassNetwork*>(&network)) std::erase(subclass->copies, model);
}

}  // namespace

// A copy is at hand when its original dies, but steps back while that is in use.
Model::Model(const Model& other) : state_(other.state_) {
  if (auto* subclass = dynamic_cast<SubclassNetwork*>(state_->network.get()))
    subclass->copies.insert(subclass->copies.begin(), this);
}

Model& Model::operator=(const Model& other) {
  if (this == &other || state_ == other.state_) return *this;
  forget_copy(*state_->network, this);
  state_ = other.state_;
  if (auto* subclass = dynamic_cast<SubclassNetwork*>(state_->network.get()))
    subclass->copies.insert(subclass->copies.begin(), this);
  return *this;
}

Model::~Model() { forget_copy(*state_->network, this); }

std::shared_ptr<Layer> Model::network() const {
  auto* const self = const_cast<Model*>(this);
  forget_copy(*state_->network, self);
  if (auto* subclass = dynamic_cast<SubclassNetwork*>(state_->network.get())) subclass->copies.push_back(self);
  return state_->network;
}

Model::operator Ref<Layer>() const { return network(); }

// ---- calling and tracing
// --------------------------------------------------------------------------------------------------

Tensor Model::operator()(const Tensors& inputs, const CallOptions& options) const {
  const Tensors out = outputs(inputs, options);
  check_argument(out.size() == 1, name(), ": expected one output, got ", out.size(), "; use outputs()");
  return out[0];
}

Tensors Model::outputs(const Tensors& inputs, const CallOptions& options) const {
  return network()->outputs(inputs, options);
}

Tensor Model::call(const Tensor&, const CallContext&) {
  throw ValueError(
      concat(name(), ": expected a subclass of Model to override call() or train_step(), got neither; override one"));
}

Tensors Model::call_many(const Tensors& xs, const CallContext& context) {
  check_argument(xs.size() == 1, name(), ": expected one input, got ", xs.size(), "; override call_many()");
  return call(xs[0], context);
}

void Model::describe(Fields&) {}

StepResults Model::train_step(const StepData& batch) {
  check_argument(Trace::current() != nullptr, name(),
                 ": expected train_step() to be called by fit() or train_on_batch(), which trace it");
  const Tensors y_pred = outputs(batch.x, {.training = true});
  const Tensor loss = compute_loss(batch, y_pred);
  const Variables weights = trainable_weights();
  const Tensors gradients = differentiate(*Trace::current(), optimizer().scale_loss(loss), weights);
  optimizer().apply(gradients, weights);  // unset, not zero, where a weight has none
  return update_metrics(batch, y_pred, loss);
}

StepResults Model::test_step(const StepData& batch) {
  const Tensors y_pred = outputs(batch.x, {.training = false});
  return update_metrics(batch, y_pred, compute_loss(batch, y_pred));
}

std::vector<Ref<Metric>> Model::metrics() const { return {}; }

Tensor Model::compute_loss(const StepData& batch, const Tensors& y_pred) { return total_loss(*state_, batch, y_pred); }

StepResults Model::update_metrics(const StepData& batch, const Tensors& y_pred, const Tensor& loss) {
  return updated_metrics(*state_, batch, y_pred, loss);
}

// ---- training
// -------------------------------------------------------------------------------------------------------------

void Model::compile(CompileOptions options) {
  const Backend& backend = backend_for(options.device);
  const int threads = options.threads.value_or(available_threads());
  check_argument(threads >= 1 && threads <= most_threads, "compile: expected threads in [1, ", most_threads, "], got ",
                 threads, "; leave them unset for one a core");
  Compiled made;
  made.threads = threads;
  const bool scales = options.auto_scale_loss && state_->network->dtype_policy() == DTypePolicy("mixed_float16") &&
                      options.optimizer->class_name() != "LossScaleOptimizer";
  made.optimizer = scales ? optimizers::LossScaleOptimizer(options.optimizer) : options.optimizer;
  made.loss_tracker = metrics::Mean({.name = "loss"}).shared();
  made.backend = &backend;
  made.seed = options.seed ? *options.seed : draw_default_seed();
  made.options = std::move(options);
  state_->compiled = std::move(made);
  state_->seeded = false;
  state_->passes_begun = 0;
  state_->batches_taken = 0;
  state_->forget_programs();
  state_->workshop.team.reset();
  if (state_->network->built()) seed_variables(*state_);
}

History Model::fit(const Data& x, const Data& y, const FitOptions& options) {
  return keratin::fit(*this, {bind_data(*state_, {x, y, options.sample_weight}, true, "fit"), nullptr}, options);
}

History Model::fit(const Data& x, const FitOptions& options) { return fit(x, Data(), options); }

History Model::fit(DataSource& source, const FitOptions& options) {
  return keratin::fit(*this, {std::nullopt, &source}, options);
}

Logs Model::evaluate(const Data& x, const Data& y, const EvaluateOptions& options) {
  return keratin::evaluate(*this, {bind_data(*state_, {x, y, options.sample_weight}, true, "evaluate"), nullptr},
                           options);
}

Logs Model::evaluate(DataSource& source, const EvaluateOptions& options) {
  return keratin::evaluate(*this, {std::nullopt, &source}, options);
}

std::vector<Array> Model::predict_all(const Data& x, const PredictOptions& options) {
  if (!state_->compiled) state_->compiled = uncompiled();
  return keratin::predict(*this, bind_data(*state_, {x, {}, {}}, false, "predict"), options);
}

Array Model::predict(const Data& x, const PredictOptions& options) {
  const std::vector<Array> out = predict_all(x, options);
  check_argument(out.size() == 1, "predict: expected a model with one output, got ", out.size(), "; use predict_all()");
  return out[0];
}

Logs Model::train_on_batch(const Data& x, const Data& y, const Data& sample_weight) {
  return run_on_batch(*this, Mode::train, bind_data(*state_, {x, y, sample_weight}, true, "train_on_batch"));
}

Logs Model::test_on_batch(const Data& x, const Data& y, const Data& sample_weight) {
  return run_on_batch(*this, Mode::test, bind_data(*state_, {x, y, sample_weight}, true, "test_on_batch"));
}

std::vector<Array> Model::predict_on_batch(const Data& x) {
  check_argument(!x.empty(), "predict: expected x, got no array; give one array for each input of the model");
  return predict_all(x, {.batch_size = x.at(std::size_t{0}).length(), .verbose = 0});
}

// ---- what it is made of
// ---------------------------------------------------------------------------------------------------

const std::string& Model::name() const { return state_->network->name(); }

std::vector<Ref<Layer>> Model::layers() const {
  const auto* sequential = dynamic_cast<const SequentialNetwork*>(state_->network.get());
  if (sequential == nullptr) return state_->network->layers();
  return {sequential->items().begin(), sequential->items().end()};  // as Keras, without the InputLayer
}

Ref<Layer> Model::get_layer(std::string_view name) const {
  std::vector<std::string> names;
  for (const Ref<Layer>& layer : layers()) {
    if (layer->name() == name) return layer;
    names.push_back(layer->name());
  }
  throw ValueError(concat(this->name(), ": expected one of the layers ", join(names, ", "), ", got ", name));
}

Tensors Model::inputs() const {
  const Functional* functional = state_->functional();
  check_argument(functional != nullptr, name(), ": expected a model with known inputs; add Input() or call it first");
  return functional->inputs();
}

Tensors Model::outputs() const {
  const Functional* functional = state_->functional();
  check_argument(functional != nullptr, name(), ": expected a model with known outputs; add Input() or call it first");
  return functional->outputs_of_graph();
}

bool Model::trainable() const { return state_->network->trainable(); }

void Model::set_trainable(bool trainable) { state_->network->set_trainable(trainable); }

Variables Model::weights() const { return state_->network->weights(); }
Variables Model::trainable_weights() const { return state_->network->trainable_weights(); }
std::int64_t Model::count_params() const { return state_->network->count_params(); }
std::vector<Array> Model::get_weights() const { return state_->network->get_weights(); }
void Model::set_weights(const std::vector<Array>& values) { state_->network->set_weights(values); }

Optimizer& Model::optimizer() const {
  check_argument(state_->compiled && state_->compiled->optimizer, name(),
                 ": expected a compiled model; call compile() first");
  return *state_->compiled->optimizer;
}
std::string Model::device() const {
  optimizer();
  return state_->compiled->backend->info().name;
}

std::vector<Ref<Metric>> Model::all_metrics() const { return keratin::all_metrics(*this); }

void Model::stop_training() { state_->stopping = true; }
bool Model::stopping() const { return state_->stopping; }

Verbose::Verbose(int level) : level_(level) {
  check_argument(level >= 0 && level <= 2, "verbose: expected 0, 1, 2 or \"auto\", got ", level);
}
Verbose::Verbose(const char* automatic) : level_(-1) {
  check_argument(automatic != nullptr, "verbose: expected 0, 1, 2 or \"auto\", got a null pointer");
  check_argument(std::string_view(automatic) == "auto", "verbose: expected 0, 1, 2 or \"auto\", got ", automatic);
}

}  // namespace keratin
