// Variables inside a trace and outside, and gradients with respect to them.
#include <gtest/gtest.h>

#include "graph/variable_state.h"
#include "keratin/ops.h"
#include "optimizers/optimizer_on_numbers.h"
#include "support/approx.h"
#include "support/throws.h"

namespace keratin::testing {
namespace {

const Array numbers = Array::of<float>({1, 2, 3});

TEST(Variable, IsItsNumbersOutsideATrace) {
  const Variable a = weight("dense/kernel", numbers);
  EXPECT_EQ(a.name(), "kernel");
  EXPECT_EQ(a.path(), "dense/kernel");
  EXPECT_CLOSE((Tensor(a) * 2.0).evaluate(), Array::of<float>({2, 4, 6}), 0.0);
  a.assign(Tensor(a) + 1.0);
  EXPECT_CLOSE(a.value(), Array::of<float>({2, 3, 4}), 0.0);
  a.assign_add(Array::of<double>({1, 1, 1}));
  EXPECT_CLOSE(a.value(), Array::of<float>({3, 4, 5}), 0.0);
  EXPECT_EQ(a.value().dtype(), float32);
  a.assign(7.0);
  EXPECT_CLOSE(a.value(), Array::of<float>({7, 7, 7}), 0.0);
}

TEST(Variable, IsAPartOfTheStepInsideATrace) {
  const Variable a = weight("a", numbers);
  const Graph graph = graph_of({}, [&](const Tensors&) -> Tensors {
    a.assign_add(Array::of<float>({1, 1, 1}));
    a.assign(Tensor(a) * 2.0);
    return Tensor(a) + 1.0;
  });
  EXPECT_CLOSE(a.value(), numbers, 0.0);
  const Interpreted result = interpret(graph);
  EXPECT_CLOSE(result.outputs.at("0"), Array::of<float>({5, 7, 9}), 0.0);
  ASSERT_EQ(result.assigned.size(), 1u);
  EXPECT_CLOSE(result.assigned[0].second, Array::of<float>({4, 6, 8}), 0.0);
}

TEST(Variable, RefusesAnotherShape) {
  const Variable a = weight("dense/kernel", numbers);
  EXPECT_THROWS(ShapeError, a.assign(Array::zeros({2})),
                "dense/kernel: expected to be assigned a value of shape (3,), got (2,)");
  EXPECT_THROWS(ShapeError, a.assign_add(Array::zeros({2, 3})), "got (2, 3)");
}

TEST(Variable, RefusesToBeUsedUnset) {
  EXPECT_THROWS(ValueError, Variable().value(), "expected one made by add_weight, got an unset Variable");
}

TEST(Gradients, AreOfTheVariablesAsTheStepFoundThem) {
  const Variable a = weight("a", numbers), b = weight("b", numbers), unused = weight("unused", numbers);
  const Graph graph = graph_of({}, [&](const Tensors&) -> Tensors {
    const Tensor loss = ops::sum(ops::square(a) * b);
    a.assign(0.0);  // what the loss was computed from stays what it was
    return gradients(loss, {a, b, unused});
  });
  const Interpreted result = interpret(graph);
  EXPECT_CLOSE(result.outputs.at("0"), Array::of<float>({2, 8, 18}), 0.0);
  EXPECT_CLOSE(result.outputs.at("1"), Array::of<float>({1, 4, 9}), 0.0);
  EXPECT_CLOSE(result.outputs.at("2"), Array::zeros({3}), 0.0);
}

TEST(Gradients, AreRefusedOutsideATrace) {
  const Variable a = weight("a", numbers);
  EXPECT_THROWS(ValueError, gradients(ops::sum(a), {a}), "gradients: expected to be called inside a traced step");
}

}  // namespace
}  // namespace keratin::testing
