// The frame of all optimizers: slots, counting, rates, clipping, decay, what is refused.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "graph/trace.h"
#include "optimizers/optimizer_on_numbers.h"
#include "support/approx.h"
#include "support/field_list.h"
#include "support/throws.h"

namespace keratin::testing {
namespace {

using namespace optimizers;

const Array ones = Array::of<double>({1, 1, 1});

std::vector<std::string> paths_of(const Variables& variables) {
  std::vector<std::string> paths;
  for (const Variable& variable : variables) paths.push_back(variable.path());
  return paths;
}

TEST(Optimizer, NamesItsVariablesAsKerasDoes) {
  const auto adam = Adam({.amsgrad = true});
  const Variables weights{weight("dense/kernel", ones), weight("dense/bias", ones)};
  EXPECT_EQ(paths_of(adam->variables()), (std::vector<std::string>{"adam/iteration", "adam/learning_rate"}));
  step(*adam, weights, {ones, ones});
  const std::vector<std::string> expected{"adam/iteration",
                                          "adam/learning_rate",
                                          "adam/dense_kernel_momentum",
                                          "adam/dense_kernel_velocity",
                                          "adam/dense_bias_momentum",
                                          "adam/dense_bias_velocity",
                                          "adam/dense_kernel_velocity_hat",
                                          "adam/dense_bias_velocity_hat"};
  EXPECT_EQ(paths_of(adam->variables()), expected);
  EXPECT_EQ(adam->variables()[0].dtype(), int64);
  EXPECT_EQ(adam->variables()[1].dtype(), float64);
  EXPECT_FALSE(adam->variables()[2].trainable());
}

TEST(Optimizer, ListsTheSlotsOfRMSpropByKind) {
  const auto rmsprop = RMSprop({.momentum = 0.5, .centered = true, .name = "r"});
  step(*rmsprop, {weight("a", ones), weight("b", ones)}, {ones, ones});
  const std::vector<std::string> expected{"r/iteration",          "r/learning_rate",     "r/a_velocity",
                                          "r/b_velocity",         "r/a_momentum",        "r/b_momentum",
                                          "r/a_average_gradient", "r/b_average_gradient"};
  EXPECT_EQ(paths_of(rmsprop->variables()), expected);
}

TEST(Optimizer, KeepsItsSlotsThroughManyTraces) {
  const auto once = SGD(0.1, {.momentum = 0.9}), every_time = SGD(0.1, {.momentum = 0.9});
  const Variables a{weight("a", ones)}, b{weight("a", ones)};
  const Graph graph = step_graph(*once, a);
  for (int t = 0; t < 5; ++t) {
    const std::vector<Array> gradient{Array::full({3}, t - 1.5, float64)};
    run(graph, gradient);
    step(*every_time, b, gradient);
  }
  EXPECT_CLOSE(a[0].value(), b[0].value(), 0.0);
  EXPECT_EQ(every_time->variables().size(), 3u);
}

TEST(Optimizer, SharesWhatIsComputedOnceAStep) {
  const auto adam = Adam();
  const Graph one = step_graph(*adam, {weight("a", ones)});
  const Graph two = step_graph(*adam, {weight("b", ones), weight("c", ones)});
  const auto count = [](const Graph& graph, std::string_view name) {
    std::int64_t found = 0;
    for (const Node& node : graph.nodes()) found += node.op->name() == name;
    return found;
  };
  EXPECT_EQ(count(one, "Pow"), 2);
  EXPECT_EQ(count(two, "Pow"), 2);
}

TEST(Optimizer, LeavesVariablesWithoutGradientsAlone) {
  const auto sgd = SGD(0.5);
  const Variables weights{weight("a", ones), weight("b", ones)};
  run(graph_of({{float64, {3}}},
               [&](const Tensors& x) -> Tensors {
                 sgd->apply({x[0], Tensor()}, weights);
                 return {};
               }),
      {ones});
  EXPECT_CLOSE(weights[0].value(), Array::full({3}, 0.5, float64), 0.0);
  EXPECT_CLOSE(weights[1].value(), ones, 0.0);
}

void apply_to(Optimizer& optimizer, const Tensors& gradients, const Variables& variables) {
  Trace trace(true);
  optimizer.apply(gradients, variables);
}

TEST(Optimizer, RefusesGradientsThatDoNotFit) {
  const auto sgd = SGD();
  const Variables a{weight("dense/kernel", ones)};
  EXPECT_THROWS(
      ValueError, apply_to(*sgd, Tensors{Tensor()}, a),
      "sgd: expected a gradient for one variable at least, got none for any of 1; does the loss depend on them?");
  EXPECT_THROWS(ValueError, apply_to(*sgd, {}, a), "sgd: expected one gradient for each of 1 variables, got 0");
  EXPECT_THROWS(ShapeError, apply_to(*sgd, Tensors{Tensor(Array::zeros({2}))}, a),
                "sgd: expected a gradient of shape (3,) for dense/kernel, got (2,)");
  EXPECT_THROWS(ValueError, sgd->apply(Tensors{Tensor(ones)}, a), "sgd: expected apply() inside a traced step");
  apply_to(*sgd, {}, {});  // a model without weights: nothing to do
}

TEST(Optimizer, CastsGradientsToTheVariablesDType) {
  const Variables a{weight("a", ones)};
  const auto sgd = SGD(0.5);
  run(graph_of({{float32, {3}}},
               [&](const Tensors& x) -> Tensors {
                 sgd->apply(x, a);
                 return {};
               }),
      {Array::ones({3})});
  EXPECT_CLOSE(a[0].value(), Array::full({3}, 0.5, float64), 0.0);
}

TEST(Optimizer, ReadsTheRateAtEveryStep) {
  const auto sgd = SGD(0.5);
  const Variables a{weight("a", ones)};
  const Graph graph = step_graph(*sgd, a);
  run(graph, {ones});
  EXPECT_EQ(sgd->learning_rate(), 0.5);
  sgd->set_learning_rate(0.125);
  EXPECT_EQ(sgd->learning_rate(), 0.125);
  run(graph, {ones});
  EXPECT_CLOSE(a[0].value(), Array::full({3}, 0.375, float64), 0.0);
}

TEST(Optimizer, FollowsASchedule) {
  const Ref<Schedule> schedule = [](Tensor step) { return 0.5 / (step + 1.0); };
  const auto sgd = SGD(schedule);
  const Variables a{weight("a", ones)};
  const Graph graph = step_graph(*sgd, a);
  EXPECT_EQ(sgd->learning_rate(), 0.5);
  run(graph, {ones});
  EXPECT_CLOSE(a[0].value(), Array::full({3}, 0.5, float64), 0.0);
  EXPECT_EQ(sgd->learning_rate(), 0.25);
  run(graph, {ones});
  EXPECT_CLOSE(a[0].value(), Array::full({3}, 0.25, float64), 0.0);
  EXPECT_EQ(paths_of(sgd->variables()), std::vector<std::string>{"sgd/iteration"});
  EXPECT_THROWS(ValueError, sgd->set_learning_rate(0.1), "sgd: expected a constant learning rate, got a schedule");
}

TEST(Optimizer, DoesNotDecayWhatIsExcluded) {
  const auto sgd = SGD(0.5, {.weight_decay = 0.5});
  const Variables weights{weight("dense/kernel", ones), weight("dense/bias", ones), weight("norm/scale", ones)};
  sgd->exclude_from_weight_decay(std::vector<std::string>{"bias", "norm/"});
  step(*sgd, weights, {Array::zeros({3}, float64), Array::zeros({3}, float64), Array::zeros({3}, float64)});
  EXPECT_CLOSE(weights[0].value(), Array::full({3}, 0.75, float64), 0.0);
  EXPECT_CLOSE(weights[1].value(), ones, 0.0);
  EXPECT_CLOSE(weights[2].value(), ones, 0.0);
}

TEST(Optimizer, ClipsZeroAndEndlessGradients) {
  const double infinity = std::numeric_limits<double>::infinity();
  for (const auto& [sgd, zero] :
       {std::pair(SGD(1.0, {.clipnorm = 1.0}), true), std::pair(SGD(1.0, {.global_clipnorm = 1.0}), true)}) {
    const Variables a{weight("a", ones)};
    step(*sgd, a, {Array::zeros({3}, float64)});
    EXPECT_CLOSE(a[0].value(), ones, 0.0) << zero;
  }
  const auto global = SGD(1.0, {.global_clipnorm = 1.0});
  const Variables both{weight("a", ones), weight("b", ones)};
  step(*global, both, {Array::of<double>({infinity, 0, 0}), ones});
  for (const Variable& variable : both) EXPECT_TRUE(std::isnan(variable.value().at<double>(2)));
}

TEST(Optimizer, RefusesOptionsThatCannotBe) {
  EXPECT_THROWS(ValueError, SGD({.clipnorm = 1.0, .clipvalue = 0.5}),
                "sgd: expected at most one of clipnorm, clipvalue and global_clipnorm, got clipnorm and clipvalue");
  EXPECT_THROWS(ValueError, Adam({.clipnorm = 0.0}), "adam: expected clipnorm > 0, got 0");
  EXPECT_THROWS(ValueError, Adam({.weight_decay = -0.1}), "adam: expected weight_decay >= 0, got -0.1");
  EXPECT_THROWS(ValueError, Adam({.beta_1 = 1.5}), "Adam: expected beta_1 in [0, 1), got 1.5");
  EXPECT_THROWS(ValueError, AdamW({.beta_2 = 1.0}), "AdamW: expected beta_2 in [0, 1), got 1");
  EXPECT_THROWS(ValueError, Adam({.epsilon = -1e-7}), "Adam: expected epsilon >= 0, got -1e-07");
  EXPECT_THROWS(ValueError, SGD({.momentum = 1.5}), "SGD: expected momentum in [0, 1], got 1.5");
  EXPECT_THROWS(ValueError, RMSprop({.rho = -0.5}), "RMSprop: expected rho in [0, 1], got -0.5");
  EXPECT_THROWS(ValueError, RMSprop({.momentum = 2.0}), "RMSprop: expected momentum in [0, 1], got 2");
  EXPECT_THROWS(ValueError, Adagrad({.initial_accumulator_value = -1}),
                "Adagrad: expected initial_accumulator_value >= 0, got -1");
  EXPECT_THROWS(ValueError, SGD(-0.1), "sgd: expected learning_rate >= 0, got -0.1");
  EXPECT_THROWS(ValueError, SGD(0.1)->set_learning_rate(std::nan("")), "sgd: expected learning_rate >= 0, got nan");
}

class SignDescent final : public Optimizer {
 public:
  SignDescent() : Optimizer(0.25, {.name = "sign_descent"}) {}

