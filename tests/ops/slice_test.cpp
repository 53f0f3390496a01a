// Slice: what it takes, batches, gradients, and indexing of tensors by Python's rules.
#include "ops/slice.h"

#include <gtest/gtest.h>

#include <numeric>

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

/// 0, 1, 2, … in that shape.
Array counting(const Shape& shape, DType dtype = float64) {
  std::vector<double> values(static_cast<std::size_t>(shape.size()));
  std::iota(values.begin(), values.end(), 0.0);
  return Array(std::move(values), shape).astype(dtype);
}

/// The function's only result on numbers.
Array result_of(const std::function<Tensor(const Tensor&)>& function, const Array& x) {
  const Graph graph = graph_of({{x.dtype(), x.shape()}}, [&](const Tensors& xs) { return Tensors(function(xs[0])); });
  return interpret(graph, {{"x0", x}}).outputs.at("0");
}

void expect_equal(const Array& actual, const Array& expected) {
  EXPECT_EQ(actual.shape(), expected.shape());
  EXPECT_EQ(actual.dtype(), expected.dtype());
  EXPECT_EQ(actual.to_string(), expected.to_string());
}

TEST(Slice, TakesWhatAnArrayTakes) {
  const std::vector<std::vector<Index>> cases{{1},
                                              {-1},
                                              {all, 2},
                                              {all, all, 0},
                                              {0, 1, 2},
                                              {new_axis},
                                              {all, new_axis, 1},
                                              {all, all, all, new_axis},
                                              {Slice{1}},
                                              {Slice{0, 1}, Slice{1, 3}},
                                              {all, Slice{-2}},
                                              {all, Slice{.stop = -1}, Slice{1, 4, 2}},
                                              {all, all, Slice{.step = 3}},
                                              {all, all, Slice{.step = -1}},
                                              {all, Slice{2, 0, -1}},
                                              {all, Slice{.step = -2}, 1},
                                              {Slice{5}},
                                              {all, Slice{2, 1}},
                                              {all, Slice{-100, 100}}};
  for (const DType dtype : {float32, float64, int32, int64, uint8, boolean}) {
    const Array x = counting({2, 3, 5}, dtype);
    for (const auto& indices : cases) {
      const auto at = [&](const auto& from) {  // an initializer_list cannot be made of a vector
        switch (indices.size()) {
          case 1: return from.at({indices[0]});
          case 2: return from.at({indices[0], indices[1]});
          case 3: return from.at({indices[0], indices[1], indices[2]});
          default: return from.at({indices[0], indices[1], indices[2], indices[3]});
        }
      };
      expect_equal(result_of(at, x), at(x).copy());
    }
  }
}

TEST(Slice, RefusesWhatIsNotThere) {
  const auto at = [](std::initializer_list<Index> indices) { return Tensor(counting({2, 3})).at(indices); };
  EXPECT_THROWS(ShapeError, at({2}), "at: expected a position in [-2, 2) along axis 0 of (2, 3), got 2");
  EXPECT_THROWS(ShapeError, at({all, -4}), "at: expected a position in [-3, 3) along axis 1 of (2, 3), got -4");
  EXPECT_THROWS(ShapeError, at({0, 0, 0}), "at: expected at most 2 indices for the shape (2, 3), got more");
  EXPECT_THROWS(ValueError, at({Slice{.step = 0}}), "at: expected the step of a slice not to be 0");
}

TEST(Slice, OfABatchIsAllOfItOrTheFirstSample) {
  const Array x = counting({3, 4});
  const auto run = [&](std::initializer_list<Index> indices) {
    const Graph graph =
        graph_of({{float64, {unknown, 4}}}, [&](const Tensors& xs) { return Tensors(xs[0].at(indices)); });
    return interpret(graph, {{"x0", x}}, 3).outputs.at("0");
  };
  expect_equal(run({all, 1}), x.at({all, 1}).copy());
  expect_equal(run({0}), x[0]);
  EXPECT_THROWS(ShapeError, run({1}),
                "at: expected position 0 or a whole batch along axis 0 of (batch, 4), got position 1");
  EXPECT_THROWS(ShapeError, run({Slice{1}}),
                "at: expected position 0 or a whole batch along axis 0 of (batch, 4), got a part");
}

TEST(Slice, CutsAtMultiplesOfTheBatch) {
  const Array x = counting({6, 2});  // two batches of 3
  const Graph graph = graph_of({{float64, {-2, 2}}}, [](const Tensors& xs) { return ops::split(xs[0], 2); });
  const auto halves = interpret(graph, {{"x0", x}}, 3).outputs;
  expect_equal(halves.at("0"), x.slice(0, 3).copy());
  expect_equal(halves.at("1"), x.slice(3, 6).copy());
}

TEST(Slice, RefusesAPartThatDoesNotLieWithin) {
  const auto infer = [](std::vector<std::int64_t> starts, Shape extents, std::vector<std::int64_t> steps, Shape whole) {
    const Specs inputs{{float32, whole}};
    return StridedSlice(starts, extents, steps).infer(inputs);
  };
  EXPECT_THROWS(ShapeError, infer({3}, {3}, {1}, {5}), "expected a part of (5,), got (3,) from (3) in steps of (1)");
  EXPECT_THROWS(ShapeError, infer({0}, {3}, {3}, {6}), "expected a part of (6,)");
  EXPECT_THROWS(ShapeError, infer({-1}, {-2}, {1}, {-2}), "expected a part of (2*batch,)");
  EXPECT_NO_THROW(infer({2}, {3}, {1}, {5}));
  EXPECT_NO_THROW(infer({-1}, {-1}, {1}, {-2}));
}

TEST(Slice, HasTheGradientOfDifferences) {
  const Array x = counting({4, 6, 5});
  const auto check = [&](std::initializer_list<Index> indices) {
    check_gradient([&](const Tensors& xs) { return Tensors(ops::square(xs[0].at(indices))); }, {x});
  };
  check({1});
  check({all, Slice{1, 4}});
  check({Slice{.step = 2}, Slice{1, 6, 2}});  // the last zeros fit exactly, and reach beyond
  check({all, Slice{0, 6, 4}, Slice{2, 5, 3}});
  check({all, Slice{.step = -2}, new_axis, -1});
  check_gradient([](const Tensors& xs) { return Tensors(ops::square(ops::split(xs[0], 2)[1])); }, {x},
                 {.batch = 2, .shapes = {{-2, 6, 5}}});
}

TEST(Split, CutsIntoEqualParts) {
  const Array x = counting({4, 6});
  const Graph graph =
      graph_of({{float64, {4, 6}}}, [](const Tensors& xs) { return ops::split(xs[0], 3, {.axis = -1}); });
  const auto parts = interpret(graph, {{"x0", x}}).outputs;
  for (int i = 0; i < 3; ++i) expect_equal(parts.at(std::to_string(i)), x.at({all, Slice{2 * i, 2 * i + 2}}).copy());
  const Tensor tensor(x);
  EXPECT_THROWS(ShapeError, ops::split(tensor, 4, {.axis = 1}),
                "split: expected an extent along axis 1 that 4 divides, got (4, 6)");
  EXPECT_THROWS(ValueError, ops::split(tensor, 0), "split: expected at least one part, got 0");
}

}  // namespace
}  // namespace keratin
