// TerminateOnNaN: no step more once the loss is not a number.
#include <cmath>
#include <string>

#include "callbacks/printing.h"
#include "keratin/error.h"
#include "keratin/model.h"

namespace keratin::callbacks {
namespace {

class TerminateOnNaNCallback final : public Callback {
 public:
  explicit TerminateOnNaNCallback(TerminateOnNaNOptions options) : options_(options) {}

  void on_train_batch_end(std::int64_t batch, Logs& logs) override {
    const double loss = logs.value_or("loss", 0.0);
    if (std::isfinite(loss)) return;
    if (options_.raise_error)
      throw DataError("TerminateOnNaN: expected a finite loss, got " + format_exactly(loss) + " in batch " +
                      std::to_string(batch) + "; try a smaller learning rate or clipnorm");
    model().stop_training();
  }

 private:
  TerminateOnNaNOptions options_;
};

}  // namespace

Ref<Callback> TerminateOnNaN(TerminateOnNaNOptions options) { return make<TerminateOnNaNCallback>(options); }

}  // namespace keratin::callbacks
