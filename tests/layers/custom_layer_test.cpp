// Layers of a user's own: by subclassing, with weights, state, layers inside and several outputs.
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

/// docs/architecture.md, section 5.
class ScaleShift final : public Layer {
 public:
  explicit ScaleShift(double initial_scale = 1.0) : initial_scale_(initial_scale) {}
  void describe(Fields& fields) override { fields("initial_scale", initial_scale_); }
  void build(const Shape& input) override {
    scale_ = add_weight("scale", {input.back()}, {.initializer = "ones"});
    shift_ = add_weight("shift", {input.back()}, {.initializer = "zeros"});
  }
  Tensor call(const Tensor& x, const CallContext&) override { return x * scale_ * initial_scale_ + shift_; }

 private:
  double initial_scale_;
  Variable scale_, shift_;
};

/// Two layers inside.
class Residual final : public Layer {
 public:
  explicit Residual(std::int64_t units = 1) : units_(units) {}
  void describe(Fields& fields) override { fields("units", units_); }
  void build(const Shape& input) override {
    inside_ = layers::Dense(units_, {.activation = "tanh", .name = "inside"});
    back_ = layers::Dense(input.back(), {.name = "back"});
  }
  Tensor call(const Tensor& x, const CallContext&) override { return x + back_(inside_(x)); }

 private:
  std::int64_t units_;
  Ref<Layer> inside_, back_;
};

class MeanAndSpread final : public Layer {
 public:
  Tensors call_many(const Tensors& xs, const CallContext&) override {
    return {ops::mean(xs[0], {.axis = -1}), ops::std(xs[0], {.axis = -1})};
  }
};

/// Counts its calls while training.
class Counter final : public Layer {
 public:
  void build(const Shape&) override { count_ = add_weight("count", {}, {.initializer = "zeros", .trainable = false}); }
  Tensor call(const Tensor& x, const CallContext& context) override {
    if (context.training) count_.assign_add(Tensor(Array::ones({})));
    return x + count_;
  }

 private:
  Variable count_;
};

TEST(CustomLayer, Conforms) {
  check_layer([] { return Ref<Layer>(make<ScaleShift>(0.5)); }, {{2, 3}},
              {.output = {2, 3},
               .weights = {"scale", "shift"},
               .custom_objects = CustomObjects().add<ScaleShift>("ScaleShift")});
}

TEST(CustomLayer, TracksTheLayersInside) {
  const Ref<Layer> layer = make<Residual>(4);
  layer(Input({3}));
  EXPECT_EQ(layer->layers().size(), 2u);
  EXPECT_EQ(layer->weights().size(), 4u);
  check_layer([] { return Ref<Layer>(make<Residual>(4)); }, {{3}},
              {.output = {3},
               .weights = {"kernel", "bias", "kernel", "bias"},
               .custom_objects = CustomObjects().add<Residual>("Residual")});
}

TEST(CustomLayer, MayHaveSeveralOutputs) {
  const Ref<Layer> layer = make<MeanAndSpread>();
  const auto [mean, spread] = layer->outputs<2>(Input({2, 5}));
  EXPECT_EQ(mean.shape(), (Shape{unknown, 2}));
  EXPECT_EQ(spread.shape(), (Shape{unknown, 2}));
  EXPECT_THROWS(ValueError, layer(Input({2, 5})),
                "mean_and_spread (MeanAndSpread): expected one output, got 2; use outputs()");
}

TEST(CustomLayer, ReadsWhatItHasAssigned) {
  const Array x = Array::zeros({2, 3});
  EXPECT_CLOSE(testing::run_layer(make<Counter>(), {x}, {}, {.training = true}).output, Array::ones({2, 3}), 0.0);
  EXPECT_CLOSE(testing::run_layer(make<Counter>(), {x}).output, x, 0.0);
}

}  // namespace
}  // namespace keratin
