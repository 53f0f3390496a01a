#include "training/trainer.h"

#include <algorithm>
#include <numeric>

#include "base/check.h"
#include "base/environment.h"
#include "base/philox.h"
#include "data/shuffle.h"
#include "data/split.h"
#include "training/chrome_trace.h"
#include "training/objectives.h"
#include "training/step_runner.h"

namespace keratin {
namespace {

void reset_metrics(const Model& model) {
  for (const Ref<Metric>& metric : all_metrics(model)) metric->reset_state();
  const Compiled& compiled = *ModelAccess::state(model).compiled;
  if (!compiled.outputs.empty()) return;
  // The first step is not traced yet, which matches them with the outputs; they may be of another model's use.
  for (const auto* metrics : {&compiled.options.metrics, &compiled.options.weighted_metrics})
    for (const Ref<Metric>& metric : *metrics) metric->reset_state();
  for (const auto& [output, metrics] : compiled.options.metrics_by_output)
    for (const Ref<Metric>& metric : metrics) metric->reset_state();
}

const Compiled& compiled(const Model& model, const char* who) {
  const ModelState& state = ModelAccess::state(model);
  // predict() makes do without an optimizer.
  check_argument(state.compiled && state.compiled->optimizer, who, ": expected a compiled model; call compile() first",
                 state.why_not_compiled);
  return *state.compiled;
}

/// The last may be smaller. Without the sum that a huge batch_size makes overflow.
std::int64_t batches_of(std::int64_t samples, std::int64_t batch_size) {
  return samples / batch_size + (samples % batch_size != 0 ? 1 : 0);
}

std::int64_t batches_of(const Supply& supply, std::int64_t batch_size) {
  return supply.source != nullptr ? supply.source->length() : batches_of(supply.arrays->samples, batch_size);
}

std::int64_t steps_of(const Supply& supply, std::int64_t batch_size, std::optional<std::int64_t> limit) {
  const std::int64_t all = batches_of(supply, batch_size);
  return limit ? std::min(*limit, all) : all;
}

/// Passes over a supply: which samples make the next batch.
class Passes {
 public:
  Passes(Model& model, Mode mode, const Supply& supply, std::int64_t batch_size,
         const std::map<std::int64_t, double>& class_weight = {})
      : model_(model),
        runner_(model, mode),
        supply_(supply),
        batch_size_(batch_size),
        batches_(batches_of(supply, batch_size)),
        class_weight_(class_weight) {}
  /// Makes the first step's program, so that what is wrong is told now. Batches on demand are not asked for.
  void prepare() {
    if (supply_.arrays) runner_.prepare(*supply_.arrays, std::min(batch_size_, supply_.arrays->samples));
  }
  void take_down(Profile* profile) { runner_.take_down(profile); }
  /// Callbacks may have frozen or compiled something since.
  void look_at_the_model_again() { runner_.forget_step(); }
  void rewind() { next_ = 0; }
  /// The pass goes on with this batch.
  void go_on_at(std::int64_t batch) { next_ = batch; }
  /// Batches until the supply is used up; a pass begins when none was taken.
  std::int64_t remaining() const { return batches_ - next_; }
  std::int64_t taken() const { return next_; }
  std::int64_t batches() const { return batches_; }
  /// Of arrays: this pass takes the samples in another order than they came in.
  void shuffle(std::uint64_t seed, std::int64_t pass) {
    order_.resize(static_cast<std::size_t>(supply_.arrays->samples));
    fill_permutation(order_, seed, static_cast<std::uint32_t>(pass));
  }

  void step() {
    const std::int64_t index = next_;
    next_ = (next_ + 1) % batches_;
    if (supply_.source != nullptr) {
      on_demand_ = bind_data(ModelAccess::state(model_), supply_.source->get_batch(index), true, "get_batch");
      apply_class_weight(on_demand_, class_weight_);
      runner_.forget_data();
      return runner_.run(on_demand_, 0, on_demand_.samples);
    }
    const std::int64_t first = index * batch_size_, count = std::min(batch_size_, supply_.arrays->samples - first);
    if (order_.empty()) {
      order_.resize(static_cast<std::size_t>(supply_.arrays->samples));
      std::iota(order_.begin(), order_.end(), 0);
    }
    runner_.run(*supply_.arrays, order_of(first), order_of(first + count));
  }
  void tell(Logs& logs) const { runner_.tell(logs); }
  Logs results() const { return runner_.results(); }

