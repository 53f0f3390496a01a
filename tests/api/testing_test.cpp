// The public gradient check: agrees with right gradients, sees wrong ones, leaves layers as they were.
#include "keratin/testing.h"

#include <gtest/gtest.h>

#include "keratin/error.h"
#include "keratin/layers.h"
#include "keratin/ops.h"
#include "support/throws.h"

namespace keratin {
namespace {

using keratin::testing::check_gradient;

const Array x = Array::of<double>({{0.5, -1.25, 2.0}, {1.0, 0.25, -0.75}});

TEST(CheckGradient, AcceptsRightGradients) {
  const auto check = check_gradient([](const Tensors& xs) { return Tensors(ops::exp(xs[0]) * xs[1]); }, {x, x});
  EXPECT_LT(check.error, 1e-8);
  EXPECT_NE(check.by_gradient, 0.0);
}

TEST(CheckGradient, ThrowsWhereAGradientIsWrong) {
  EXPECT_THROWS(Error,
                check_gradient([](const Tensors& xs) { return Tensors(xs[0] * ops::stop_gradient(xs[0])); }, {x}),
                "check_gradient: expected the derivative along a random direction to be");
}

TEST(CheckGradient, RefusesFloat32AndNoOutput) {
  const auto twice = [](const Tensors& xs) { return Tensors(xs[0] * 2.0); };
  EXPECT_THROWS(ValueError, check_gradient(twice, {x.astype(float32)}),
                "check_gradient: expected inputs of float64, got float32");
  EXPECT_THROWS(ValueError, check_gradient([](const Tensors&) { return Tensors(); }, {x}),
                "expected a function with outputs, got none");
  const Ref<Layer> dense = layers::Dense(2);
  EXPECT_THROWS(ValueError, check_gradient(dense, {x}),
                "check_gradient: expected a layer of dtype float64, got float32");
}

TEST(CheckGradient, TakesLayersWithTheirWeights) {
  const Ref<Layer> dense = layers::Dense(2, {.activation = "tanh", .dtype = float64});
  EXPECT_LT(check_gradient(dense, {x}).error, 1e-8);
  const Ref<Layer> add = layers::Add({.dtype = float64});
  EXPECT_LT(check_gradient(add, {x, x}).error, 1e-8);
}

/// A weight that moves while training, and one whose gradient is lost.
class Wrong final : public Layer {
 public:
  void build(const Shape& input) override {
    scale_ = add_weight("scale", {input.back()}, {.initializer = "ones"});
    calls_ = add_weight("calls", {}, {.initializer = "ones", .trainable = false});
  }
  Tensor call(const Tensor& input, const CallContext& context) override {
    if (context.training) calls_.assign(Tensor(calls_) * 2.0);
    return input * ops::stop_gradient(scale_) * Tensor(calls_);
  }

 private:
  Variable scale_, calls_;
};

TEST(CheckGradient, SeesAWeightsLostGradientAndLeavesTheLayerAsItWas) {
  set_floatx(float64);
  const Ref<Wrong> layer = make<Wrong>();
  set_floatx(float32);
  EXPECT_THROWS(Error, check_gradient(layer, {x}, {.training = true}), "check_gradient: expected the derivative");
  EXPECT_EQ(layer->weight("calls").value().item(), 1.0);
  EXPECT_EQ(layer->weight("scale").value().to_string(), Array::ones({3}, float64).to_string());
}

TEST(CheckGradient, DrawsTheSameInEveryRun) {
  const Ref<Layer> dropout = layers::Dropout(0.5, {.seed = 4, .dtype = float64});
  EXPECT_LT(check_gradient(dropout, {x}, {.training = true}).error, 1e-8);
}

}  // namespace
}  // namespace keratin
