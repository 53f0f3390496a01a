// Model and Sequential: networks with compile, fit, evaluate, predict.
#pragma once

#include <array>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <initializer_list>
#include <map>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "keratin/callbacks.h"
#include "keratin/data.h"
#include "keratin/export.h"
#include "keratin/layer.h"
#include "keratin/losses.h"
#include "keratin/metrics.h"
#include "keratin/optimizers.h"
#include "keratin/ref.h"
#include "keratin/tensor.h"

namespace KERATIN_EXPORT keratin {

struct ModelState;
class Sequential;

/// One T for all outputs, a list in their order, or by name: .loss = "mse", .loss = {{"priority", A()}, {"department",
/// B()}}.
template <class T> class PerOutput {
 public:
  PerOutput() = default;
  template <class U>
    requires(std::convertible_to<U, T> && !std::same_as<std::remove_cvref_t<U>, PerOutput>)
  PerOutput(U&& all_outputs) : values_{T(std::forward<U>(all_outputs))}, for_all_(true) {}
  PerOutput(std::initializer_list<T> in_order) : values_(in_order) {}
  PerOutput(std::initializer_list<std::pair<std::string_view, T>> by_name) {
    for (const auto& [name, value] : by_name) {
      names_.emplace_back(name);
      values_.push_back(value);
    }
  }
  /// What is only known at run time. names: none for the outputs' order.
  static PerOutput of(const std::vector<T>& values, const std::vector<std::string>& names = {}) {
    PerOutput out;
    out.values_ = values;
    out.names_ = names;
    return out;
  }
  bool empty() const { return values_.empty(); }
  bool for_all() const { return for_all_; }
  const std::vector<T>& values() const { return values_; }
  const std::vector<std::string>& names() const { return names_; }  // empty unless given by name

 private:
  std::vector<T> values_;
  std::vector<std::string> names_;
  bool for_all_ = false;
};

class ValidationData {
 public:
  ValidationData() = default;
  ValidationData(Data x, Data y, Data sample_weight = {})
      : batch_{std::move(x), std::move(y), std::move(sample_weight)} {}
  ValidationData(DataSource& source) : source_(&source) {}  // the caller keeps it alive during fit
  bool empty() const { return source_ == nullptr && batch_.x.empty(); }
  DataSource* source() const { return source_; }
  const Batch& arrays() const { return batch_; }

 private:
  Batch batch_;
  DataSource* source_ = nullptr;
};

struct CompileOptions {
  Ref<Optimizer> optimizer = "rmsprop";
  PerOutput<Ref<Loss>> loss = {};
  PerOutput<double> loss_weights = {};
  std::vector<Ref<Metric>> metrics = {};           // of a model with one output
  std::vector<Ref<Metric>> weighted_metrics = {};  // the same, counting sample_weight
  std::map<std::string, std::vector<Ref<Metric>>, std::less<>> metrics_by_output = {};
  bool auto_scale_loss = true;                // under mixed_float16 the optimizer is wrapped in a LossScaleOptimizer
  std::string device = "auto";                // "auto", "cpu", "cuda", "cuda:1"; see devices()
  std::optional<int> threads = std::nullopt;  // the model's budget; none: one for each core the process may use
  std::optional<std::uint64_t> seed =
      std::nullopt;  // draws weights that nobody has set yet anew, shuffles, drops out; none: all that
                     // follows the thread's set_random_seed, and weights stay
};
struct FitOptions {
  Count batch_size = 32;
  int epochs = 1;  // the index of the last epoch plus one, not a count
  Verbose verbose = "auto";
  std::vector<Ref<Callback>> callbacks = {};
  double validation_split = 0.0;  // the last part of the data, taken before shuffling
  ValidationData validation_data = {};
  bool shuffle = true;
  std::map<std::int64_t, double> class_weight = {};  // as in Keras not together with sample_weight
  Data sample_weight = {};
  int initial_epoch = 0;  // above 0, a pass over the data that steps_per_epoch left unfinished is gone on with
  std::optional<std::int64_t> steps_per_epoch =
      std::nullopt;  // an epoch goes on where the last one ended; where the data end, it ends
  std::optional<std::int64_t> validation_steps = std::nullopt;
  std::optional<Count> validation_batch_size = std::nullopt;  // none: batch_size
  int validation_freq = 1;
  std::stop_token stop = {};  // any thread may end training after the current step
  std::filesystem::path profile =
      {};  // what the time was spent on, for ui.perfetto.dev; none: the file that KERATIN_PROFILE names
};
struct EvaluateOptions {
  Count batch_size = 32;
  Verbose verbose = "auto";
  Data sample_weight = {};
  std::optional<std::int64_t> steps = std::nullopt;
  std::vector<Ref<Callback>> callbacks = {};
};
struct PredictOptions {
  Count batch_size = 32;
  Verbose verbose = "auto";
  std::optional<std::int64_t> steps = std::nullopt;
  std::vector<Ref<Callback>> callbacks = {};
};
struct OnnxOptions {
  int opset = 17;                                    // no other yet
  std::map<std::string, std::string> metadata = {};  // into the file's metadata_props: class names, a licence, …
};
struct SummaryOptions {
  std::optional<Count> batch_size = std::nullopt;  // also the memory of a training step on so many samples
  bool expand_nested = false;                      // the layers of models inside, too
  bool show_trainable = false;                     // a column of Y and N
};
/// What a training step uses, in bytes.
struct StepMemory {
  std::size_t variables = 0;  // weights, the optimizer's state, metrics, as they are stored
  std::size_t values = 0;     // the batch, activations, gradients, workspaces: shared with the model's other programs
  std::size_t total() const { return variables + values; }
};
struct ModelOptions {
  std::optional<std::string> name = std::nullopt;
};
/// What fit returns: a value per epoch under each name.
struct History {
  std::map<std::string, std::vector<double>, std::less<>> history;
  std::vector<int> epoch;
  CallbackParams params;
  /// ValueError lists the names there are.
  const std::vector<double>& at(std::string_view name) const;
};

/// A batch inside a traced step.
struct StepData {
  Tensors x = {};
  Tensors y = {};
  std::optional<Tensor> sample_weight = std::nullopt;
};
using StepResults = std::vector<std::pair<std::string, Tensor>>;

/// A handle: copies are the same model. Callable like a layer. Subclass it for call() or train_step(); slicing does not
/// compile. One thread at a time; models that share no layer are independent.
class Model {
 public:
  Model(const Tensors& inputs, const Tensors& outputs, ModelOptions options = {});
  Model(const Model& other);
  Model& operator=(const Model& other);
  template <std::derived_from<Model> Derived>
    requires(!std::same_as<Derived, Model> && !std::same_as<Derived, Sequential>)
  Model(const Derived&)
  = delete;  // would lose train_step(): hold a Ref<Derived>
  virtual ~Model();

