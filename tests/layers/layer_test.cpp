// Class Layer itself: building, weights, what is trainable, what is inside, input() and output().
#include "keratin/layer.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "keratin/callbacks.h"
#include "keratin/layers.h"
#include "keratin/model.h"
#include "keratin/ops.h"
#include "layers/layer_state.h"
#include "support/approx.h"
#include "support/throws.h"

namespace keratin {
namespace {

using Names = std::vector<std::string>;

Names paths_of(const Variables& weights) {
  Names paths;
  for (const Variable& weight : weights) paths.push_back(weight.path());
  return paths;
}

/// Calls what it is given.
class Lambda final : public Layer {
 public:
  using Call = std::function<Tensor(const Tensor&)>;
  explicit Lambda(Call call, std::function<void(Lambda&, const Shape&)> build = {})
      : call_(std::move(call)), build_(std::move(build)) {}
  void build(const Shape& input) override {
    if (build_) build_(*this, input);
  }
  Tensor call(const Tensor& x, const CallContext&) override { return call_(x); }
  using Layer::add_loss;
  using Layer::add_metric;
  using Layer::add_seed_generator;
  using Layer::add_weight;
  using Layer::track;

 private:
  Call call_;
  std::function<void(Lambda&, const Shape&)> build_;
};

Tensor same(const Tensor& x) { return x; }

// ---- building
// -------------------------------------------------------------------------------------------------------------

TEST(Layer, ThatFailsToBuildIsAsBeforeAndCanBeBuiltLater) {
  const Ref<Lambda> layer = make<Lambda>(same, [](Lambda& self, const Shape& input) {
    self.add_weight("first", {input.back()}, {.regularizer = "l2"});
    self.add_seed_generator(std::nullopt);
    if (input.back() != 3) throw ValueError("expected three");
    self.add_weight("second", {input.back()});
  });
  EXPECT_THROWS(ValueError, layer(Input({2})), "expected three");
  EXPECT_FALSE(layer->built());
  EXPECT_TRUE(layer->weights().empty());
  EXPECT_TRUE(LayerAccess::seed_generators(*layer).empty());
  EXPECT_TRUE(LayerAccess::regularized(*layer).empty());
  layer(Input({3}));
  EXPECT_EQ(paths_of(layer->weights()), (Names{"lambda/first", "lambda/second"}));
}

TEST(Layer, ThatFailsInACallCanBeCalledAgain) {
  bool fail = true;
  const Ref<Lambda> layer = make<Lambda>([&](const Tensor& x) {
    if (fail) throw ValueError("not yet");
    return x * 2.0;
  });
  EXPECT_THROWS(ValueError, layer(Input({2})), "not yet");
  EXPECT_THROWS(ValueError, layer->output(), "lambda (Lambda): expected to have been called once, was called 0 times");
  fail = false;
  const Tensor x = Input({2});
  Model model(x, layer(x));
  fail = true;
  EXPECT_THROWS(ValueError, model.predict(Array::ones({1, 2}), {.verbose = 0}), "not yet");
  fail = false;
  EXPECT_CLOSE(model.predict(Array::ones({1, 2}), {.verbose = 0}), Array::full({1, 2}, 2.0), 0.0);
}

TEST(Layer, MayMakeModelsAndAssignWeightsWhileItIsBuilt) {
  std::optional<Sequential> inside;
  const Ref<Lambda> layer = make<Lambda>(
      [&](const Tensor& x) { return (*inside)(x); },
      [&](Lambda& self, const Shape& input) {
        inside.emplace(Sequential({Input(input.from(1)), layers::Dense(2, {.kernel_initializer = "ones"})}));
        self.add_weight("own", {1}, {.initializer = "zeros"}).assign(5.0);
      });
  Sequential model({layer});  // built inside the trace of predict
  EXPECT_CLOSE(model.predict(Array::ones({1, 3}), {.verbose = 0}), Array::full({1, 2}, 3.0), 0.0);
  EXPECT_EQ(layer->layers().size(), 1U);
  EXPECT_EQ(layer->weight("own").value().at(0), 5.0F);
  EXPECT_EQ(paths_of(model.weights()),
            (Names{"lambda/own", "lambda/sequential/dense/kernel", "lambda/sequential/dense/bias"}));
}

TEST(Layer, NamesThePartsOfItApart) {
  const Ref<Layer> a = layers::Dense(2), b = layers::Dense(2);
  Sequential model({Input({2}), make<Lambda>([&](const Tensor& x) { return b(a(x)); })});
  EXPECT_EQ(paths_of(model.weights()),
            (Names{"lambda/dense/kernel", "lambda/dense/bias", "lambda/dense_1/kernel", "lambda/dense_1/bias"}));
}

TEST(Layer, IsPartOfALayerOnceHoweverOftenItIsCalled) {
  const Ref<Layer> shared = layers::Dense(2);
  const Ref<Lambda> layer = make<Lambda>([&](const Tensor& x) { return shared(shared(x)); });
  layer->track(shared);
  layer(Input({2}));
  EXPECT_EQ(layer->layers().size(), 1U);
  EXPECT_EQ(layer->weights().size(), 2U);
}

TEST(Layer, OnTheStackSaysHowToMakeOne) {
  Lambda layer(same);
  EXPECT_THROWS(ValueError, layer(Input({2})), "lambda (Lambda): expected a layer made by make<Lambda>()");
}

// ---- weights
// --------------------------------------------------------------------------------------------------------------

TEST(Layer, ListsTrainableWeightsFirst) {
  const Ref<Lambda> layer = make<Lambda>(same, [](Lambda& self, const Shape&) {
    self.add_weight("mean", {2}, {.trainable = false});
    self.add_weight("scale", {2});
  });
  layer(Input({2}));
  EXPECT_EQ(paths_of(layer->weights()), (Names{"lambda/scale", "lambda/mean"}));
  EXPECT_EQ(paths_of(layer->trainable_weights()), (Names{"lambda/scale"}));
  EXPECT_EQ(paths_of(layer->non_trainable_weights()), (Names{"lambda/mean"}));
  EXPECT_EQ(layer->count_params(), 4);
  layer->set_trainable(false);
  EXPECT_EQ(paths_of(layer->weights()), (Names{"lambda/scale", "lambda/mean"}));
  EXPECT_TRUE(layer->trainable_weights().empty());
  EXPECT_EQ(layer->non_trainable_weights().size(), 2U);
}

TEST(Layer, FreezesWhatIsInside) {
  const Ref<Layer> dense = layers::Dense(2);
  Sequential inner({Input({2}), dense});
  Sequential outer({Input({2}), inner, layers::Dense(1)});
  inner.set_trainable(false);
  EXPECT_FALSE(dense->trainable());
  EXPECT_EQ(outer.trainable_weights().size(), 2U);
  EXPECT_EQ(outer.weights().size(), 4U);
  inner.set_trainable(true);
  EXPECT_EQ(outer.trainable_weights().size(), 4U);
}

TEST(Layer, CountsSharedWeightsOnce) {
  const Ref<Layer> shared = layers::Dense(2, {.kernel_regularizer = "l2"});
  const Tensor a = Input({2}), b = Input({2}), c = Input({2});
  const Model first(a, shared(a)), second(b, shared(b));
  const Model outer(c, first(c) + second(c));
  EXPECT_EQ(outer.count_params(), 6);
  EXPECT_EQ(LayerAccess::regularized(*Ref<Layer>(outer)).size(), 1U);
  shared->set_trainable(false);
  EXPECT_TRUE(LayerAccess::regularized(*Ref<Layer>(outer)).empty());
}

TEST(Layer, RefusesWeightsThatDoNotFitAndKeepsItsOwn) {
  Sequential model({Input({2}), layers::Dense(3, {.kernel_initializer = "ones"})}, {.name = "net"});
  const Array kernel = Array::zeros({2, 3}), bias = Array::zeros({3});
  EXPECT_THROWS(ValueError, model.set_weights({kernel}), "net (Sequential): set_weights: expected 2 arrays, got 1");
  EXPECT_THROWS(ShapeError, model.set_weights({kernel, kernel}),
                "set_weights: expected dense/bias of shape (3,), got (2, 3)");
  EXPECT_CLOSE(model.get_weights()[0], Array::ones({2, 3}), 0.0);
  model.set_weights({kernel.astype(float64), bias});
  EXPECT_CLOSE(model.get_weights()[0], kernel, 0.0);
  EXPECT_EQ(model.get_weights()[0].dtype(), float32);
  EXPECT_THROWS(ValueError, layers::Dense(1)->weight("kernel"), "got kernel; the layer is not built yet");
}

TEST(Layer, RefusesAWeightOfUnknownShape) {
  const Ref<Lambda> layer = make<Lambda>(same, [](Lambda& self, const Shape& input) { self.add_weight("w", input); });
  EXPECT_THROWS(ShapeError, layer(Input({2})),
                "lambda (Lambda): expected known extents for the weight w, got (batch, 2)");
}

TEST(Layer, AddsLossesAndMetricsInCallsAlone) {
  const Ref<Lambda> layer = make<Lambda>(same);
  EXPECT_THROWS(ValueError, layer->add_loss(Tensor(Array::ones({}))), "add_loss: expected to be called inside call()");
  EXPECT_THROWS(ValueError, layer->add_metric(Tensor(Array::ones({})), "m"),
                "add_metric: expected to be called inside call()");
  Lambda* self = nullptr;
  const Ref<Lambda> vector = make<Lambda>([&](const Tensor& x) {
    self->add_loss(x);
    return x;
  });
  self = &*vector;
  EXPECT_THROWS(ShapeError, vector(Input({2})), "add_loss: expected a scalar, got (batch, 2)");
}

// ---- input and output
// -----------------------------------------------------------------------------------------------------

TEST(Layer, RemembersTheTensorsOfItsOnlyCall) {
  const Tensor x = Input({2}, {.name = "x"});
  const Ref<Layer> dense = layers::Dense(3);
  EXPECT_THROWS(ValueError, dense->input(), "dense (Dense): expected to have been called once, was called 0 times");
  const Tensor y = dense(x);
  EXPECT_EQ(dense->output().shape(), (Shape{unknown, 3}));
  Model features(dense->input(), dense->output());
  EXPECT_EQ(features.predict(Array::ones({4, 2}), {.verbose = 0}).shape(), (Shape{4, 3}));
  const Tensor again = dense(x);
  EXPECT_THROWS(ValueError, dense->output(), "was called 2 times; keep the tensors yourself");
}

TEST(Layer, ForgetsCallsThatNobodyHolds) {
  const Ref<Layer> dense = layers::Dense(3);
  const Tensor x = Input({2});
  dense(x);
  const Tensor y = dense(x);
  EXPECT_EQ(dense->output().shape(), y.shape());
}

TEST(Layer, OfASequentialKeepsItsTensorsWhileThatGrows) {
  Sequential model({Input({2}), layers::Dense(3, {.name = "features"})});
  model.add(layers::Dense(1));
  Model features(model.inputs(), model.get_layer("features")->output());
  EXPECT_EQ(features.predict(Array::ones({4, 2}), {.verbose = 0}).shape(), (Shape{4, 3}));
}

// ---- dtypes
// ---------------------------------------------------------------------------------------------------------------

TEST(Layer, ComputesInItsOwnDtype) {
  Sequential model({Input({2}), layers::Dense(2, {.dtype = float64}), layers::Dense(1)});
  EXPECT_EQ(model.get_layer("dense")->output().dtype(), float64);
  EXPECT_EQ(model.outputs()[0].dtype(), float32);
  EXPECT_EQ(model.get_weights()[0].dtype(), float64);
}

TEST(DTypePolicy, RefusesANullPointer) {
  const char* const null = nullptr;
  EXPECT_THROWS(ValueError, DTypePolicy(null), "dtype: expected the name of a policy, got a null pointer");
  EXPECT_THROWS(ValueError, Ref<Initializer>(null), "Ref: expected a name, got a null pointer");
  EXPECT_THROWS(ValueError, Verbose(null), "verbose: expected 0, 1, 2 or \"auto\", got a null pointer");
}

TEST(Layer, IsBuiltByADirectCallOfBuild) {
  const Ref<Layer> dense = layers::Dense(3);
  dense->build({8, 4});
  EXPECT_TRUE(dense->built());
  ASSERT_EQ(dense->weights().size(), 2U);
  const Array kernel = dense->weight("kernel").value();
  const Sequential model({Input({4}), dense});
  ASSERT_EQ(model.weights().size(), 2U);
  EXPECT_EQ(paths_of(model.weights()), (Names{"dense/kernel", "dense/bias"}));
  EXPECT_CLOSE(model.get_weights()[0], kernel, 0.0);
}

TEST(Layer, RefusesToBeBuiltTwice) {
  const Ref<Layer> direct = layers::Dense(3), called = layers::Dense(3);
  direct->build({8, 4});
  EXPECT_THROWS(ValueError, direct->build({8, 4}), "dense (Dense): expected to be built once");
  called(Input({4}));
  EXPECT_THROWS(ValueError, called->build({8, 4}), "dense (Dense): expected to be built once");
  EXPECT_EQ(direct->weights().size(), 2U);
  EXPECT_EQ(called->weights().size(), 2U);
}

/// A part of which its owner calls build(), as Keras's layers often do, and a weight made by the constructor.
TEST(Layer, MayBuildItsPartsItself) {
  class Owner final : public Layer {
   public:
    Owner() : own_(add_weight("own", {1}, {.initializer = "ones"})) {}
    void build(const Shape& input) override {
      part_ = layers::Dense(2);
      part_->build(input);
      late_ = add_weight("late", {1}, {.initializer = "ones"});
    }
    Tensor call(const Tensor& x, const CallContext&) override { return part_(x) * own_ * late_; }

   private:
    Variable own_, late_;
    Ref<Layer> part_;
  };
  const Ref<Layer> owner = make<Owner>();
  EXPECT_FALSE(owner->built());
  owner(Input({4}));
  EXPECT_EQ(owner->weights().size(), 4U);
}

TEST(Layer, RefusesToBeInsideItself) {
  const Ref<Lambda> outer = make<Lambda>(same), inner = make<Lambda>(same);
  EXPECT_THROWS(ValueError, outer->track(outer), "a layer cannot be inside itself");
  outer->track(inner);
  EXPECT_THROWS(ValueError, inner->track(outer), "a layer cannot be inside itself");
  outer->set_trainable(false);
  EXPECT_FALSE(inner->trainable());
}

}  // namespace
}  // namespace keratin
