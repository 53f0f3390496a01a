// Callbacks: keras.callbacks. What happens beside training.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "keratin/export.h"
#include "keratin/ref.h"

namespace KERATIN_EXPORT keratin {

class Model;

/// Names and numbers, in the order in which the step made them: loss first.
class Logs {
 public:
  using Entry = std::pair<std::string, double>;
  Logs() = default;
  Logs(std::initializer_list<std::pair<std::string_view, double>> entries);
  /// ValueError lists the names there are.
  double at(std::string_view name) const;
  double value_or(std::string_view name, double otherwise) const;
  bool contains(std::string_view name) const;
  void set(std::string_view name, double value);
  const Entry* begin() const { return entries_.data(); }
  const Entry* end() const { return entries_.data() + entries_.size(); }
  std::size_t size() const { return entries_.size(); }

 private:
  std::vector<Entry> entries_;
};

/// Keras's 0 (silent), 1 (a bar), 2 (a line an epoch) and "auto" (a bar on a terminal, else a line).
class Verbose {
 public:
  Verbose(int level);                                          // ValueError unless 0, 1 or 2
  Verbose(const char* automatic);                              // "auto"
  Verbose(std::nullptr_t) = delete;
  bool automatic() const { return level_ < 0; }
  int level() const { return level_; }                         // -1: auto

 private:
  int level_;
};

/// What a callback may want to know of the call it is in; Keras's params.
struct CallbackParams {
  int epochs = 1;
  std::int64_t steps = 0;                                      // batches in an epoch
  int verbose = 0;
};

/// Keras's hooks; override what you need. Called on the thread that trains. Epochs and batches count from 0. Exceptions end
/// training and reach the caller of fit; the model stays as it is then.
class Callback {
 public:
  virtual ~Callback() = default;
  virtual void on_train_begin(Logs&) {}
  virtual void on_train_end(Logs&) {}
  virtual void on_test_begin(Logs&) {}
  virtual void on_test_end(Logs&) {}
  virtual void on_predict_begin(Logs&) {}
  virtual void on_predict_end(Logs&) {}
  virtual void on_epoch_begin(int, Logs&) {}
  virtual void on_epoch_end(int, Logs&) {}
  virtual void on_train_batch_begin(std::int64_t, Logs&) {}
  virtual void on_train_batch_end(std::int64_t, Logs&) {}
  virtual void on_test_batch_begin(std::int64_t, Logs&) {}
  virtual void on_test_batch_end(std::int64_t, Logs&) {}
  virtual void on_predict_batch_begin(std::int64_t, Logs&) {}
  virtual void on_predict_batch_end(std::int64_t, Logs&) {}
  /// True if the batch hooks read their logs: reading them costs a copy from the device after every batch.
  virtual bool wants_batch_logs() const { return true; }

  /// The model in training; ValueError outside of a call to it.
  Model& model() const;
  const CallbackParams& params() const { return params_; }

 private:
  friend struct CallbackAccess;
  Model* model_ = nullptr;
  CallbackParams params_;
};

namespace callbacks {

struct ProgressBarOptions {
  Verbose verbose = "auto";
};
struct EarlyStoppingOptions {
  std::string monitor = "val_loss";
  double min_delta = 0.0;
  int patience = 0;
  int verbose = 0;
  std::string mode = "auto";                                   // "min", "max" or by the monitor's name
  std::optional<double> baseline = std::nullopt;
  bool restore_best_weights = false;
  int start_from_epoch = 0;
};
struct ModelCheckpointOptions {
  std::string monitor = "val_loss";
  int verbose = 0;
  bool save_best_only = false;
  bool save_weights_only = false;
  std::string mode = "auto";
  std::optional<std::int64_t> save_freq = std::nullopt;        // in batches; none: at the end of every epoch
  std::optional<double> initial_value_threshold = std::nullopt;
};
struct ReduceLROnPlateauOptions {
  std::string monitor = "val_loss";
  double factor = 0.1;
  int patience = 10;
  int verbose = 0;
  std::string mode = "auto";
  double min_delta = 1e-4;
  int cooldown = 0;
  double min_lr = 0.0;
};
struct LearningRateSchedulerOptions {
  int verbose = 0;
};
struct CSVLoggerOptions {
  std::string separator = ",";
  bool append = false;
};
struct TerminateOnNaNOptions {
  bool raise_error = false;                                    // DataError instead of a quiet end
};
struct LambdaOptions {
  std::function<void(int, Logs&)> on_epoch_begin = {};
  std::function<void(int, Logs&)> on_epoch_end = {};
  std::function<void(Logs&)> on_train_begin = {};
  std::function<void(Logs&)> on_train_end = {};
  std::function<void(std::int64_t, Logs&)> on_train_batch_begin = {};
  std::function<void(std::int64_t, Logs&)> on_train_batch_end = {};
};

/// Keras's bar on a terminal, a line an epoch elsewhere: what verbose adds to fit by itself. Writes to standard output.
Ref<Callback> ProgressBar(ProgressBarOptions options = {});
/// Stops when the monitored value has not improved by more than min_delta for `patience` epochs.
Ref<Callback> EarlyStopping(EarlyStoppingOptions options = {});
/// Saves the model after epochs. The path may hold {epoch:02d} (from 1) and {val_loss:.2f}.
Ref<Callback> ModelCheckpoint(const std::filesystem::path& path, ModelCheckpointOptions options = {});
/// Multiplies the learning rate by `factor` when the monitored value stays where it is; adds learning_rate to the logs.
Ref<Callback> ReduceLROnPlateau(ReduceLROnPlateauOptions options = {});
/// Sets the learning rate at the beginning of each epoch; adds learning_rate to the logs.
Ref<Callback> LearningRateScheduler(std::function<double(int epoch, double rate)> schedule, LearningRateSchedulerOptions options = {});
Ref<Callback> LambdaCallback(LambdaOptions options);
/// A line an epoch: epoch from 0, then the logs by name in alphabetical order; NA where one is missing.
Ref<Callback> CSVLogger(const std::filesystem::path& path, CSVLoggerOptions options = {});
/// Ends training when a batch's loss is NaN or infinite.
Ref<Callback> TerminateOnNaN(TerminateOnNaNOptions options = {});

}  // namespace callbacks
}  // namespace keratin