 private:
  /// Of the batch that begins at this sample; none beyond the last.
  std::span<const std::int64_t> order_of(std::int64_t first) const {
    const std::int64_t samples = supply_.arrays->samples;
    const std::span<const std::int64_t> order = order_;
    if (first >= samples) return {};
    return order.subspan(static_cast<std::size_t>(first),
                         static_cast<std::size_t>(std::min(batch_size_, samples - first)));
  }

  Model& model_;
  StepRunner runner_;
  const Supply& supply_;
  std::int64_t batch_size_;
  std::int64_t batches_;
  std::int64_t next_ = 0;
  std::map<std::int64_t, double> class_weight_;  // of batches on demand; arrays come with theirs
  std::vector<std::int64_t> order_;              // empty: not known yet
  BoundData on_demand_;
};

/// One pass without updates, between the test hooks. Whoever stops it, does so after a batch.
Logs test(Model& model, Passes& passes, std::int64_t steps, CallbackList& callbacks, const std::stop_token& stop = {}) {
  Logs nothing, batch_logs;
  callbacks.call(&Callback::on_test_begin, nothing);
  reset_metrics(model);
  passes.rewind();
  passes.look_at_the_model_again();
  for (std::int64_t step = 0; step < steps; ++step) {
    callbacks.call(&Callback::on_test_batch_begin, step, nothing);
    passes.step();
    passes.tell(batch_logs);
    callbacks.call(&Callback::on_test_batch_end, step, batch_logs);
    if (stop.stop_requested()) break;
  }
  Logs logs = passes.results();
  callbacks.call(&Callback::on_test_end, logs);
  return logs;
}

void check_steps(const char* who, const char* option, std::optional<std::int64_t> steps) {
  check_argument(!steps || *steps > 0, who, ": expected ", option, " > 0, got ", steps.value_or(0));
}

void check_source_weights(const char* who, const Supply& supply, const Data& sample_weight) {
  check_argument(supply.arrays.has_value() || sample_weight.empty(), who,
                 ": expected the DataSource to give the sample weights, got sample_weight; put them into its batches");
}

/// The user's callbacks, then the bar or the lines that verbose asks for: it shows what they add to the logs.
std::vector<Ref<Callback>> with_progress(std::vector<Ref<Callback>> callbacks, const Verbose& verbose) {
  if (verbose.level() != 0) callbacks.push_back(callbacks::ProgressBar({.verbose = verbose}));
  return callbacks;
}

/// A profile on its way into a file.
struct Profiling {
  Profiling(const std::filesystem::path& path, const std::string& model) : file(path), profile(model) {}
  ChromeTrace file;
  Profile profile;
};

/// The epochs of one call of fit.
class Fitting {
 public:
  Fitting(Model& model, Supply supply, const FitOptions& options)
      : model_(model),
        held_(ModelAccess::shared(model)),
        state_(*held_),
        options_(options),
        supply_(std::move(supply)) {
    check_options();
    begin_profile();
    hold_out_validation();
    if (supply_.arrays) apply_class_weight(*supply_.arrays, options.class_weight);
    steps_ = steps_of(supply_, options.batch_size, options.steps_per_epoch);
    check_argument(steps_ > 0, "fit: expected at least one batch, got none; is the DataSource empty?");
    if (!validation_) return;
    validation_steps_ = steps_of(*validation_, validation_batch_size(), options.validation_steps);
    check_argument(validation_steps_ > 0,
                   "fit: validation_data: expected at least one batch, got none; is the DataSource empty?");
  }

