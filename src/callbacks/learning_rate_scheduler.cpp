// LearningRateScheduler: a learning rate for each epoch.
#include <string>

#include "callbacks/printing.h"
#include "keratin/error.h"
#include "keratin/model.h"

namespace keratin::callbacks {
namespace {

class LearningRateSchedulerCallback final : public Callback {
 public:
  LearningRateSchedulerCallback(std::function<double(int, double)> schedule, LearningRateSchedulerOptions options)
      : schedule_(std::move(schedule)), options_(options) {
    if (!schedule_) throw ValueError("LearningRateScheduler: expected a function of epoch and rate, got none");
  }

  void on_epoch_begin(int epoch, Logs&) override {
    Optimizer& optimizer = model().optimizer();
    const double rate = schedule_(epoch, optimizer.learning_rate());
    optimizer.set_learning_rate(rate);
    if (options_.verbose > 0)
      print("\nEpoch " + std::to_string(epoch + 1) + ": LearningRateScheduler setting learning rate to " +
            format_exactly(rate) + ".\n");
  }
  void on_epoch_end(int, Logs& logs) override { logs.set("learning_rate", model().optimizer().learning_rate()); }

 private:
  std::function<double(int, double)> schedule_;
  LearningRateSchedulerOptions options_;
};

}  // namespace

Ref<Callback> LearningRateScheduler(std::function<double(int, double)> schedule, LearningRateSchedulerOptions options) {
  return make<LearningRateSchedulerCallback>(std::move(schedule), options);
}

}  // namespace keratin::callbacks