  Tensor operator()(const Tensors& inputs, const CallOptions& options = {}) const;
  Tensors outputs(const Tensors& inputs, const CallOptions& options = {}) const;
  template <std::size_t N> std::array<Tensor, N> outputs(const Tensors& inputs, const CallOptions& options = {}) const {
    return outputs(inputs, options).template unpack<N>();
  }
  operator Ref<Layer>() const;  // a model inside a model; one with a call() of its own has to outlive that

  /// Says how the model is trained and where; metrics start anew, weights stay but for those that nobody has set yet.
  /// Throws ValueError for a device of no kind and for threads outside [1, 1024], UnsupportedError for a device that
  /// this build lacks. Losses and metrics meet the outputs in the first step: fit then says which do not.
  void compile(CompileOptions options = {});
  /// x, y: as many samples each along their first axis. Returns when epochs are done or training was stopped. Throws
  /// ValueError before compile(), for options out of their range or in each other's way, and for losses or metrics that
  /// are not one for all outputs, one for each or called as they are; DataError for arrays that are empty, hold NaN or
  /// differ in their samples; ShapeError where they do not fit the layers or the loss; DeviceError for want of memory
  /// or threads. What callbacks and sources throw passes through.
  History fit(const Data& x, const Data& y, const FitOptions& options = {});
  History fit(const Data& x, const FitOptions& options = {});
  History fit(DataSource& source, const FitOptions& options = {});
  History fit(DataSource&& source, const FitOptions& options = {}) { return fit(source, options); }
  /// Loss, then the metrics in the order of compile. Throws as fit.
  Logs evaluate(const Data& x, const Data& y, const EvaluateOptions& options = {});
  Logs evaluate(DataSource& source, const EvaluateOptions& options = {});
  /// What the model's output is for each sample, in their order; compile() is not needed. Throws as fit, and ValueError
  /// if the model has several outputs; predict_all gives an array for each.
  Array predict(const Data& x, const PredictOptions& options = {});
  std::vector<Array> predict_all(const Data& x, const PredictOptions& options = {});
  /// One step on one batch; the metrics start anew.
  Logs train_on_batch(const Data& x, const Data& y, const Data& sample_weight = {});
  Logs test_on_batch(const Data& x, const Data& y, const Data& sample_weight = {});
  std::vector<Array> predict_on_batch(const Data& x);