  History run() {
    History history;
    history.params = {options_.epochs, steps_, options_.verbose.level(), validation_ ? options_.validation_freq : 0};
    CallbackList callbacks(with_progress(options_.callbacks, options_.verbose), model_, history.params);
    Passes training(model_, Mode::train, supply_, options_.batch_size, options_.class_weight);
    training.prepare();
    if (profiling_) training.take_down(&profiling_->profile);
    go_on_with_pass(training);
    std::optional<Passes> validation;
    if (validation_) validation.emplace(model_, Mode::test, *validation_, validation_batch_size()).prepare();
    state_.stopping = false;
    Logs nothing, logs;
    callbacks.call(&Callback::on_train_begin, nothing);
    for (int epoch = options_.initial_epoch; epoch < options_.epochs; ++epoch) {
      if (profiling_) profiling_->profile.begin_epoch(epoch);
      callbacks.call(&Callback::on_epoch_begin, epoch, nothing);
      logs = train(training, callbacks);
      if (validation && (epoch + 1) % options_.validation_freq == 0) validate(*validation, callbacks, logs);
      callbacks.call(&Callback::on_epoch_end, epoch, logs);
      history.epoch.push_back(epoch);
      for (const auto& [name, value] : logs) history.history[name].push_back(value);
      if (supply_.source != nullptr) supply_.source->on_epoch_end();
      if (profiling_) profiling_->profile.end_epoch();
      if (state_.stopping || options_.stop.stop_requested()) break;
    }
    callbacks.call(&Callback::on_train_end, logs);
    if (profiling_) profiling_->file.write(profiling_->profile);
    return history;
  }

 private:
  void check_options() const {
    check_argument(options_.batch_size > 0, "fit: expected batch_size > 0, got ", options_.batch_size);
    check_argument(options_.epochs >= 0, "fit: expected epochs >= 0, got ", options_.epochs);
    check_argument(options_.initial_epoch >= 0, "fit: expected initial_epoch >= 0, got ", options_.initial_epoch);
    check_argument(options_.validation_freq > 0, "fit: expected validation_freq > 0, got ", options_.validation_freq);
    check_argument(!options_.validation_batch_size || *options_.validation_batch_size > 0,
                   "fit: expected validation_batch_size > 0, got ", options_.validation_batch_size.value_or(0));
    check_steps("fit", "steps_per_epoch", options_.steps_per_epoch);
    check_steps("fit", "validation_steps", options_.validation_steps);
    check_source_weights("fit", supply_, options_.sample_weight);
  }

  /// So that a file that cannot be written is told before there is something to write.
  void begin_profile() {
    const Switches switches = read_switches();
    const std::filesystem::path& path = options_.profile.empty() ? switches.profile : options_.profile;
    if (path.empty()) return;
    check_argument(!switches.check_finite,
                   "fit: expected a profile or KERATIN_CHECK_FINITE, got both; checked steps run in another way");
    profiling_.emplace(path, model_.name());
  }

  void hold_out_validation() {
    const ValidationData& given = options_.validation_data;
    if (given.source() != nullptr) {
      validation_ = Supply{std::nullopt, given.source()};
    } else if (!given.empty()) {
      validation_ = Supply{bind_data(state_, given.arrays(), true, "fit: validation_data"), nullptr};
    } else if (options_.validation_split != 0.0) {
      check_argument(supply_.arrays.has_value(),
                     "fit: expected arrays to split for validation, got a DataSource; give validation_data");
      const std::int64_t training = training_samples(supply_.arrays->samples, options_.validation_split);
      validation_ = Supply{supply_.arrays->slice(training, supply_.arrays->samples), nullptr};
      supply_.arrays = supply_.arrays->slice(0, training);
    }
  }

  /// What of the data was not looked at, because fit was told to stop, has no values in the logs.
  void validate(Passes& validation, CallbackList& callbacks, Logs& logs) {
    if (options_.stop.stop_requested()) return;
    if (profiling_) profiling_->profile.begin_validation();
    const Logs values = test(model_, validation, validation_steps_, callbacks, options_.stop);
    if (profiling_) profiling_->profile.end_validation();
    if (options_.stop.stop_requested()) return;
    for (const auto& [name, value] : values) logs.set("val_" + name, value);
  }

  void begin_pass(Passes& training) {
    ++state_.passes_begun;
    state_.batches_taken = 0;
    state_.batches_in_pass = training.batches();
    shuffle(training);
  }

  /// Another call of fit, maybe of another program, left a pass unfinished: as if it were this call.
  void go_on_with_pass(Passes& training) {
    if (options_.initial_epoch == 0 || !options_.steps_per_epoch || state_.batches_taken == 0) return;
    if (state_.batches_in_pass != training.batches()) return;  // it was of other data, or other batches
    training.go_on_at(state_.batches_taken);
    shuffle(training);
  }

  void shuffle(Passes& training) const {
    if (options_.shuffle && supply_.arrays) training.shuffle(state_.compiled->seed, state_.passes_begun - 1);
  }

