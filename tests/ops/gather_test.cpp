// Gather and ScatterAdd: which elements, indices outside, gradients; take.
#include "ops/gather.h"

#include <gtest/gtest.h>

#include <cmath>

#include "keratin/error.h"
#include "ops/functions.h"
#include "support/check_gradient.h"
#include "support/interpret.h"
#include "support/throws.h"

namespace keratin {
namespace {

using testing::check_gradient;
using testing::run_op;

TEST(Gather, TakesElementsAlongAnyAxis) {
  const Array x = Array::of<double>({{1, 2, 3}, {4, 5, 6}});
  for (const DType index : {int32, int64})
    for (const DType dtype : {float32, float64, int32, int64, uint8}) {
      const Array table = x.astype(dtype), chosen = Array::of<std::int64_t>({{2, 0}, {-1, 1}}).astype(index);
      EXPECT_EQ(run_op(Gather(1), {table, chosen})[0].to_string(),
                Array(std::vector<double>{3, 1, 3, 2, 6, 4, 6, 5}, {2, 2, 2}).astype(dtype).to_string());
      EXPECT_EQ(run_op(Gather(0), {table, Array::of<std::int64_t>({1, 1, 0}).astype(index)})[0].to_string(),
                Array::of<double>({{4, 5, 6}, {4, 5, 6}, {1, 2, 3}}).astype(dtype).to_string());
    }
  EXPECT_EQ(run_op(Gather(0), {Array::of<bool>({true, false}), Array::of<std::int32_t>({1, 0})})[0].to_string(),
            Array::of<bool>({false, true}).to_string());
}

TEST(Gather, GivesNaNForAnIndexOutside) {
  const Array chosen = Array::of<std::int32_t>({0, 2, -3});
  const Array y = run_op(Gather(0), {Array::of<double>({1, 2}), chosen})[0];
  EXPECT_EQ(y.at<double>(0), 1.0);
  EXPECT_TRUE(std::isnan(y.at<double>(1)) && std::isnan(y.at<double>(2)));
  EXPECT_EQ(run_op(Gather(0), {Array::of<std::int32_t>({1, 2}), chosen})[0].to_string(),
            Array::of<std::int32_t>({1, 0, 0}).to_string());
}

TEST(ScatterAdd, AddsWhatHasTheSameIndexAndDropsWhatIsOutside) {
  const Array updates = Array::of<double>({{1, 2}, {3, 4}, {5, 6}, {100, 100}});
  const Array y = run_op(ScatterAdd(0, {3, 2}), {updates, Array::of<std::int64_t>({2, 0, -1, 3})})[0];
  EXPECT_EQ(y.to_string(), Array::of<double>({{3, 4}, {0, 0}, {6, 8}}).to_string());
}

TEST(Take, IsOfTheFlattenedTensorWithoutAnAxis) {
  const Tensor x(Array::of<double>({{1, 2, 3}, {4, 5, 6}}));
  const Tensor chosen(Array::of<std::int32_t>({4, 0}));
  EXPECT_EQ(ops::take(x, chosen).shape(), (Shape{2}));
  EXPECT_EQ(ops::take(x, chosen, {.axis = 0}).shape(), (Shape{2, 3}));
  EXPECT_EQ(ops::take(x, Tensor(Array::ones({4}, uint8)), {.axis = -1}).shape(), (Shape{2, 4}));
  EXPECT_THROWS(ValueError, ops::take(x, x), "take: expected indices of an integer dtype, got float64");
  EXPECT_THROWS(ShapeError, ops::take(x, chosen, {.axis = 2}), "take: expected an axis in [-2, 2), got 2");
}

TEST(Gather, HasTheGradientOfDifferences) {
  const Array x = Array::of<double>({{1, 2, 3}, {4, 5, 6}});
  const Array chosen = Array::of<std::int32_t>({{2, 0}, {-1, 2}});
  for (const int axis : {0, 1})
    check_gradient([&](const Tensors& xs) { return Tensors(ops::square(ops::take(xs[0], xs[1], {.axis = axis}))); },
                   {x, axis == 1 ? chosen : Array::of<std::int32_t>({0, 0, 1})});
  check_gradient(
      [](const Tensors& xs) {
        return Tensors(ops::square(make_op<ScatterAdd>({xs[0], xs[1]}, 0, Shape{4, 3})));
      },
      {x, Array::of<std::int32_t>({3, 1})});
}

TEST(Gather, RefusesIndicesThatAreNone) {
  const Specs inputs{{float32, {2, 3}}, {float32, {1}}};
  EXPECT_THROWS(ShapeError, Gather(0).infer(inputs), "expected indices of int32 or int64, got float32(1,)");
}

}  // namespace
}  // namespace keratin
