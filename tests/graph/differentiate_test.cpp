#include "graph/differentiate.h"

#include <gtest/gtest.h>

#include "graph/leaves.h"
#include "keratin/array.h"
#include "ops/functions.h"
#include "support/approx.h"
#include "support/check_gradient.h"
#include "support/interpret.h"
#include "support/op_case.h"
#include "support/throws.h"

namespace keratin {
namespace {

using testing::draw;
using Sources = std::vector<Tensor>;

Tensors gradient_of(const Tensor& loss, const Sources& sources) {
  return differentiate(*Trace::current(), loss, sources);
}

TEST(Differentiate, FollowsAWholeNetwork) {
  testing::check_gradient(
      [](const Tensors& x) {
        const Tensor hidden = ops::tanh(ops::matmul(x[0], x[1]) + x[2]);
        const Tensor logits = ops::matmul(hidden, x[3]);
        const Tensor penalty = 0.01 * ops::sum(ops::square(x[1]));
        return Tensors(ops::mean(-ops::sum(x[4] * ops::log_softmax(logits), {.axis = -1})) + penalty);
      },
      {draw({{5, 7}}, float64, 0), draw({{7, 4}}, float64, 1), draw({{4}}, float64, 2), draw({{4, 3}}, float64, 3),
       draw({{5, 3}, 0, 1}, float64, 4)});
}

TEST(Differentiate, AddsWhatArrivesOnSeveralWays) {
  testing::check_gradient(
      [](const Tensors& x) { return Tensors(ops::sum(x[0] * x[0] * x[0] + ops::exp(x[0]) * x[0])); },
      {draw({{6}}, float64, 0)});
}

TEST(Differentiate, CountsBatches) {
  // Means over the batch divide by its size, whatever it turns out to be.
  for (const std::int64_t batch : {1, 5})
    testing::check_gradient(
        [](const Tensors& x) {
          return Tensors(ops::mean(ops::square(x[0] - ops::mean(x[0], {.axis = 0, .keepdims = true}))));
        },
        {draw({{batch, 3}}, float64, 0)}, {.batch = batch, .shapes = {{-1, 3}}});
}

TEST(Differentiate, GivesThePartOfEachOutputThatIsAskedFor) {
  const Graph graph = testing::graph_of({{float64, {}}, {float64, {}}}, [](const Tensors& x) {
    const Tensor middle = x[0] * x[1], loss = ops::square(middle);
    return gradient_of(loss, {x[0], middle, loss});
  });
  const auto outputs =
      testing::interpret(graph, {{"x0", Array::full({}, 3.0, float64)}, {"x1", Array::full({}, 2.0, float64)}}).outputs;
  EXPECT_EQ(outputs.at("0").item(), 24.0);  // 2·6·2
  EXPECT_EQ(outputs.at("1").item(), 12.0);
  EXPECT_EQ(outputs.at("2").item(), 1.0);
}

TEST(Differentiate, LeavesUnsetWhatTheLossDoesNotDependOn) {
  testing::graph_of({{float64, {}}, {float64, {}}, {int32, {}}}, [](const Tensors& x) {
    const Tensor loss = ops::square(x[0]) * ops::stop_gradient(x[1]) * ops::cast(x[2], float64);
    const Tensors gradients = gradient_of(loss, {x[0], x[1], x[2]});
    EXPECT_TRUE(gradients[0]);
    EXPECT_FALSE(gradients[1]);
    EXPECT_FALSE(gradients[2]);
    return loss;
  });
}

TEST(Differentiate, PassesNothingThroughIntegersAndChoices) {
  testing::graph_of({{float64, {3}}}, [](const Tensors& x) {
    const Tensor rounded = ops::cast(ops::cast(x[0], int32), float64),
                 chosen = ops::cast(ops::greater(x[0], 0.0), float64);
    EXPECT_FALSE(gradient_of(ops::sum(rounded + chosen + ops::floor(x[0])), {x[0]})[0]);
    return rounded;
  });
}

TEST(Differentiate, StartsFromTheGradientThatIsGiven) {
  const Graph graph = testing::graph_of({{float64, {3}}, {float64, {3}}}, [](const Tensors& x) {
    return differentiate(*Trace::current(), ops::square(x[0]), Sources{x[0]}, x[1]);
  });
  const testing::Feeds feeds{{"x0", Array::of<double>({1, 2, 3})}, {"x1", Array::of<double>({10, 100, 1000})}};
  EXPECT_CLOSE(testing::interpret(graph, feeds).outputs.at("0"), Array::of<double>({20, 400, 6000}), 0.0);
}

TEST(Differentiate, GivesSecondDerivatives) {
  const Graph graph = testing::graph_of({{float64, {}}}, [](const Tensors& x) {
    const Tensor first = gradient_of(x[0] * x[0] * x[0], {x[0]})[0];
    return Tensors{first, gradient_of(first, {x[0]})[0]};
  });
  const auto outputs = testing::interpret(graph, {{"x0", Array::full({}, 3.0, float64)}}).outputs;
  EXPECT_EQ(outputs.at("0").item(), 27.0);
  EXPECT_EQ(outputs.at("1").item(), 18.0);
}

TEST(Differentiate, SumsTheGradientOfABroadcastOperandToItsShape) {
  // (5, 3) + (3) + (5, 1) + (): every operand's gradient has the operand's shape.
  testing::check_gradient([](const Tensors& x) { return Tensors(ops::sum(ops::exp(x[0] * x[1] + x[2] * x[3]))); },
                          {draw({{5, 3}, -1, 1}, float64, 0), draw({{3}, -1, 1}, float64, 1),
                           draw({{5, 1}, -1, 1}, float64, 2), draw({{}, -1, 1}, float64, 3)});
}

TEST(Differentiate, NamesTheLayersWhoseGradientsItMakes) {
  Trace trace(true);
  const Tensor x = make_op<Input>({}, "x", Spec{float32, {3}});
  Tensor loss;
  {
    const TraceScope scope(trace, "dense");
    loss = ops::sum(ops::exp(x));
  }
  const Tensor gradient = gradient_of(loss, {x})[0];
  EXPECT_EQ(trace.graph().node(TensorAccess::value(gradient)).scope, "dense/gradient");
}

TEST(Differentiate, RefusesALossThatIsNoNumber) {
  Trace trace(true);
  const Tensor x = make_op<Input>({}, "x", Spec{float32, {-1, 3}});
  EXPECT_THROWS(ShapeError, gradient_of(x, {x}),
                "gradients: expected a floating-point scalar loss, got float32(batch, 3); reduce it");
  EXPECT_THROWS(ShapeError, gradient_of(ops::cast(ops::sum(x), int32), {x}), "got int32()");
}

}  // namespace
}  // namespace keratin