 protected:
  Tensor update(UpdateContext& c) const override {
    const Variable steps = c.slot("steps", 2.0);
    steps.assign_add(Tensor(Array::ones({})));
    return c.variable() - c.learning_rate() * ops::sign(c.gradient()) * c.step();
  }
};

TEST(Optimizer, IsAClassOfTheUsers) {
  const Ref<Optimizer> optimizer = make<SignDescent>();
  const Variables a{weight("a", ones)};
  for (int t = 0; t < 2; ++t) step(*optimizer, a, {Array::of<double>({5, -5, 0})});
  EXPECT_CLOSE(a[0].value(), Array::of<double>({0.25, 1.75, 1}), 0.0);
  EXPECT_CLOSE(optimizer->variables()[2].value(), Array::full({3}, 4.0), 0.0);
}

TEST(Optimizer, DescribesItselfInKerasWords) {
  const auto adam = Adam({.learning_rate = 0.5, .clipnorm = 2.0});
  const std::vector<std::string> names{"name",      "learning_rate", "weight_decay", "clipnorm", "global_clipnorm",
                                       "clipvalue", "beta_1",        "beta_2",       "epsilon",  "amsgrad"};
  FieldList fields = fields_of(*adam);
  auto sorted = fields.names(), expected = names;
  std::sort(sorted.begin(), sorted.end());
  std::sort(expected.begin(), expected.end());
  EXPECT_EQ(sorted, expected);
  EXPECT_EQ(fields.at("learning_rate"), "0.5");
  EXPECT_EQ(fields.at("clipnorm"), "2");
  EXPECT_EQ(fields.at("weight_decay"), "None");
}

TEST(Optimizer, ReadsWhatItDescribed) {
  const auto read = Optimizer::from_class_name("RMSprop");
  auto fields = FieldList::of(
      {{"name", "r"}, {"learning_rate", "0.25"}, {"momentum", "0.5"}, {"clipvalue", "1"}, {"keras2_epsilon", "true"}});
  read->describe(fields);
  EXPECT_EQ(read->name(), "r");
  EXPECT_EQ(read->variables()[0].path(), "r/iteration");
  EXPECT_EQ(read->learning_rate(), 0.25);
  EXPECT_EQ(fields_of(*read).at("momentum"), "0.5");
  EXPECT_EQ(fields_of(*read).at("keras2_epsilon"), "true");
  EXPECT_EQ(fields_of(*read).at("clipvalue"), "1");
  auto wrong = FieldList::of({{"rho", "7"}, {"momentum", "0"}});
  EXPECT_THROWS(ValueError, Optimizer::from_class_name("RMSprop")->describe(wrong),
                "RMSprop: expected rho in [0, 1], got 7");
}

TEST(Optimizer, RefusesAFileWhoseRateWasASchedule) {
  const auto scheduled = SGD(Ref<Schedule>([](Tensor step) { return step; }));
  EXPECT_EQ(fields_of(*scheduled).at("learning_rate"), "None");
  auto fields = FieldList::of({{"learning_rate", "None"}, {"momentum", "0"}});
  EXPECT_THROWS(ValueError, Optimizer::from_class_name("SGD")->describe(fields),
                "sgd: expected a number for the saved learning_rate, got none: a schedule made of a function set it");
}

TEST(OptimizerRegistry, KnowsKerasNamesInAnyCase) {
  for (const char* name : {"adam", "Adam", "ADAM"}) EXPECT_EQ(Optimizer::from_name(name)->class_name(), "Adam");
  EXPECT_EQ(Optimizer::from_name("rmsprop")->class_name(), "RMSprop");
  EXPECT_EQ(Optimizer::from_name("adamw")->class_name(), "AdamW");
  EXPECT_EQ(Optimizer::from_name("sgd")->class_name(), "SGD");
  EXPECT_EQ(Optimizer::from_name("adagrad")->class_name(), "Adagrad");
  EXPECT_THROWS(ValueError, Optimizer::from_name("adamax"),
                "optimizer: expected one of adagrad, adam, adamw, rmsprop, sgd, got \"adamax\"");
  EXPECT_EQ(Optimizer::from_class_name("adam"), nullptr);
  const Ref<Optimizer> converted = "sgd";
  EXPECT_EQ(converted->learning_rate(), 0.01);
}

}  // namespace
}  // namespace keratin::testing
