// ReduceLROnPlateau: a smaller learning rate where learning stands still.
#include <algorithm>
#include <optional>
#include <string>

#include "callbacks/monitor.h"
#include "callbacks/printing.h"
#include "keratin/error.h"
#include "keratin/model.h"

namespace keratin::callbacks {
namespace {

class ReduceLROnPlateauCallback final : public Callback {
 public:
  explicit ReduceLROnPlateauCallback(ReduceLROnPlateauOptions options)
      : options_(std::move(options)),
        monitor_("ReduceLROnPlateau", options_.monitor, options_.mode, options_.min_delta) {
    if (!(options_.factor < 1.0))
      throw ValueError("ReduceLROnPlateau: expected factor < 1, got " + format_exactly(options_.factor));
  }

  void on_train_begin(Logs&) override {
    best_.reset();
    cooldown_ = 0;
    wait_ = 0;
  }

  void on_epoch_end(int epoch, Logs& logs) override {
    logs.set("learning_rate", model().optimizer().learning_rate());
    const std::optional<double> current = monitor_.value(*this, logs);
    if (!current) return;
    if (cooldown_ > 0) {
      --cooldown_;
      wait_ = 0;
    }
    if (monitor_.improves(*this, *current, best_)) {
      best_ = current;
      wait_ = 0;
    } else if (cooldown_ == 0 && ++wait_ >= options_.patience) {
      reduce(epoch);
    }
  }

 private:
  void reduce(int epoch) {
    Optimizer& optimizer = model().optimizer();
    const double rate = optimizer.learning_rate();
    if (static_cast<float>(rate) <= static_cast<float>(options_.min_lr)) return;  // Keras's rates are float32
    const double reduced = std::max(rate * options_.factor, options_.min_lr);
    optimizer.set_learning_rate(reduced);
    cooldown_ = options_.cooldown;
    wait_ = 0;
    if (options_.verbose > 0)
      print("\nEpoch " + std::to_string(epoch + 1) + ": ReduceLROnPlateau reducing learning rate to " +
            format_exactly(reduced) + ".\n");
  }

  ReduceLROnPlateauOptions options_;
  Monitor monitor_;
  std::optional<double> best_;
  int cooldown_ = 0;  // epochs still to pass over
  int wait_ = 0;
};

}  // namespace

Ref<Callback> ReduceLROnPlateau(ReduceLROnPlateauOptions options) {
  return make<ReduceLROnPlateauCallback>(std::move(options));
}

}  // namespace keratin::callbacks
