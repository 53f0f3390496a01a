// LossScaleOptimizer on given gradients: what it divides, skips, counts, keeps and refuses.
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "optimizers/optimizer_on_numbers.h"
#include "support/approx.h"
#include "support/throws.h"

namespace keratin::testing {
namespace {

using namespace optimizers;

constexpr double infinity = std::numeric_limits<double>::infinity();

double number(const Optimizer& optimizer, const std::string& path) {
  for (const Variable& variable : optimizer.variables())
    if (variable.path() == path) return variable.value().item<double>();
  return std::nan("");
}
double scale_of(const Optimizer& optimizer) { return number(optimizer, "loss_scale_optimizer/dynamic_scale"); }
double counter_of(const Optimizer& optimizer) { return number(optimizer, "loss_scale_optimizer/step_counter"); }

TEST(LossScaleOptimizer, ScalesTheLossAndTakesItBackFromTheGradients) {
  const auto scaled = LossScaleOptimizer(SGD(0.5), {.initial_scale = 8.0});
  EXPECT_EQ(scaled->scale_loss(Tensor(Array::full({}, 3.0))).evaluate().item<double>(), 24.0);
  EXPECT_EQ(SGD()->scale_loss(Tensor(Array::full({}, 3.0))).evaluate().item<double>(), 3.0);
  const Variables a{weight("a", Array::of<double>({1, 1}))};
  step(*scaled, a, {Array::of<double>({8, -16})});
  EXPECT_CLOSE(a[0].value(), Array::of<double>({0.5, 2}), 0.0);
  EXPECT_EQ(scaled->iterations(), 1);
  EXPECT_EQ(counter_of(*scaled), 1.0);
}

TEST(LossScaleOptimizer, BeginsAt32768AndGrowsAfter2000Steps) {
  const auto scaled = LossScaleOptimizer("sgd");
  const Variables a{weight("a", Array::of<double>({1}))};
  const Graph graph = step_graph(*scaled, a);
  run(graph, {Array::of<double>({0})});
  EXPECT_EQ(counter_of(*scaled), 1.0);
  for (const Variable& variable : scaled->variables())
    if (variable.name() == "step_counter") variable.assign(1998.0);
  run(graph, {Array::of<double>({0})});
  EXPECT_EQ(scale_of(*scaled), 32768.0);
  EXPECT_EQ(counter_of(*scaled), 1999.0);
  run(graph, {Array::of<double>({0})});
  EXPECT_EQ(scale_of(*scaled), 65536.0);
  EXPECT_EQ(counter_of(*scaled), 0.0);
}

TEST(LossScaleOptimizer, SkipsAStepThatIsNotFinite) {
  for (const double bad : {infinity, -infinity, std::nan("")}) {
    const auto adam = Adam(0.5);
    const auto scaled = LossScaleOptimizer(adam, {.initial_scale = 4.0});
    const Variables weights{weight("a", Array::of<double>({1, 2})), weight("b", Array::of<double>({3}))};
    step(*scaled, weights, {Array::of<double>({4, 4}), Array::of<double>({4})});
    std::vector<Array> before;
    for (const Variable& variable : adam->variables()) before.push_back(variable.value());
    const std::vector<Array> values{weights[0].value(), weights[1].value()};
    step(*scaled, weights, {Array::of<double>({4, 4}), Array::of<double>({bad})});  // no weight moves, not even a
    for (std::size_t i = 0; i < 2; ++i) EXPECT_CLOSE(weights[i].value(), values[i], 0.0);
    for (std::size_t i = 0; i < before.size(); ++i) EXPECT_CLOSE(adam->variables()[i].value(), before[i], 0.0) << i;
    EXPECT_EQ(scaled->iterations(), 1);
    EXPECT_EQ(scale_of(*scaled), 2.0);
    EXPECT_EQ(counter_of(*scaled), 0.0);
    step(*scaled, weights, {Array::of<double>({2, 2}), Array::of<double>({2})});  // and then it goes on
    EXPECT_EQ(scaled->iterations(), 2);
    EXPECT_TRUE(std::isfinite(weights[1].value().item<double>()));
  }
}

TEST(LossScaleOptimizer, CountsFromTheLastChange) {
  const auto scaled = LossScaleOptimizer(SGD(0.0), {.initial_scale = 1.0, .dynamic_growth_steps = 3});
  const Variables a{weight("a", Array::of<double>({1}))};
  const Graph graph = step_graph(*scaled, a);
  std::vector<double> scales;
  for (const double gradient : {1.0, 1.0, infinity, 1.0, 1.0, 1.0, 1.0, infinity, 1.0, 1.0, 1.0}) {
    run(graph, {Array::of<double>({gradient})});
    scales.push_back(scale_of(*scaled));
  }
  EXPECT_EQ(scales, (std::vector<double>{1, 1, 0.5, 0.5, 0.5, 1, 1, 0.5, 0.5, 0.5, 1}));
}

TEST(LossScaleOptimizer, KeepsWhatTheStepAssignedBefore) {
  const auto scaled = LossScaleOptimizer(SGD(1.0), {.initial_scale = 1.0});
  const Variables a{weight("a", Array::of<double>({1}))};
  const Variable other = weight("other", Array::of<double>({0}));
  const Graph graph = graph_of({{float64, {1}}}, [&](const Tensors& gradients) -> Tensors {
    a[0].assign(5.0);
    other.assign(7.0);
    scaled->apply(gradients, a);
    return {};
  });
  run(graph, {Array::of<double>({infinity})});
  EXPECT_EQ(a[0].value().item<double>(), 5.0);
  EXPECT_EQ(other.value().item<double>(), 7.0);
}

TEST(LossScaleOptimizer, ClipsTheTrueGradients) {
  const auto scaled = LossScaleOptimizer(SGD(1.0, {.clipvalue = 2.0}), {.initial_scale = 8.0});
  const Variables a{weight("a", Array::of<double>({0}))};
  step(*scaled, a, {Array::of<double>({8})});
  EXPECT_EQ(a[0].value().item<double>(), -1.0);
}

TEST(LossScaleOptimizer, ListsItsVariablesAsKerasDoes) {
  const auto scaled = LossScaleOptimizer(SGD(0.5, {.momentum = 0.5}));
  step(*scaled, {weight("dense/bias", Array::of<double>({1}))}, {Array::of<double>({1})});
  std::vector<std::string> paths;
  for (const Variable& variable : scaled->variables()) paths.push_back(variable.path());
  EXPECT_EQ(paths, (std::vector<std::string>{"loss_scale_optimizer/iteration", "loss_scale_optimizer/learning_rate",
                                             "loss_scale_optimizer/step_counter", "loss_scale_optimizer/dynamic_scale",
                                             "sgd/iteration", "sgd/learning_rate", "sgd/dense_bias_momentum"}));
}

TEST(LossScaleOptimizer, RefusesWhatCannotBe) {
  EXPECT_THROWS(ValueError, LossScaleOptimizer("sgd", {.initial_scale = 0.0}),
                "LossScaleOptimizer: expected initial_scale > 0, got 0");
  EXPECT_THROWS(ValueError, LossScaleOptimizer("sgd", {.initial_scale = infinity}), "got inf");
  EXPECT_THROWS(ValueError, LossScaleOptimizer("sgd", {.dynamic_growth_steps = 0}),
                "LossScaleOptimizer: expected dynamic_growth_steps > 0, got 0");
  EXPECT_THROWS(ValueError, LossScaleOptimizer(LossScaleOptimizer("sgd")), "expected an optimizer that scales no loss");
  EXPECT_THROWS(ValueError, Optimizer::from_name("loss_scale_optimizer"), "expected one of adagrad, adam");
  EXPECT_THROWS(ValueError, LossScaleOptimizer("sgd")->apply({}, {}), "expected apply() inside a traced step");
}

}  // namespace
}  // namespace keratin::testing
