// What the passes of the compiler change of a step: rounding, where one is left out; nothing of what is not finite.
#include <gtest/gtest.h>

#include <cmath>
#include <cstdlib>
#include <limits>

#include "base/scope_guard.h"
#include "keratin/layers.h"
#include "keratin/model.h"
#include "support/approx.h"

namespace keratin {
namespace {

constexpr std::int64_t kSamples = 40;

/// Something for every pass: products with and without bias, images, decisions, means over the batch, a softmax.
Sequential network() {
  Sequential model({Input({8, 8, 2}), layers::Conv2D(6, 3, {.use_bias = false}), layers::BatchNormalization(),
                    layers::Activation("relu"), layers::MaxPooling2D(2), layers::Flatten(),
                    layers::Dense(140, {.activation = "gelu"}), layers::Dropout(0.2),
                    layers::Dense(30, {.activation = "tanh", .kernel_regularizer = "l2"}),
                    layers::Dense(5, {.activation = "softmax"})});
  model.compile({.optimizer = "sgd", .loss = "sparse_categorical_crossentropy", .metrics = {"accuracy"}, .seed = 3});
  return model;
}

Array images() {
  std::vector<float> numbers;
  for (int i = 0; i < kSamples * 128; ++i) numbers.push_back(static_cast<float>(i * 37 % 101) / 50.0f - 1.0f);
  return {std::move(numbers), {kSamples, 8, 8, 2}};
}
Array classes() {
  std::vector<std::int32_t> numbers;
  for (int i = 0; i < kSamples; ++i) numbers.push_back(i * 7 % 5);
  return {std::move(numbers), {kSamples}};
}

/// Predictions, the loss of a step and the weights after it, without some passes.
std::vector<Array> stepped(const char* disabled, Sequential model, const Array& x) {
  setenv("KERATIN_DISABLE", disabled, 1);
  const ScopeGuard unset([] { unsetenv("KERATIN_DISABLE"); });
  std::vector<Array> out{model.predict(x, {.verbose = 0})};
  out.push_back(Array::full({}, model.train_on_batch(x, classes()).at("loss"), float64));
  for (Array& weight : model.get_weights()) out.push_back(std::move(weight));
  return out;
}

class Disabled : public ::testing::TestWithParam<const char*> {};

TEST_P(Disabled, ChangesAStepByRoundingAlone) {
  const std::vector<Array> want = stepped("", network(), images()), got = stepped(GetParam(), network(), images());
  ASSERT_EQ(got.size(), want.size());
  for (std::size_t i = 0; i < want.size(); ++i) EXPECT_CLOSE(got[i], want[i], 2e-6) << "array " << i;
}

INSTANTIATE_TEST_SUITE_P(Pass, Disabled,
                         ::testing::Values("simplify", "fuse_softmax_crossentropy", "turn_factors", "fuse_elementwise",
                                           "fuse_products"));

/// NaN where the other is, the same infinities, and about the same numbers.
void expect_alike(const Array& got, const Array& want) {
  ASSERT_EQ(got.shape(), want.shape());
  const Array a = got.astype(float64), b = want.astype(float64);
  for (std::int64_t i = 0; i < a.size(); ++i) {
    const double x = a.values<double>()[static_cast<std::size_t>(i)],
                 y = b.values<double>()[static_cast<std::size_t>(i)];
    if (std::isfinite(y)) {
      ASSERT_NEAR(x, y, 2e-6 * (1.0 + std::fabs(y))) << "element " << i;
    } else {
      ASSERT_TRUE(std::isnan(y) ? std::isnan(x) : x == y) << "element " << i << ": " << x << ", not " << y;
    }
  }
}

/// Without a normalization, which would spread one sample's over the batch.
Sequential network_of_rows() {
  Sequential model({Input({128}), layers::Dense(140, {.activation = "relu"}), layers::Dense(60, {.activation = "elu"}),
                    layers::Dense(30, {.activation = "tanh"}), layers::Dense(5, {.activation = "softmax"})});
  model.compile({.optimizer = "sgd", .loss = "sparse_categorical_crossentropy", .seed = 3});
  return model;
}

TEST(Fusion, PassesOnWhatIsNotFinite) {
  constexpr float infinity = std::numeric_limits<float>::infinity();
  for (const float odd : {infinity, -infinity}) {  // NaN is refused as data, and is what infinities make in products
    SCOPED_TRACE(odd);
    Array x = images().reshape({kSamples, 128});
    for (std::int64_t i = 0; i < 3; ++i) x.at(2 * i, 5 * i) = x.at(2 * i, 5 * i + 1) = odd;  // in three rows
    const std::vector<Array> fused = stepped("", network_of_rows(), x),
                             unfused = stepped("fuse_elementwise,fuse_products", network_of_rows(), x);
    ASSERT_EQ(fused.size(), unfused.size());
    EXPECT_FALSE(std::isfinite(fused[0].at(0, 0))) << "nothing is tested";
    for (std::size_t i = 0; i < fused.size(); ++i) {
      SCOPED_TRACE(i);
      expect_alike(fused[i], unfused[i]);
    }
  }
}

}  // namespace
}  // namespace keratin
