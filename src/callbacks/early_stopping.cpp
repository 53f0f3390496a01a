// EarlyStopping: ends training that does not improve any more.
#include <optional>
#include <string>
#include <vector>

#include "callbacks/monitor.h"
#include "callbacks/printing.h"
#include "keratin/model.h"

namespace keratin::callbacks {
namespace {

class EarlyStoppingCallback final : public Callback {
 public:
  explicit EarlyStoppingCallback(EarlyStoppingOptions options)
      : options_(std::move(options)), monitor_("EarlyStopping", options_.monitor, options_.mode, options_.min_delta) {}

  void on_train_begin(Logs&) override { state_ = {}; }

  void on_epoch_end(int epoch, Logs& logs) override {
    const std::optional<double> current = monitor_.value(*this, logs);
    if (!current || epoch < options_.start_from_epoch) return;
    ++state_.wait;
    if (monitor_.improves(*this, *current, state_.best)) {
      state_.best = current;
      state_.best_epoch = epoch;
      if (options_.restore_best_weights) state_.best_weights = model().get_weights();
      if (!options_.baseline || monitor_.improves(*this, *current, options_.baseline)) state_.wait = 0;
    } else if (state_.wait >= options_.patience && epoch > 0) {
      state_.stopped_epoch = epoch;
      model().stop_training();
    }
  }

  void on_train_end(Logs&) override {
    const bool verbose = options_.verbose > 0;
    if (verbose && state_.stopped_epoch)
      print("Epoch " + std::to_string(*state_.stopped_epoch + 1) + ": early stopping\n");
    if (state_.best_weights.empty()) return;
    if (verbose) {
      const std::string epoch = std::to_string(state_.best_epoch + 1);
      print("Restoring model weights from the end of the best epoch: " + epoch + ".\n");
    }
    model().set_weights(state_.best_weights);
    state_.best_weights.clear();
  }

 private:
  /// Of one fit.
  struct State {
    int wait = 0;  // epochs since the last improvement that beat the baseline
    std::optional<double> best = std::nullopt;
    int best_epoch = 0;
    std::vector<Array> best_weights = {};
    std::optional<int> stopped_epoch = std::nullopt;
  };

  EarlyStoppingOptions options_;
  Monitor monitor_;
  State state_;
};

}  // namespace

Ref<Callback> EarlyStopping(EarlyStoppingOptions options) { return make<EarlyStoppingCallback>(std::move(options)); }

}  // namespace keratin::callbacks
