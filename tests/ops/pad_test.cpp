// Pad: the value around, batches, gradients.
#include "ops/pad.h"

#include <gtest/gtest.h>

#include "keratin/error.h"
#include "ops/functions.h"
#include "support/check_gradient.h"
#include "support/interpret.h"
#include "support/throws.h"

namespace keratin {
namespace {

using testing::check_gradient;
using testing::run_op;

TEST(Pad, PutsTheValueAround) {
  const Array x = Array::of<double>({{1, 2}, {3, 4}});
  const Array expected = Array::of<double>({{7, 7, 7, 7, 7}, {7, 1, 2, 7, 7}, {7, 3, 4, 7, 7}});
  for (const DType dtype : {float32, float64, int32, int64, int8}) {
    const Array y = run_op(Pad({1, 1}, {3, 5}, 7.0), {x.astype(dtype)})[0];
    EXPECT_EQ(y.to_string(), expected.astype(dtype).to_string()) << dtype;
  }
}

TEST(Pad, OfNothingIsTheValueAlone) {
  EXPECT_EQ(run_op(Pad({0, 1}, {2, 2}, -1.0), {Array::zeros({0, 1})})[0].to_string(),
            Array::full({2, 2}, -1.0).to_string());
  EXPECT_EQ(run_op(Pad({0, 0}, {1, 2}, 9.0), {Array::ones({1, 2})})[0].to_string(), Array::ones({1, 2}).to_string());
}

TEST(Pad, StartsAtMultiplesOfTheBatch) {
  const Pad pad({-1, 0}, {-3, 1}, 0.0);
  const Specs inputs{{float64, {-1, 1}}};
  const Array x = Array::of<double>({{1.0}, {2.0}});
  const Array y = testing::run_op(pad, {x}, inputs, pad.infer(inputs), 2)[0];
  EXPECT_EQ(y.to_string(), Array::of<double>({{0.0}, {0.0}, {1.0}, {2.0}, {0.0}, {0.0}}).to_string());
}

TEST(Pad, RefusesAShapeThatIsTooSmall) {
  const auto infer = [](std::vector<std::int64_t> before, Shape to, Shape from) {
    const Specs inputs{{float32, from}};
    return Pad(before, to, 0.0).infer(inputs);
  };
  EXPECT_THROWS(ShapeError, infer({2}, {4}, {3}), "expected a shape that (3,) fits into from (2) on, got (4,)");
  EXPECT_THROWS(ShapeError, infer({0}, {5}, {unknown}), "expected a shape that (batch,) fits into");
  EXPECT_NO_THROW(infer({1}, {4}, {3}));
}

TEST(Pad, HasTheGradientOfDifferences) {
  const Array x = Array::of<double>({{1, 2, -1}, {3, 4, 0.5}});
  check_gradient(
      [](const Tensors& xs) {
        return Tensors(ops::square(make_op<Pad>(xs[0], std::vector<std::int64_t>{1, 0}, Shape{3, 5}, 2.0)));
      },
      {x});
}

}  // namespace
}  // namespace keratin