  /// Whoever stops training, does so after a batch: as in Keras there is always one.
  Logs train(Passes& training, CallbackList& callbacks) {
    reset_metrics(model_);
    training.look_at_the_model_again();
    if (training.taken() == 0) begin_pass(training);
    const std::int64_t steps = std::min(steps_, training.remaining());
    Logs nothing, batch_logs;
    for (std::int64_t step = 0; step < steps; ++step) {
      callbacks.call(&Callback::on_train_batch_begin, step, nothing);
      training.step();
      state_.batches_taken = training.taken();
      training.tell(batch_logs);
      callbacks.call(&Callback::on_train_batch_end, step, batch_logs);
      if (state_.stopping || options_.stop.stop_requested()) break;
    }
    return training.results();
  }

  std::int64_t validation_batch_size() const { return options_.validation_batch_size.value_or(options_.batch_size); }

  Model& model_;
  std::shared_ptr<ModelState> held_;  // a callback may assign another model to this one
  ModelState& state_;
  const FitOptions& options_;
  Supply supply_;
  std::optional<Supply> validation_;
  std::optional<Profiling> profiling_;
  std::int64_t steps_ = 0;
  std::int64_t validation_steps_ = 0;
};

}  // namespace

History fit(Model& model, Supply supply, const FitOptions& options) {
  compiled(model, "fit");
  return Fitting(model, std::move(supply), options).run();
}

Logs evaluate(Model& model, const Supply& supply, const EvaluateOptions& options) {
  compiled(model, "evaluate");
  check_argument(options.batch_size > 0, "evaluate: expected batch_size > 0, got ", options.batch_size);
  check_steps("evaluate", "steps", options.steps);
  check_source_weights("evaluate", supply, options.sample_weight);
  const std::int64_t steps = steps_of(supply, options.batch_size, options.steps);
  check_argument(steps > 0, "evaluate: expected at least one batch, got none; is the DataSource empty?");
  Passes passes(model, Mode::test, supply, options.batch_size);
  passes.prepare();
  CallbackList callbacks(with_progress(options.callbacks, options.verbose), model, {1, steps, options.verbose.level()});
  return test(model, passes, steps, callbacks);
}

std::vector<Array> predict(Model& model, const BoundData& data, const PredictOptions& options) {
  check_argument(options.batch_size > 0, "predict: expected batch_size > 0, got ", options.batch_size);
  check_steps("predict", "steps", options.steps);
  const std::int64_t batch_size = std::min<std::int64_t>(options.batch_size, data.samples);
  const std::int64_t all_steps = batches_of(data.samples, batch_size);
  const std::int64_t steps = std::min(options.steps.value_or(all_steps), all_steps);
  const std::int64_t samples = std::min<std::int64_t>(data.samples, steps * batch_size);
  StepRunner runner(model, Mode::predict);
  runner.prepare(data, batch_size);
  CallbackList callbacks(with_progress(options.callbacks, options.verbose), model, {1, steps, options.verbose.level()});
  std::vector<Array> outputs;
  Logs logs;
  callbacks.call(&Callback::on_predict_begin, logs);
  for (std::int64_t step = 0; step < steps; ++step) {
    callbacks.call(&Callback::on_predict_batch_begin, step, logs);
    const std::int64_t first = step * batch_size, count = std::min(batch_size, samples - first);
    runner.run(data, first, count);
    for (std::size_t i = 0; i < runner.program().output_count(); ++i) {
      const Spec& spec = runner.program().output_spec(i);
      if (step == 0) {
        check_shape(spec.shape.rank() > 0 && spec.shape[0] == count,
                    "predict: expected outputs of one row a sample, got ", spec.shape,
                    "; keep the batch as the first axis of what call() returns");
        outputs.push_back(Array::uninitialized(Shape({samples}) + spec.shape.from(1), spec.dtype));
      }
      Array rows = outputs[i].slice(first, first + count);
      runner.program().read(i, rows.bytes());
    }
    callbacks.call(&Callback::on_predict_batch_end, step, logs);
  }
  callbacks.call(&Callback::on_predict_end, logs);
  return outputs;
}

Logs run_on_batch(Model& model, Mode mode, const BoundData& data) {
  compiled(model, mode == Mode::train ? "train_on_batch" : "test_on_batch");
  reset_metrics(model);
  StepRunner runner(model, mode);
  runner.run(data, 0, data.samples);
  return runner.results();
}

}  // namespace keratin
