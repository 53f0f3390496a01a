// The hooks of callbacks: their order, their logs, and what stopping and throwing in them does.
#include <gtest/gtest.h>

#include <algorithm>
#include <stop_token>

#include "keratin/callbacks.h"
#include "keratin/layers.h"
#include "keratin/model.h"
#include "support/throws.h"

namespace keratin {
namespace {

/// Writes down every hook; `act` is called in each with its name.
class Recorder final : public Callback {
 public:
  explicit Recorder(std::function<void(const std::string&, Recorder&)> act = {}) : act_(std::move(act)) {}
  void on_train_begin(Logs& logs) override { note("train_begin", logs); }
  void on_train_end(Logs& logs) override { note("train_end", logs); }
  void on_test_begin(Logs& logs) override { note("test_begin", logs); }
  void on_test_end(Logs& logs) override { note("test_end", logs); }
  void on_predict_begin(Logs& logs) override { note("predict_begin", logs); }
  void on_predict_end(Logs& logs) override { note("predict_end", logs); }
  void on_epoch_begin(int epoch, Logs& logs) override { note("epoch_begin " + std::to_string(epoch), logs); }
  void on_epoch_end(int epoch, Logs& logs) override { note("epoch_end " + std::to_string(epoch), logs); }
  void on_train_batch_begin(std::int64_t batch, Logs& logs) override {
    note("train_batch_begin " + std::to_string(batch), logs);
  }
  void on_train_batch_end(std::int64_t batch, Logs& logs) override {
    note("train_batch_end " + std::to_string(batch), logs);
  }
  void on_test_batch_begin(std::int64_t batch, Logs& logs) override {
    note("test_batch_begin " + std::to_string(batch), logs);
  }
  void on_test_batch_end(std::int64_t batch, Logs& logs) override {
    note("test_batch_end " + std::to_string(batch), logs);
  }
  void on_predict_batch_begin(std::int64_t batch, Logs& logs) override {
    note("predict_batch_begin " + std::to_string(batch), logs);
  }
  void on_predict_batch_end(std::int64_t batch, Logs& logs) override {
    note("predict_batch_end " + std::to_string(batch), logs);
  }

  using Callback::model;
  std::vector<std::string> hooks;  // "epoch_end 0: loss val_loss"

 private:
  void note(const std::string& name, Logs& logs) {
    std::string line = name;
    for (const auto& [log, value] : logs) line += (line == name ? ": " : " ") + log;
    hooks.push_back(line);
    if (act_) act_(name, *this);
  }
  std::function<void(const std::string&, Recorder&)> act_;
};

using Hooks = std::vector<std::string>;
const std::vector<std::string> kTrainingHooks{
    "train_begin",      "epoch_begin 0", "train_batch_begin 0", "train_batch_end 0", "test_begin", "test_batch_begin 0",
    "test_batch_end 0", "test_end",      "epoch_end 0",         "train_end"};

/// Four samples in batches of two.
class HooksTest : public ::testing::Test {
 protected:
  HooksTest() : model_({Input({1}), layers::Dense(1, {.use_bias = false, .kernel_initializer = "ones"})}) {
    model_.compile({.optimizer = optimizers::SGD(0.1), .loss = "mse"});
  }
  History fit(const Ref<Callback>& callback, int epochs, bool validate) {
    FitOptions options{.batch_size = 2, .epochs = epochs, .verbose = 0, .callbacks = {callback}};
    if (validate) options.validation_data = {x_.slice(0, 1), y_.slice(0, 1)};
    return model_.fit(x_, y_, options);
  }
  /// Three epochs of two batches, validated on two, unless somebody asks to stop.
  History fit_until(const std::stop_source& stop, const Ref<Callback>& callback) {
    return model_.fit(x_, y_,
                      {.batch_size = 2,
                       .epochs = 3,
                       .verbose = 0,
                       .callbacks = {callback},
                       .validation_data = {x_, y_},
                       .stop = stop.get_token()});
  }
  double weight() const { return model_.get_weights().at(0).item<double>(); }

