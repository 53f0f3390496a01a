// LambdaCallback: hooks given as functions.
#include <utility>

#include "keratin/callbacks.h"

namespace keratin::callbacks {
namespace {

class Lambda final : public Callback {
 public:
  explicit Lambda(LambdaOptions options) : hooks_(std::move(options)) {}

  void on_train_begin(Logs& logs) override { call(hooks_.on_train_begin, logs); }
  void on_train_end(Logs& logs) override { call(hooks_.on_train_end, logs); }
  void on_test_begin(Logs& logs) override { call(hooks_.on_test_begin, logs); }
  void on_test_end(Logs& logs) override { call(hooks_.on_test_end, logs); }
  void on_predict_begin(Logs& logs) override { call(hooks_.on_predict_begin, logs); }
  void on_predict_end(Logs& logs) override { call(hooks_.on_predict_end, logs); }
  void on_epoch_begin(int epoch, Logs& logs) override { call(hooks_.on_epoch_begin, epoch, logs); }
  void on_epoch_end(int epoch, Logs& logs) override { call(hooks_.on_epoch_end, epoch, logs); }
  void on_train_batch_begin(std::int64_t batch, Logs& logs) override { call(hooks_.on_train_batch_begin, batch, logs); }
  void on_train_batch_end(std::int64_t batch, Logs& logs) override { call(hooks_.on_train_batch_end, batch, logs); }
  void on_test_batch_begin(std::int64_t batch, Logs& logs) override { call(hooks_.on_test_batch_begin, batch, logs); }
  void on_test_batch_end(std::int64_t batch, Logs& logs) override { call(hooks_.on_test_batch_end, batch, logs); }
  void on_predict_batch_begin(std::int64_t batch, Logs& logs) override {
    call(hooks_.on_predict_batch_begin, batch, logs);
  }
  void on_predict_batch_end(std::int64_t batch, Logs& logs) override { call(hooks_.on_predict_batch_end, batch, logs); }

 private:
  template <class Function, class... Arguments> static void call(const Function& hook, Arguments&&... arguments) {
    if (hook) hook(std::forward<Arguments>(arguments)...);
  }

  LambdaOptions hooks_;
};

}  // namespace

Ref<Callback> LambdaCallback(LambdaOptions options) { return make<Lambda>(std::move(options)); }

}  // namespace keratin::callbacks
