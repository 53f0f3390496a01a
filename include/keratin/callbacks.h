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

class LogSource;

/// Names and numbers, in the order in which the step made them: loss first. A batch's are read from the device when
/// somebody asks for one of them: a callback that does not look costs nothing. Those are valid within the hook; a copy
/// stays.
class Logs {
 public:
  using Entry = std::pair<std::string, double>;
  Logs() = default;
  Logs(const Logs& other) : entries_(other.entries()) {}
  Logs& operator=(const Logs& other);
  Logs(std::initializer_list<std::pair<std::string_view, double>> entries);
  /// ValueError lists the names there are.
  double at(std::string_view name) const;
  double value_or(std::string_view name, double otherwise) const;
  bool contains(std::string_view name) const;
  void set(std::string_view name, double value);
  const Entry* begin() const { return entries().data(); }
  const Entry* end() const { return entries().data() + entries().size(); }
  std::size_t size() const { return entries().size(); }

 private:
  friend class LogSource;
  std::vector<Entry>& entries() const;

  mutable std::vector<Entry> entries_;
  mutable const LogSource* source_ = nullptr;  // null when what it has to tell is in entries_
};

/// Keras's 0 (silent), 1 (a bar), 2 (a line an epoch) and "auto" (a bar on a terminal, else a line).
class Verbose {
 public:
  Verbose(int level);              // ValueError unless 0, 1 or 2
  Verbose(const char* automatic);  // "auto"
  Verbose(std::nullptr_t) = delete;
  bool automatic() const { return level_ < 0; }
  int level() const { return level_; }  // -1: auto

 private:
  int level_;
};

/// What a callback may want to know of the call it is in; Keras's params.
struct CallbackParams {
  int epochs = 1;
  std::int64_t steps = 0;  // batches in an epoch
  int verbose = 0;
  int validation_freq = 0;  // epochs from one validation to the next; 0: there are none
};

/// Keras's hooks; override what you need. Called on the thread that trains. Epochs and batches count from 0. An
/// exception reaches the caller of fit at once: as in Keras no other hook is called then, nor is on_train_end.
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
  double min_delta = 0.0;                         // a change of this or less is no improvement
  int patience = 0;                               // epochs without improvement before training stops
  int verbose = 0;                                // 1: says at the end what it did
  std::string mode = "auto";                      // "min", "max", or the direction of the metric of this name
  std::optional<double> baseline = std::nullopt;  // patience starts anew only by values better than this
  bool restore_best_weights = false;
  int start_from_epoch = 0;  // epochs before it are not looked at
};
struct ModelCheckpointOptions {
  std::string monitor = "val_loss";
  int verbose = 0;
  bool save_best_only = false;
  bool save_weights_only = false;
  std::string mode = "auto";
  std::optional<std::int64_t> save_freq = std::nullopt;          // in batches; none: at the end of every epoch
  std::optional<double> initial_value_threshold = std::nullopt;  // save_best_only: the value to be better than at first
};
struct LearningRateSchedulerOptions {
  int verbose = 0;
};
struct ReduceLROnPlateauOptions {
  std::string monitor = "val_loss";
  double factor = 0.1;  // below 1
  int patience = 10;
  int verbose = 0;
  std::string mode = "auto";
  double min_delta = 1e-4;
  int cooldown = 0;  // epochs after a reduction that do not count
  double min_lr = 0.0;
};
struct CSVLoggerOptions {
  std::string separator = ",";
  bool append = false;  // to a file that is there; its header stays
};
struct TerminateOnNaNOptions {
  bool raise_error = false;  // DataError instead of a quiet end
};
struct LambdaOptions {
  std::function<void(int, Logs&)> on_epoch_begin = {};
  std::function<void(int, Logs&)> on_epoch_end = {};
  std::function<void(Logs&)> on_train_begin = {};
  std::function<void(Logs&)> on_train_end = {};
  std::function<void(std::int64_t, Logs&)> on_train_batch_begin = {};
  std::function<void(std::int64_t, Logs&)> on_train_batch_end = {};
  std::function<void(Logs&)> on_test_begin = {};
  std::function<void(Logs&)> on_test_end = {};
  std::function<void(std::int64_t, Logs&)> on_test_batch_begin = {};
  std::function<void(std::int64_t, Logs&)> on_test_batch_end = {};
  std::function<void(Logs&)> on_predict_begin = {};
  std::function<void(Logs&)> on_predict_end = {};
  std::function<void(std::int64_t, Logs&)> on_predict_batch_begin = {};
  std::function<void(std::int64_t, Logs&)> on_predict_batch_end = {};
};

// Keras 3's callbacks. Where it warns, these throw: a monitored name that is not in the logs is a ValueError that lists
// the names there are, except for "val_…" in an epoch without validation, which is passed over. None prints but
// ProgressBar and those whose verbose is above 0.

/// What fit, evaluate and predict show while they work, and what their verbose adds by itself. On standard output: a
/// bar with the remaining time, the time per step and the logs, drawn at most every 0.05 s; or with verbose 2 one line
/// at the end of an epoch. "auto" is a bar on a terminal and lines elsewhere. A stopped epoch shows the steps it made.
Ref<Callback> ProgressBar(ProgressBarOptions options = {});

/// Stops training when the monitored value has not improved for `patience` epochs; the first epoch never stops it.
/// restore_best_weights: the weights of the best epoch are the model's when fit returns, stopped or not.
Ref<Callback> EarlyStopping(EarlyStoppingOptions options = {});

/// Saves the model, or its weights, after every epoch or every save_freq batches. The path may hold {epoch} and
/// {batch}, counted from 1, and the logs' names, each with a format of Python's: "{epoch:02d}-{val_loss:.2f}.keratin".
/// Folders are made. save_best_only saves when the monitored value improves on all before it, also on those of an
/// earlier fit; an epoch without validation saves nothing, where Keras saves it unjudged.
Ref<Callback> ModelCheckpoint(const std::filesystem::path& path, ModelCheckpointOptions options = {});

/// Sets the learning rate at the beginning of each epoch (counted from 0) to what `schedule` makes of the present one;
/// adds learning_rate to the epoch's logs.
Ref<Callback> LearningRateScheduler(std::function<double(int epoch, double rate)> schedule,
                                    LearningRateSchedulerOptions options = {});

/// Multiplies the learning rate by `factor`, down to min_lr, when the monitored value has not improved by more than
/// min_delta for `patience` epochs; adds learning_rate to the epoch's logs. ValueError if factor is not below 1.
Ref<Callback> ReduceLROnPlateau(ReduceLROnPlateauOptions options = {});

/// A line an epoch: epoch, counted from 0, then the first epoch's logs by name in alphabetical order; NA where one is
/// missing. If the first epoch has no validation, columns val_… are made for later ones. Numbers have all their digits.
/// DataError if the file cannot be written.
Ref<Callback> CSVLogger(const std::filesystem::path& path, CSVLoggerOptions options = {});

/// Ends training after a batch whose running mean of the loss is NaN or infinite.
Ref<Callback> TerminateOnNaN(TerminateOnNaNOptions options = {});

/// Each hook is a function, or nothing.
Ref<Callback> LambdaCallback(LambdaOptions options);

}  // namespace callbacks
}  // namespace keratin