  const std::string& name() const;
  std::vector<Ref<Layer>> layers() const;
  Ref<Layer> get_layer(std::string_view name) const;  // ValueError lists the names
  Tensors inputs() const;
  Tensors outputs() const;
  bool trainable() const;
  void set_trainable(bool trainable);
  Variables weights() const;
  Variables trainable_weights() const;
  std::int64_t count_params() const;
  /// A table of the layers with their outputs' shapes and weights' counts, then totals: what Keras prints, as a string.
  /// ValueError for a batch_size if the model is not compiled.
  std::string summary(const SummaryOptions& options = {}) const;
  /// What a training step on so many samples is going to use, exactly, if its data are of the dtypes of the last one's;
  /// before the first: of the declared inputs', targets float32, or int32 where they are class indices. ValueError if
  /// the model is not compiled or its inputs are not known.
  StepMemory memory(Count batch_size) const;
  std::vector<Array> get_weights() const;
  void set_weights(const std::vector<Array>& values);
  Optimizer& optimizer() const;  // ValueError before compile()
  std::string device() const;    // where compile() put it: "cpu", "cuda:0"; ValueError before compile()
  /// Every metric of a step: the means of the losses, those of compile() and a subclass's own.
  std::vector<Ref<Metric>> all_metrics() const;
  /// Writes what predict() computes as an ONNX file (IR 8, opset 17) with the batch as a symbol. Inputs have their
  /// declared dtypes; inputs and outputs are called as their layers, weights by path ("dense/kernel"). The bytes depend
  /// on the model alone. The old file stays until the new one is complete. Throws UnsupportedError without the
  /// component keratin::onnx, for another opset and for what ONNX cannot say, ValueError for a model without known
  /// inputs, DataError if the file cannot be written.
  void export_onnx(const std::filesystem::path& path, const OnnxOptions& options = {}) const;
  /// Ends training after the current batch; for callbacks.
  void stop_training();
  bool stopping() const;
  /// Architecture and compile's options as JSON in Keras's form, no weights. UnsupportedError for what it cannot hold:
  /// operations between layers, functions without a name, a model made by subclassing.
  std::string to_json() const;
  /// The whole model: architecture, weights, and what a compiled model needs to go on training as if it had never
  /// stopped. The path ends in .keratin; missing folders are made. The file is replaced when all is written: DataError
  /// leaves it as it was.
  void save(const std::filesystem::path& path) const;
  /// The same without architecture and compile's options.
  void save_weights(const std::filesystem::path& path) const;
  /// From a file of either kind, into a built model whose weights have the same shapes in the same order; names may
  /// differ. If this model is compiled with an optimizer of the same class as the saved one, training then goes on
  /// where that one's was; otherwise the optimizer stays as it is. DataError that names the file leaves the model as it
  /// was.
  void load_weights(const std::filesystem::path& path);

 protected:
  explicit Model(ModelOptions options = {});
  virtual Tensor call(const Tensor& x, const CallContext& context);
  virtual Tensors call_many(const Tensors& xs, const CallContext& context);
  virtual void describe(Fields& fields);
  /// Traced, not run: it builds ops. Default: forward, compute_loss, gradients, optimizer().apply, metrics.
  virtual StepResults train_step(const StepData& batch);
  virtual StepResults test_step(const StepData& batch);
  /// Metrics beside those of compile(); they start each epoch anew.
  virtual std::vector<Ref<Metric>> metrics() const;
  Tensor compute_loss(const StepData& batch, const Tensors& y_pred);
  StepResults update_metrics(const StepData& batch, const Tensors& y_pred, const Tensor& loss);

 private:
  friend class Sequential;
  friend struct ModelAccess;
  explicit Model(std::shared_ptr<ModelState> state) : state_(std::move(state)) {}
  std::shared_ptr<Layer> network() const;

  std::shared_ptr<ModelState> state_;
};

/// Input(), a layer or a model.
class SequentialItem {
 public:
  SequentialItem(Tensor input) : input_(std::move(input)) {}
  template <std::derived_from<Layer> L> SequentialItem(Ref<L> layer) : layer_(layer) {}
  SequentialItem(const Model& model);
  const Tensor& input() const { return input_; }
  const Ref<Layer>& layer() const { return layer_; }

 private:
  Tensor input_;
  Ref<Layer> layer_;
};

/// Layers one after another. Without an Input() it is built by the first data it sees.
class Sequential : public Model {
 public:
  explicit Sequential(ModelOptions options = {});
  Sequential(std::initializer_list<SequentialItem> items, ModelOptions options = {});
  void add(const SequentialItem& item);
};

}  // namespace keratin
