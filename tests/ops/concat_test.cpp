// Concat: order, batches, gradients; concatenate and stack.
#include "ops/concat.h"

#include <gtest/gtest.h>

#include "keratin/error.h"
#include "ops/functions.h"
#include "support/check_gradient.h"
#include "support/interpret.h"
#include "support/throws.h"

namespace keratin {
namespace {

using testing::check_gradient;
using testing::graph_of;
using testing::interpret;
using testing::run_op;

TEST(Concat, JoinsAlongAnyAxis) {
  const Array a = Array::of<double>({{1, 2}, {3, 4}}), b = Array::of<double>({{5, 6}, {7, 8}});
  for (const DType dtype : {float32, float64, int32, int64, int8, uint8, boolean}) {
    const std::vector<Array> inputs{a.astype(dtype), b.astype(dtype)};
    EXPECT_EQ(run_op(Concat(0), inputs)[0].to_string(),
              Array::of<double>({{1, 2}, {3, 4}, {5, 6}, {7, 8}}).astype(dtype).to_string());
    EXPECT_EQ(run_op(Concat(1), inputs)[0].to_string(),
              Array::of<double>({{1, 2, 5, 6}, {3, 4, 7, 8}}).astype(dtype).to_string());
  }
  EXPECT_EQ(run_op(Concat(0), {a, Array::zeros({0, 2}, float64), b})[0].to_string(),
            Array::of<double>({{1, 2}, {3, 4}, {5, 6}, {7, 8}}).to_string());
  EXPECT_EQ(run_op(Concat(1), {a.reshape({2, 1, 2}), b.reshape({2, 1, 2})})[0].to_string(),
            Array(std::vector<double>{1, 2, 5, 6, 3, 4, 7, 8}, {2, 2, 2}).to_string());
}

TEST(Concatenate, PromotesItsTensorsAndKeepsASingleOne) {
  const Tensor narrow(Array::ones({1, 2}, int32)), wide(Array::ones({1, 3}, float64));
  EXPECT_EQ(ops::concatenate({narrow, wide}).dtype(), float64);
  EXPECT_EQ(ops::concatenate({narrow, wide}).shape(), (Shape{1, 5}));
  EXPECT_EQ(ops::concatenate(narrow).shape(), (Shape{1, 2}));
}

TEST(Concatenate, JoinsBatchesToMultiplesOfTheBatch) {
  const Graph graph = graph_of({{float64, {unknown, 1}}, {float64, {unknown, 1}}},
                               [](const Tensors& xs) { return Tensors(ops::concatenate(xs, {.axis = 0})); });
  EXPECT_EQ(graph.spec(graph.outputs()[0].value).shape, (Shape{-2, 1}));
  const auto y = interpret(graph, {{"x0", Array::of<double>({{1}, {2}})}, {"x1", Array::of<double>({{3}, {4}})}}, 2)
                     .outputs.at("0");
  EXPECT_EQ(y.to_string(), Array::of<double>({{1}, {2}, {3}, {4}}).to_string());
}

TEST(Concatenate, RefusesTensorsThatDoNotFit) {
  const auto join = [](Shape a, Shape b, int axis) {
    const Specs specs{{float32, a}, {float32, b}};
    return graph_of(specs, [&](const Tensors& xs) { return Tensors(ops::concatenate(xs, {.axis = axis})); });
  };
  EXPECT_THROWS(ShapeError, join({2, 3}, {4, 3}, 1),
                "Concat: expected tensors that differ along axis 1 only, got float32(2, 3) and float32(4, 3)");
  EXPECT_THROWS(ShapeError, join({2, 3}, {2, 3, 1}, 0), "expected tensors that differ along axis 0 only");
  EXPECT_THROWS(ShapeError, join({unknown, 3}, {2, 3}, 0), "cannot join (batch, 3) and (2, 3) along axis 0");
  EXPECT_THROWS(ShapeError, join({2, 3}, {2, 3}, 2), "concatenate: expected an axis in [-2, 2), got 2");
  EXPECT_THROWS(ValueError, ops::concatenate({}), "concatenate: expected at least one tensor, got none");
}

TEST(Stack, AddsAnAxis) {
  const Tensor a(Array::zeros({2, 3})), b(Array::ones({2, 3}));
  EXPECT_EQ(ops::stack({a, b}).shape(), (Shape{2, 2, 3}));
  EXPECT_EQ(ops::stack({a, b}, {.axis = -1}).shape(), (Shape{2, 3, 2}));
  EXPECT_THROWS(ShapeError, ops::stack({a, Tensor(Array::ones({3, 2}))}),
                "stack: expected tensors of one shape, got (2, 3) and (3, 2)");
}

TEST(Concat, HasTheGradientOfDifferences) {
  const Array a = Array::of<double>({{1, 2}, {3, 4}}), b = Array::of<double>({{5}, {7}});
  check_gradient(
      [](const Tensors& xs) {
        return Tensors(ops::square(ops::concatenate({xs[0], xs[1], xs[0]})));
      },
      {a, b});
  check_gradient(
      [](const Tensors& xs) {
        return Tensors(ops::square(ops::concatenate({xs[0], xs[1]}, {.axis = 0})));
      },
      {a, a}, {.batch = 2, .shapes = {{unknown, 2}, {unknown, 2}}});
  check_gradient([](const Tensors& xs) { return Tensors(ops::square(ops::stack({xs[0], xs[0] * 2.0}))); }, {a});
}

}  // namespace
}  // namespace keratin
