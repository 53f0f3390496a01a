// A fit whose logs a test writes: the model and the callback before the one under test of
// tests/golden/cases/callbacks.py.
#pragma once

#include <map>
#include <span>
#include <string>
#include <vector>

#include "keratin/layers.h"
#include "keratin/model.h"

namespace keratin::testing {

/// A value for each epoch by name; NaN is a value, `nothing` is none in that epoch.
using Script = std::map<std::string, std::vector<double>>;
inline constexpr double nothing = -1.0;

inline std::vector<double> numbers(const Array& array) {
  const std::span<const double> values = array.values<double>();
  return {values.begin(), values.end()};
}
inline std::string text(const Array& bytes) {
  const std::span<const std::uint8_t> values = bytes.values<std::uint8_t>();
  return {values.begin(), values.end()};
}

/// A case of the golden file, and the options that make it.
template <class Options> struct GoldenCase {
  const char* name;
  Options options;
};

class ScriptedLogs final : public Callback {
 public:
  explicit ScriptedLogs(Script script) : script_(std::move(script)) {}
  void on_epoch_end(int epoch, Logs& logs) override {
    weights.push_back(model().get_weights().at(0).item<double>());
    for (const auto& [name, values] : script_)
      if (values.at(static_cast<std::size_t>(epoch)) != nothing)
        logs.set(name, values.at(static_cast<std::size_t>(epoch)));
  }
  std::vector<double> weights;  // the only one, after each epoch

 private:
  Script script_;
};

/// One weight, five samples.
class ScriptedFit {
 public:
  static constexpr double kRate = 0.25;

  ScriptedFit() : model_({Input({1}), layers::Dense(1, {.use_bias = false, .kernel_initializer = "ones"})}) {
    model_.compile({.optimizer = optimizers::SGD(kRate), .loss = "mse", .metrics = {"accuracy"}});
  }
  Sequential& model() { return model_; }
  double weight() const { return model_.get_weights().at(0).item<double>(); }
  /// After each epoch of the last run.
  const std::vector<double>& weights() const { return weights_; }

  History run(const Script& script, const Ref<Callback>& callback) {
    const Ref<ScriptedLogs> scripted = make<ScriptedLogs>(script);
    const Array ones = Array::ones({5, 1});
    const History history = model_.fit(ones, Array::zeros({5, 1}),
                                       {.batch_size = 1,
                                        .epochs = static_cast<int>(script.begin()->second.size()),
                                        .verbose = 0,
                                        .callbacks = {scripted, callback}});
    weights_ = scripted->weights;
    return history;
  }

 private:
  Sequential model_;
  std::vector<double> weights_;
};

}  // namespace keratin::testing
