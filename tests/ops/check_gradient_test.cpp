// check_gradient itself: it must see a wrong gradient.
#include "support/check_gradient.h"

#include <gtest/gtest.h>

#include "keratin/ops.h"

namespace keratin {
namespace {

using testing::compare_gradient;

const Array x = Array::of<double>({0.5, -1.25, 2.0});

TEST(CheckGradient, AgreesOnARightGradient) {
  EXPECT_LT(compare_gradient([](const Tensors& xs) { return Tensors(ops::exp(xs[0]) * xs[1]); }, {x, x}).error(), 1e-8);
}

TEST(CheckGradient, SeesAWrongGradient) {
  EXPECT_GT(compare_gradient([](const Tensors& xs) { return Tensors(xs[0] * ops::stop_gradient(xs[0])); }, {x}).error(),
            0.1);
  EXPECT_GT(compare_gradient([](const Tensors& xs) { return Tensors(ops::stop_gradient(xs[0])); }, {x}).error(), 0.1);
  EXPECT_GT(
      compare_gradient([](const Tensors& xs) { return Tensors(xs[0] * 1e-6 + ops::stop_gradient(xs[0]) * 1e-8); }, {x})
          .error(),
      1e-7);
}

TEST(CheckGradient, TakesSeveralOutputsAndIntegerInputs) {
  const Array classes = Array::of<std::int32_t>({0, 2, 1});
  const auto function = [](const Tensors& xs) {
    return Tensors{ops::square(xs[0]), ops::cast(ops::one_hot(xs[1], 3), float64) * xs[0]};
  };
  EXPECT_LT(compare_gradient(function, {x, classes}).error(), 1e-8);
}

}  // namespace
}  // namespace keratin
