// ModelCheckpoint: the model in a file, again and again.
#include <filesystem>
#include <optional>
#include <string>
#include <system_error>

#include "callbacks/monitor.h"
#include "callbacks/path_template.h"
#include "callbacks/printing.h"
#include "keratin/error.h"
#include "keratin/model.h"

namespace keratin::callbacks {
namespace {

class ModelCheckpointCallback final : public Callback {
 public:
  ModelCheckpointCallback(const std::filesystem::path& path, ModelCheckpointOptions options)
      : path_(path.string()),
        options_(std::move(options)),
        monitor_("ModelCheckpoint", options_.monitor, options_.mode),
        best_(options_.initial_value_threshold) {
    if (options_.save_freq && *options_.save_freq <= 0)
      throw ValueError("ModelCheckpoint: expected save_freq > 0, got " + std::to_string(*options_.save_freq));
  }

  void on_epoch_begin(int epoch, Logs&) override { epoch_ = epoch; }
  void on_train_batch_end(std::int64_t batch, Logs& logs) override {
    if (!options_.save_freq || ++batches_ < *options_.save_freq) return;
    batches_ = 0;
    save_if_due({{"epoch", epoch_ + 1}, {"batch", batch + 1}}, logs);
  }
  void on_epoch_end(int epoch, Logs& logs) override {
    if (!options_.save_freq) save_if_due({{"epoch", epoch + 1}}, logs);
  }

 private:
  using Counts = std::vector<std::pair<std::string, std::int64_t>>;

  void save_if_due(const Counts& counts, const Logs& logs) {
    if (!options_.save_best_only) return save(path_.fill(counts, logs), "saving model to ");
    const std::optional<double> current = monitor_.value(*this, logs);
    if (!current) return;
    const std::string best = best_ ? format_number("%.5f", *best_) : "None";
    if (!monitor_.improves(*this, *current, best_)) return tell(monitor_.name() + " did not improve from " + best);
    save(path_.fill(counts, logs),
         monitor_.name() + " improved from " + best + " to " + format_number("%.5f", *current) + ", saving model to ");
    best_ = current;
  }

  void save(const std::filesystem::path& path, const std::string& why) {
    tell(why + path.string());
    std::error_code error;
    if (path.has_parent_path()) std::filesystem::create_directories(path.parent_path(), error);
    if (error)
      throw DataError("ModelCheckpoint: cannot make the folder " + path.parent_path().string() + ": " +
                      error.message());
    if (options_.save_weights_only) {
      model().save_weights(path);
    } else {
      model().save(path);
    }
    tell("finished saving model to " + path.string());
  }

  void tell(const std::string& what) const {
    if (options_.verbose > 0) print("\nEpoch " + std::to_string(epoch_ + 1) + ": " + what + "\n");
  }

  PathTemplate path_;
  ModelCheckpointOptions options_;
  Monitor monitor_;
  std::optional<double> best_;  // stays from fit to fit, as Keras's
  int epoch_ = 0;
  std::int64_t batches_ = 0;  // since the last save
};

}  // namespace

Ref<Callback> ModelCheckpoint(const std::filesystem::path& path, ModelCheckpointOptions options) {
  return make<ModelCheckpointCallback>(path, std::move(options));
}

}  // namespace keratin::callbacks
