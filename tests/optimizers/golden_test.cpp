// Ten steps of every optimizer, plain and with each option of the frame, against Keras's.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "optimizers/optimizer_on_numbers.h"
#include "support/approx.h"
#include "support/npz.h"

namespace keratin::testing {
namespace {

using namespace optimizers;
using Cases = std::map<std::string, Ref<Optimizer>>;

constexpr double rate = 0.0625;

Cases plain_cases() {
  return {
      {"sgd", SGD()},
      {"sgd_momentum", SGD(rate, {.momentum = 0.75})},
      {"sgd_nesterov", SGD(rate, {.momentum = 0.75, .nesterov = true})},
      {"rmsprop", RMSprop()},
      {"rmsprop_momentum", RMSprop(rate, {.rho = 0.75, .momentum = 0.5})},
      {"rmsprop_centered", RMSprop(rate, {.rho = 0.75, .centered = true})},
      {"rmsprop_all", RMSprop(rate, {.rho = 0.75, .momentum = 0.5, .epsilon = 1e-3, .centered = true})},
      {"rmsprop_keras_2", RMSprop(rate, {.rho = 0.75, .keras2_epsilon = true})},
      {"rmsprop_keras_2_epsilon", RMSprop(rate, {.rho = 0.75, .epsilon = 1e-3, .keras2_epsilon = true})},
      {"adam", Adam()},
      {"adam_all", Adam(rate, {.beta_1 = 0.75, .beta_2 = 0.875, .epsilon = 1e-3})},
      {"adam_amsgrad", Adam(rate, {.beta_1 = 0.75, .beta_2 = 0.875, .epsilon = 1e-3, .amsgrad = true})},
      {"adamw", AdamW()},
      {"adamw_all",
       AdamW(rate, {.weight_decay = 0.125, .beta_1 = 0.75, .beta_2 = 0.875, .epsilon = 1e-3, .amsgrad = true})},
      {"adamw_excluded", AdamW(rate, {.weight_decay = 0.125, .beta_1 = 0.75, .beta_2 = 0.875, .epsilon = 1e-3})},
      {"adagrad", Adagrad()},
      {"adagrad_all", Adagrad(rate, {.initial_accumulator_value = 0.25, .epsilon = 1e-3})},
      {"adagrad_keras_2", Adagrad(rate, {.initial_accumulator_value = 0, .keras2_epsilon = true})},
      {"adagrad_keras_2_epsilon",
       Adagrad(rate, {.initial_accumulator_value = 0, .epsilon = 1e-3, .keras2_epsilon = true})},
  };
}

/// Every optimizer with these options of the frame; AdamW decays by 0.004 if they do not say otherwise.
void add_framed(Cases& cases, const std::string& name, const CommonOptimizerOptions& o) {
  cases.emplace("sgd_" + name, SGD(rate, {.momentum = 0.75,
                                          .weight_decay = o.weight_decay,
                                          .clipnorm = o.clipnorm,
                                          .clipvalue = o.clipvalue,
                                          .global_clipnorm = o.global_clipnorm}));
  cases.emplace("rmsprop_" + name, RMSprop(rate, {.rho = 0.75,
                                                  .momentum = 0.5,
                                                  .epsilon = 1e-3,
                                                  .centered = true,
                                                  .weight_decay = o.weight_decay,
                                                  .clipnorm = o.clipnorm,
                                                  .clipvalue = o.clipvalue,
                                                  .global_clipnorm = o.global_clipnorm}));
  cases.emplace("adam_" + name, Adam(rate, {.beta_1 = 0.75,
                                            .beta_2 = 0.875,
                                            .epsilon = 1e-3,
                                            .weight_decay = o.weight_decay,
                                            .clipnorm = o.clipnorm,
                                            .clipvalue = o.clipvalue,
                                            .global_clipnorm = o.global_clipnorm}));
  cases.emplace("adamw_" + name, AdamW(rate, {.weight_decay = o.weight_decay.value_or(0.004),
                                              .beta_1 = 0.75,
                                              .beta_2 = 0.875,
                                              .epsilon = 1e-3,
                                              .clipnorm = o.clipnorm,
                                              .clipvalue = o.clipvalue,
                                              .global_clipnorm = o.global_clipnorm}));
  cases.emplace("adagrad_" + name, Adagrad(rate, {.initial_accumulator_value = 0.25,
                                                  .epsilon = 1e-3,
                                                  .weight_decay = o.weight_decay,
                                                  .clipnorm = o.clipnorm,
                                                  .clipvalue = o.clipvalue,
                                                  .global_clipnorm = o.global_clipnorm}));
}

Cases framed_cases() {
  Cases cases;
  add_framed(cases, "weight_decay", {.weight_decay = 0.125});
  add_framed(cases, "clipnorm", {.clipnorm = 1.25});
  add_framed(cases, "clipvalue", {.clipvalue = 0.5});
  add_framed(cases, "global_clipnorm", {.global_clipnorm = 2.25});
  add_framed(cases, "weight_decay_clipnorm", {.weight_decay = 0.125, .clipnorm = 1.25});
  return cases;
}

void check(const std::string& file_name, const Cases& cases, DType dtype, double tolerance) {
  const Npz file = golden(file_name);
  for (const auto& [name, optimizer] : cases) {
    SCOPED_TRACE(name);
    const Variables variables{weight("variable_0", file["initial_0"].astype(dtype)),
                              weight("variable_1", file["initial_1"].astype(dtype))};
    if (name.ends_with("_excluded")) optimizer->exclude_from_weight_decay(Variables{variables[1]});
    const Graph graph = step_graph(*optimizer, variables);
    for (int t = 0; t < 10; ++t) {
      run(graph, {file["gradient_0"][t].astype(dtype), file["gradient_1"][t].astype(dtype)});
      for (const std::size_t i : {0u, 1u})
        EXPECT_CLOSE(variables[i].value(), file[concat(name, "/variable_", i)][t], tolerance) << "step " << t;
    }
    EXPECT_EQ(optimizer->iterations(), 10);
  }
}

TEST(GoldenOptimizers, AreKerasInFloat64) { check("optimizers", plain_cases(), float64, tolerance::golden_float64); }

TEST(GoldenOptimizers, AreKerasFrameInFloat64) {
  check("optimizers_framed", framed_cases(), float64, tolerance::golden_float64);
}

TEST(GoldenOptimizers, AreKerasInFloat32) {
  check("optimizers", plain_cases(), float32, tolerance::float32);
  check("optimizers_framed", framed_cases(), float32, tolerance::float32);
}

TEST(GoldenOptimizers, AreAllTested) {
  for (const auto& [file_name, cases] :
       {std::pair("optimizers", plain_cases()), std::pair("optimizers_framed", framed_cases())}) {
    const Npz file = golden(file_name);
    for (const auto& [name, array] : file.arrays()) {
      const std::string suffix = "/variable_0";
      if (!name.ends_with(suffix)) continue;
      EXPECT_TRUE(cases.contains(name.substr(0, name.size() - suffix.size()))) << name;
    }
  }
}

}  // namespace
}  // namespace keratin::testing