  Sequential model_;
  Array x_ = Array::ones({4, 1}), y_ = Array::zeros({4, 1});
};

TEST_F(HooksTest, OfFitComeInKerasOrder) {
  const Ref<Recorder> recorder = make<Recorder>();
  fit(recorder, 2, true);
  EXPECT_EQ(recorder->hooks, (Hooks{"train_begin",
                                    "epoch_begin 0",
                                    "train_batch_begin 0",
                                    "train_batch_end 0: loss",
                                    "train_batch_begin 1",
                                    "train_batch_end 1: loss",
                                    "test_begin",
                                    "test_batch_begin 0",
                                    "test_batch_end 0: loss",
                                    "test_end: loss",
                                    "epoch_end 0: loss val_loss",
                                    "epoch_begin 1",
                                    "train_batch_begin 0",
                                    "train_batch_end 0: loss",
                                    "train_batch_begin 1",
                                    "train_batch_end 1: loss",
                                    "test_begin",
                                    "test_batch_begin 0",
                                    "test_batch_end 0: loss",
                                    "test_end: loss",
                                    "epoch_end 1: loss val_loss",
                                    "train_end: loss val_loss"}));
}

TEST_F(HooksTest, OfEvaluateAreThoseOfTesting) {
  const Ref<Recorder> recorder = make<Recorder>();
  model_.evaluate(x_, y_, {.batch_size = 3, .verbose = 0, .callbacks = {recorder}});
  EXPECT_EQ(recorder->hooks, (Hooks{"test_begin", "test_batch_begin 0", "test_batch_end 0: loss", "test_batch_begin 1",
                                    "test_batch_end 1: loss", "test_end: loss"}));
}

TEST_F(HooksTest, OfPredictHaveNoLogs) {
  const Ref<Recorder> recorder = make<Recorder>();
  model_.predict(x_, {.batch_size = 4, .verbose = 0, .callbacks = {recorder}});
  EXPECT_EQ(recorder->hooks, (Hooks{"predict_begin", "predict_batch_begin 0", "predict_batch_end 0", "predict_end"}));
}

TEST_F(HooksTest, SeeTheModelAndTheParametersOfTheCall) {
  CallbackParams seen;
  const Ref<Recorder> recorder = make<Recorder>([&](const std::string& hook, Recorder& self) {
    if (hook != "train_begin") return;
    seen = self.params();
    EXPECT_EQ(self.model().name(), model_.name());
  });
  fit(recorder, 3, true);
  EXPECT_EQ(seen.epochs, 3);
  EXPECT_EQ(seen.steps, 2);
  EXPECT_EQ(seen.verbose, 0);
  EXPECT_EQ(seen.validation_freq, 1);
  EXPECT_THROWS(ValueError, recorder->model(),
                "Callback: expected model() to be called during fit, evaluate or predict");
}

TEST_F(HooksTest, AreCalledInTheOrderOfTheList) {
  std::vector<int> order;
  const auto note = [&](int which) {
    return callbacks::LambdaCallback({.on_epoch_end = [&order, which](int, Logs&) { order.push_back(which); }});
  };
  model_.fit(x_, y_, {.verbose = 0, .callbacks = {note(1), note(2), note(3)}});
  EXPECT_EQ(order, (std::vector<int>{1, 2, 3}));
}

// Keras looks whether training is to stop after each training batch and after the epoch.
TEST_F(HooksTest, StopTrainingAfterTheBatch) {
  for (const std::string& where : kTrainingHooks) {
    SCOPED_TRACE(where);
    const Ref<Recorder> recorder = make<Recorder>([&](const std::string& hook, Recorder& self) {
      if (hook == where) self.model().stop_training();
    });
    const History history = fit(recorder, 3, true);
    const bool in_training = where == "train_begin" || where == "epoch_begin 0" || where.starts_with("train_batch");
    const auto batches = std::count_if(recorder->hooks.begin(), recorder->hooks.end(),
                                       [](const std::string& hook) { return hook.starts_with("train_batch_end"); });
    EXPECT_EQ(batches, where == "train_end" ? 6 : in_training ? 1 : 2);
    EXPECT_EQ(history.epoch.size(), where == "train_end" ? 3u : 1u);
    EXPECT_EQ(history.at("val_loss").size(), history.epoch.size());
    EXPECT_TRUE(recorder->hooks.back().starts_with("train_end: loss val_loss"));
    EXPECT_TRUE(model_.stopping());
  }
  EXPECT_EQ(fit(make<Recorder>(), 2, false).epoch.size(), 2u);  // the next fit does not remember
}

TEST_F(HooksTest, MayStopThroughATokenFromAnyThread) {
  std::stop_source stop;
  const Ref<Recorder> recorder = make<Recorder>([&](const std::string& hook, Recorder&) {
    if (hook == "train_batch_end 0") stop.request_stop();
  });
  const History history = fit_until(stop, recorder);
  EXPECT_EQ(recorder->hooks, (Hooks{"train_begin", "epoch_begin 0", "train_batch_begin 0", "train_batch_end 0: loss",
                                    "epoch_end 0: loss", "train_end: loss"}));
  EXPECT_EQ(history.epoch.size(), 1u);
}

TEST_F(HooksTest, MayThrowAndLeaveAModelThatTrains) {
  for (const std::string& where : kTrainingHooks) {
    SCOPED_TRACE(where);
    model_.set_weights({Array::ones({1, 1})});
    const Ref<Recorder> recorder = make<Recorder>([&](const std::string& hook, Recorder&) {
      if (hook == where) throw std::runtime_error("enough");
    });
    EXPECT_THROWS(std::runtime_error, fit(recorder, 1, true), "enough");
    EXPECT_TRUE(recorder->hooks.back().starts_with(where));  // no hook after it
    EXPECT_THROW(recorder->model(), ValueError);
    const double before = weight();
    EXPECT_EQ(before < 1.0, where != "train_begin" && where != "epoch_begin 0" && where != "train_batch_begin 0");
    EXPECT_EQ(fit(make<Recorder>(), 2, true).epoch.size(), 2u);
    EXPECT_LT(weight(), before);
  }
}

TEST_F(HooksTest, MayRunTheModelBeforeTheLogsAreRead) {
  const auto losses = [&](const std::function<void()>& work) {
    model_.set_weights({Array::ones({1, 1})});
    std::vector<double> out;
    const Ref<Callback> works = callbacks::LambdaCallback({.on_train_batch_end = [&](std::int64_t, Logs&) { work(); }});
    const Ref<Callback> reads = callbacks::LambdaCallback(
        {.on_train_batch_end = [&](std::int64_t, Logs& logs) { out.push_back(logs.at("loss")); }});
    const History history =
        model_.fit(x_, y_, {.batch_size = 2, .epochs = 2, .verbose = 0, .callbacks = {works, reads}});
    out.insert(out.end(), history.at("loss").begin(), history.at("loss").end());
    return out;
  };
  const std::vector<double> undisturbed = losses([] {});
  const Array other = Array::full({4, 1}, 7.0);
  EXPECT_EQ(losses([&] { model_.predict(other, {.verbose = 0}); }), undisturbed);
  EXPECT_EQ(losses([&] { model_.set_trainable(true); }), undisturbed);  // forgets the programs
}

TEST_F(HooksTest, MayEvaluateAtTheEndOfABatch) {
  const Ref<Callback> evaluates = callbacks::LambdaCallback({.on_train_batch_end = [&](std::int64_t, Logs&) {
    model_.evaluate(Array::full({3, 1}, 7.0), Array::zeros({3, 1}), {.verbose = 0});
  }});
  model_.set_weights({Array::ones({1, 1})});
  // One step of weight 1 from input 1 to target 0: the loss before it is 1, however large the others' are.
  const History history = model_.fit(x_, y_, {.batch_size = 4, .verbose = 0, .callbacks = {evaluates}});
  EXPECT_EQ(history.at("loss"), (std::vector<double>{1.0}));
}

TEST_F(HooksTest, MayWriteIntoTheLogsOfTheirEpoch) {
  const Ref<Callback> writes =
      callbacks::LambdaCallback({.on_epoch_end = [](int epoch, Logs& logs) { logs.set("extra", epoch); }});
  EXPECT_EQ(fit(writes, 3, false).at("extra"), (std::vector<double>{0.0, 1.0, 2.0}));
}

TEST_F(HooksTest, OfLambdaCallbackAreAllThere) {
  std::vector<std::string> called;
  const auto note = [&](const char* hook) { return [&called, hook](Logs&) { called.emplace_back(hook); }; };
  const auto note_epoch = [&](const char* hook) { return [&called, hook](int, Logs&) { called.emplace_back(hook); }; };
  const auto note_batch = [&](const char* hook) {
    return [&called, hook](std::int64_t, Logs&) { called.emplace_back(hook); };
  };
  const Ref<Callback> lambda = callbacks::LambdaCallback({.on_epoch_begin = note_epoch("epoch_begin 0"),
                                                          .on_epoch_end = note_epoch("epoch_end 0"),
                                                          .on_train_begin = note("train_begin"),
                                                          .on_train_end = note("train_end"),
                                                          .on_train_batch_begin = note_batch("train_batch_begin 0"),
                                                          .on_train_batch_end = note_batch("train_batch_end 0"),
                                                          .on_test_begin = note("test_begin"),
                                                          .on_test_end = note("test_end"),
                                                          .on_test_batch_begin = note_batch("test_batch_begin 0"),
                                                          .on_test_batch_end = note_batch("test_batch_end 0"),
                                                          .on_predict_begin = note("predict_begin"),
                                                          .on_predict_end = note("predict_end"),
                                                          .on_predict_batch_begin = note_batch("predict_batch_begin 0"),
                                                          .on_predict_batch_end = note_batch("predict_batch_end 0")});
  model_.fit(x_, y_, {.verbose = 0, .callbacks = {lambda}, .validation_data = {x_, y_}});
  EXPECT_EQ(called, kTrainingHooks);
  called.clear();
  model_.predict(x_, {.verbose = 0, .callbacks = {lambda}});
  EXPECT_EQ(called, (Hooks{"predict_begin", "predict_batch_begin 0", "predict_batch_end 0", "predict_end"}));
}

TEST_F(HooksTest, AnUnsetCallbackLeavesTheOthersAlone) {
  const auto recorder = make<Recorder>();
  const FitOptions options{.verbose = 0, .callbacks = {recorder, Ref<Callback>()}};
  EXPECT_THROWS(ValueError, model_.fit(x_, y_, options), "callbacks: expected callbacks, got an unset Ref at place 1");
  EXPECT_THROWS(ValueError, recorder->model(), "expected model() to be called during fit");
}

TEST_F(HooksTest, ACallbackMayAssignAnotherModelAtTheEnd) {
  Sequential other({Input({1}), layers::Dense(1)});
  other.compile({.optimizer = optimizers::SGD(0.1), .loss = "mse"});
  const auto assign = [&](const char* when) {
    return make<Recorder>([&other, when](const std::string& hook, Recorder& recorder) {
      if (hook == when) recorder.model() = other;
    });
  };
  const Variables weights = model_.weights();
  EXPECT_THROWS(ValueError, fit(assign("train_batch_end 0"), 1, false),
                "expected the same model from the first step to the last, got another assigned by a callback");
  EXPECT_EQ(model_.name(), other.name());
  const History history = fit(assign("train_end"), 2, true);
  EXPECT_EQ(history.epoch.size(), 2u);
}

TEST_F(HooksTest, StoppingIsSeenDuringValidation) {
  std::stop_source stop;
  const auto recorder = make<Recorder>([&](const std::string& hook, Recorder&) {
    if (hook == "test_batch_end 0") stop.request_stop();
  });
  const History history = fit_until(stop, recorder);
  EXPECT_EQ(std::count(recorder->hooks.begin(), recorder->hooks.end(), "test_batch_begin 1"), 0);
  EXPECT_EQ(recorder->hooks.back(), "train_end: loss");  // values of a part of the data are none of the data
  EXPECT_EQ(history.epoch.size(), 1u);
}

}  // namespace
}  // namespace keratin
