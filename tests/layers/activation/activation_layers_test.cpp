// Activation, ReLU, LeakyReLU and Softmax.
#include <gtest/gtest.h>

#include "keratin/error.h"
#include "keratin/layers.h"
#include "keratin/ops.h"
#include "support/approx.h"
#include "support/check_layer.h"
#include "support/throws.h"

namespace keratin {
namespace {

using testing::check_layer;
using testing::run_layer;

TEST(Activation, Conforms) {
  check_layer([] { return layers::Activation("gelu"); }, {{2, 3}}, {.output = {2, 3}});
  check_layer([] { return layers::Activation([](Tensor x) { return ops::square(x); }); }, {{3}},
              {.output = {3}, .refused = "activation: expected a function with a name to save"});
}

TEST(ReLU, Conforms) {
  check_layer([] { return layers::ReLU(); }, {{2, 3}}, {.output = {2, 3}});
  check_layer([] { return layers::ReLU({.max_value = 0.5, .negative_slope = 0.1, .threshold = 0.2}); }, {{7}},
              {.output = {7}});
}

TEST(ReLU, RefusesNegativeOptions) {
  EXPECT_THROWS(ValueError, layers::ReLU({.max_value = -1.0}), "ReLU: expected max_value >= 0, got -1");
  EXPECT_THROWS(ValueError, layers::ReLU({.negative_slope = -1.0}), "ReLU: expected negative_slope >= 0, got -1");
  EXPECT_THROWS(ValueError, layers::ReLU({.threshold = -1.0}), "ReLU: expected threshold >= 0, got -1");
}

TEST(LeakyReLU, Conforms) {
  check_layer([] { return layers::LeakyReLU({.negative_slope = 0.1}); }, {{2, 3}}, {.output = {2, 3}});
}

TEST(LeakyReLU, RefusesANegativeSlope) {
  EXPECT_THROWS(ValueError, layers::LeakyReLU({.negative_slope = -0.5}),
                "LeakyReLU: expected negative_slope >= 0, got -0.5");
}

TEST(Softmax, Conforms) {
  check_layer([] { return layers::Softmax(); }, {{2, 3}}, {.output = {2, 3}});
  check_layer([] { return layers::Softmax({.axis = 1}); }, {{2, 3}}, {.output = {2, 3}});
}

TEST(Softmax, GivesNothingToWhatTheMaskHides) {
  const Array x = Array::of<float>({{1, 1, 5}, {2, 3, 4}}),
              mask = Array::of<bool>({{true, true, false}, {false, false, false}});
  EXPECT_CLOSE(run_layer(layers::Softmax(), {x}, {}, {.mask = mask}).output,
               Array::of<float>({{0.5, 0.5, 0}, {0, 0, 0}}), testing::tolerance::float32);
}

TEST(Softmax, RefusesAnAxisOrAMaskThatDoesNotFit) {
  EXPECT_THROWS(ShapeError, layers::Softmax({.axis = 2, .name = "s"})(Input({3})),
                "s (Softmax): expected an input with an axis 2, got (batch, 3)");
  const Array x = Array::zeros({2, 3}), mask = Array::of<bool>({{true, false}, {true, false}});
  EXPECT_THROWS(ShapeError, run_layer(layers::Softmax({.name = "s"}), {x}, {}, {.mask = mask}),
                "s (Softmax): expected a mask that broadcasts to (batch, 3), got (batch, 2)");
}

}  // namespace
}  // namespace keratin
