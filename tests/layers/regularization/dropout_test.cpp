// Dropout: rates, scaling, streams, noise shapes.
#include <gtest/gtest.h>

#include <cmath>

#include "keratin/error.h"
#include "keratin/layers.h"
#include "keratin/model.h"
#include "keratin/ops.h"
#include "layers/layer_state.h"
#include "support/approx.h"
#include "support/check_layer.h"
#include "support/throws.h"

namespace keratin {
namespace {

using testing::check_layer;
using testing::run_layer;

Array trained_on(const Ref<Layer>& layer, const Array& x) {
  return run_layer(layer, {x}, {}, {.training = true}).output;
}

std::int64_t zeros_in(const Array& array) {
  const auto values = array.values();
  return std::count(values.begin(), values.end(), 0.0f);
}

TEST(Dropout, Conforms) {
  check_layer([] { return layers::Dropout(0.5, {.seed = 1}); }, {{4, 5}}, {.output = {4, 5}, .random = true});
  check_layer([] { return layers::Dropout(0.0); }, {{4}}, {.output = {4}});
  check_layer(
      [] {
        return layers::Dropout(0.5, {.noise_shape = Shape{unknown, 1, 5}, .seed = 1});
      },
      {{4, 5}}, {.output = {4, 5}, .random = true});
}

TEST(Dropout, DropsAtItsRateAndScalesTheRest) {
  for (const double rate : {0.1, 0.5, 0.9}) {
    const Array y = trained_on(layers::Dropout(rate, {.seed = 3}), Array::ones({100, 100}));
    const double share = static_cast<double>(zeros_in(y)) / 10000.0;
    EXPECT_NEAR(share, rate, 4.0 * std::sqrt(rate * (1.0 - rate) / 10000.0));
    for (const float value : y.values())
      EXPECT_TRUE(value == 0.0f || value == static_cast<float>(1.0 / (1.0 - rate))) << value;
  }
}

TEST(Dropout, OfRateOneGivesZeros) {
  EXPECT_CLOSE(trained_on(layers::Dropout(1.0), Array::ones({3, 4})), Array::zeros({3, 4}), 0.0);
  EXPECT_CLOSE(run_layer(layers::Dropout(1.0), {Array::ones({3, 4})}).output, Array::ones({3, 4}), 0.0);
}

TEST(Dropout, DropsTheSameInBothDtypes) {
  const Array x = Array::ones({50, 4});
  const Array narrow = trained_on(layers::Dropout(0.5, {.seed = 3}), x);
  const Array wide = trained_on(layers::Dropout(0.5, {.seed = 3, .dtype = float64}), x.astype(float64));
  EXPECT_CLOSE(wide.astype(float32), narrow, 0.0);
}

TEST(Dropout, TakesTheSeed) {
  const Array x = Array::ones({50, 4});
  const auto drawn = [&](std::int64_t seed) { return trained_on(layers::Dropout(0.5, {.seed = seed}), x).to_string(); };
  EXPECT_EQ(drawn(1), drawn(1));
  EXPECT_NE(drawn(1), drawn(2));
}

TEST(Dropout, DrawsAnewInEveryCallAndStep) {
  const Tensor x = Input({20});
  const Ref<Layer> dropout = layers::Dropout(0.5, {.seed = 7});
  Model model(x, dropout(x) - dropout(x));  // 0 where both calls in a step agree
  model.compile({.optimizer = "sgd", .loss = "mse"});
  const Array ones = Array::ones({8, 20}), zeros = Array::zeros({8, 20});
  const double first = model.train_on_batch(ones, zeros).at("loss"),
               second = model.train_on_batch(ones, zeros).at("loss");
  EXPECT_GT(first, 0.5);  // 2 of 4 cases differ by 2: 2 on average
  EXPECT_GT(second, 0.5);
  EXPECT_NE(first, second);
  EXPECT_EQ(LayerAccess::seed_generators(*dropout)[0].value().at<std::int64_t>(1), 4)
      << "two calls in each of two steps";
}

TEST(Dropout, DropsTogetherAlongNoiseShapesOnes) {
  const Array y =
      trained_on(layers::Dropout(0.5, {.noise_shape = Shape{unknown, 1, 6}, .seed = 2}), Array::ones({10, 5, 6}));
  for (std::int64_t n = 0; n < 10; ++n)
    for (std::int64_t c = 0; c < 6; ++c)
      for (std::int64_t t = 1; t < 5; ++t) EXPECT_EQ(y.at(n, t, c), y.at(n, std::int64_t{0}, c));
  EXPECT_GT(zeros_in(y), 0);
  EXPECT_LT(zeros_in(y), 300);
  const Array rows = trained_on(layers::Dropout(0.5, {.noise_shape = Shape{1, 6}, .seed = 2}), Array::ones({10, 6}));
  EXPECT_CLOSE(rows[0].copy(), rows[9].copy(), 0.0);
}

TEST(Dropout, RefusesOptionsThatCannotBe) {
  EXPECT_THROWS(ValueError, layers::Dropout(1.5), "Dropout: expected rate in [0, 1], got 1.5");
  EXPECT_THROWS(ValueError, layers::Dropout(-0.1), "Dropout: expected rate in [0, 1], got -0.1");
  EXPECT_THROWS(ValueError, layers::Dropout(std::nan("")), "Dropout: expected rate in [0, 1], got nan");
  EXPECT_THROWS(ValueError, layers::Dropout(0.5, {.noise_shape = Shape{0, 3}}),
                "Dropout: expected noise_shape of extents of 1 or more");
  const Ref<Layer> layer = layers::Dropout(0.5, {.noise_shape = Shape{unknown, 4}, .name = "d"});
  EXPECT_THROWS(ShapeError, trained_on(layer, Array::ones({2, 3})),
                "d (Dropout): expected a noise_shape that broadcasts to (batch, 3), got (-1, 4)");
}

}  // namespace
}  // namespace keratin
