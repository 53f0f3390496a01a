// Layers one after another, with an Input or built by the first data.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "keratin/layers.h"
#include "keratin/model.h"
#include "keratin/ops.h"
#include "support/approx.h"
#include "support/throws.h"

namespace keratin {
namespace {

using Names = std::vector<std::string>;
const PredictOptions quiet{.verbose = 0};

Names names_of(const std::vector<Ref<Layer>>& layers) {
  Names names;
  for (const Ref<Layer>& layer : layers) names.push_back(layer->name());
  return names;
}

Ref<Layer> doubling() { return layers::Rescaling(2.0); }

TEST(Sequential, HasTheLayersThatWereAddedWithoutTheInput) {
  const Sequential with({Input({4}), layers::Dense(3), layers::ReLU(), layers::Dense(2)});
  const Sequential without({layers::Dense(3), layers::ReLU(), layers::Dense(2)});
  EXPECT_EQ(names_of(with.layers()), (Names{"dense", "re_lu", "dense_1"}));
  EXPECT_EQ(names_of(without.layers()), (Names{"dense", "re_lu", "dense_1"}));
  EXPECT_EQ(with.count_params(), 4 * 3 + 3 + 3 * 2 + 2);
  EXPECT_EQ(without.count_params(), 0);
  EXPECT_EQ(with.name(), "sequential");
  EXPECT_EQ(with.outputs()[0].shape(), (Shape{unknown, 2}));
}

TEST(Sequential, IsBuiltByTheFirstDataWithoutAnInput) {
  Sequential model({layers::Flatten(), layers::Dense(3)});
  EXPECT_THROWS(ValueError, model.inputs(),
                "sequential: expected a model with known inputs; add Input() or call it first");
  EXPECT_EQ(model.predict(Array::ones({5, 2, 2}), quiet).shape(), (Shape{5, 3}));
  EXPECT_EQ(model.inputs()[0].shape(), (Shape{unknown, 2, 2}));
  EXPECT_EQ(model.count_params(), 4 * 3 + 3);
  EXPECT_THROWS(ShapeError, model.predict(Array::ones({5, 3, 2}), quiet),
                "to have shape (batch, 2, 2), got (batch, 3, 2)");
}

TEST(Sequential, IsBuiltByFitAndEvaluate) {
  const Array x = Array::ones({6, 4}), y = Array::zeros({6, 2});
  for (const bool fit_first : {true, false}) {
    Sequential model({layers::Dense(2)});
    model.compile({.loss = "mse", .metrics = {"mae"}, .seed = 1});
    if (fit_first) model.fit(x, y, {.verbose = 0});
    EXPECT_GT(model.evaluate(x, y, {.verbose = 0}).at("mae"), 0.0);
  }
}

TEST(Sequential, DrawsWeightsOfTheSeedWhenItIsBuiltLate) {
  const auto first_kernel = [](bool late, std::uint64_t seed) {
    Sequential model = late ? Sequential({layers::Dense(3), layers::Dense(2)})
                            : Sequential({Input({4}), layers::Dense(3), layers::Dense(2)});
    model.compile({.loss = "mse", .seed = seed});
    model.predict(Array::ones({1, 4}), quiet);
    return model.get_weights()[0];
  };
  EXPECT_CLOSE(first_kernel(true, 5), first_kernel(false, 5), 0.0);
  EXPECT_FALSE(testing::close(first_kernel(true, 6), first_kernel(false, 5), 0.0));
}

TEST(Sequential, GrowsAfterItWasBuilt) {
  Sequential model({Input({2}), doubling()});
  EXPECT_CLOSE(model.predict(Array::ones({1, 2}), quiet), Array::full({1, 2}, 2.0), 0.0);
  model.add(doubling());
  EXPECT_CLOSE(model.predict(Array::ones({1, 2}), quiet), Array::full({1, 2}, 4.0), 0.0);
  model.add(layers::Dense(3));
  EXPECT_EQ(model.predict(Array::ones({1, 2}), quiet).shape(), (Shape{1, 3}));
  EXPECT_EQ(names_of(model.layers()), (Names{"rescaling", "rescaling_1", "dense"}));
}

TEST(Sequential, KeepsItsWeightsWhileItGrows) {
  Sequential model({layers::Dense(2)});
  model.compile({.loss = "mse", .seed = 3});
  model.fit(Array::ones({4, 2}), Array::zeros({4, 2}), {.verbose = 0});
  const Array kernel = model.get_weights()[0];
  model.add(layers::Dense(2));
  EXPECT_CLOSE(model.get_weights()[0], kernel, 0.0);
  model.fit(Array::ones({4, 2}), Array::zeros({4, 2}), {.verbose = 0});
  EXPECT_EQ(model.get_weights().size(), 4U);
}

TEST(Sequential, DrawsWhatIsAddedLaterOfTheSeedToo) {
  const auto last_kernel = [](std::uint64_t seed) {
    Sequential model({Input({2}), layers::Dense(2)});
    model.compile({.loss = "mse", .seed = seed});
    model.train_on_batch(Array::ones({4, 2}), Array::zeros({4, 2}));
    model.add(layers::Dense(2));
    model.predict(Array::ones({1, 2}), quiet);
    return model.get_weights()[2];
  };
  EXPECT_CLOSE(last_kernel(5), last_kernel(5), 0.0);
  EXPECT_FALSE(testing::close(last_kernel(6), last_kernel(5), 0.0));
}

TEST(Sequential, IsLongWithoutTakingLong) {
  Sequential model({Input({1})});
  for (int i = 0; i < 2000; ++i) model.add(layers::Dense(1, {.kernel_initializer = "ones"}));
  EXPECT_EQ(model.layers().back()->name(), "dense_1999");
  EXPECT_CLOSE(model.predict(Array::ones({2, 1}), quiet), Array::ones({2, 1}), 0.0);
}

TEST(Sequential, GoesIntoOtherModels) {
  const Sequential first({layers::Dense(2)}), second({Input({2}), layers::Dense(2)});
  Sequential model({Input({3}), first, second, layers::Dense(1)});
  EXPECT_EQ(names_of(model.layers()), (Names{"sequential", "sequential_1", "dense"}));
  EXPECT_EQ(model.weights().size(), 6U);
  EXPECT_EQ(model.predict(Array::ones({2, 3}), quiet).shape(), (Shape{2, 1}));
  EXPECT_EQ(model.weights()[0], first.weights()[0]);
  EXPECT_EQ(first.weights()[0].path(), "sequential/dense/kernel");
  EXPECT_EQ(second.weights()[0].path(), "sequential_1/dense/kernel");
}

TEST(Sequential, RefusesALayerTwice) {
  const Ref<Layer> dense = layers::Dense(2, {.name = "mine"});
  EXPECT_THROWS(ValueError, Sequential({dense, dense}),
                "sequential: expected each layer once, got mine twice; use a functional model to share it");
  EXPECT_THROWS(ValueError, Sequential({layers::Dense(1, {.name = "a"}), layers::Dense(1, {.name = "a"})}),
                "sequential: expected each layer to have a name of its own, got two named a");
}

TEST(Sequential, RefusesAnInputThatIsNotFirst) {
  const Tensor x = Input({2});
  EXPECT_THROWS(ValueError, Sequential({layers::Dense(1), x}), "sequential: expected Input() only as the first item");
  EXPECT_THROWS(ValueError, Sequential({x, Input({3})}), "sequential: expected Input() only as the first item");
  EXPECT_THROWS(ValueError, Sequential({x * 2.0, layers::Dense(1)}),
                "sequential: expected Input() or a layer, got a computed tensor");
}

TEST(Sequential, RefusesToRunWithoutLayers) {
  Sequential model;
  EXPECT_THROWS(ValueError, model.predict(Array::ones({1, 2}), quiet),
                "sequential: expected at least one layer, got none; add() some");
  model.add(Input({2}));
  EXPECT_THROWS(ValueError, model.predict(Array::ones({1, 2}), quiet),
                "sequential: expected at least one layer, got none; add() some");
  model.add(doubling());
  EXPECT_CLOSE(model.predict(Array::ones({1, 2}), quiet), Array::full({1, 2}, 2.0), 0.0);
}

TEST(Sequential, IsAsBeforeWhenALayerDoesNotFit) {
  Sequential model({Input({2}), doubling()});
  EXPECT_THROWS(ShapeError, model.add(layers::Reshape({5})), "reshape (Reshape)");
  EXPECT_CLOSE(model.predict(Array::ones({1, 2}), quiet), Array::full({1, 2}, 2.0), 0.0);
  model.add(layers::Dense(3));
  EXPECT_EQ(names_of(model.layers()), (Names{"rescaling", "dense"}));
  EXPECT_EQ(model.predict(Array::ones({1, 2}), quiet).shape(), (Shape{1, 3}));
}

TEST(Sequential, CanBeBuiltByOtherDataAfterSomeThatDidNotFit) {
  Sequential model({layers::Reshape({4}), layers::Dense(3)});
  EXPECT_THROWS(ShapeError, model.predict(Array::ones({1, 5}), quiet), "reshape (Reshape)");
  EXPECT_EQ(model.predict(Array::ones({1, 2, 2}), quiet).shape(), (Shape{1, 3}));
}

TEST(Sequential, CopiesAreTheSameModel) {
  Sequential model({Input({2})});
  const Model copy = model;
  model.add(doubling());
  EXPECT_EQ(copy.layers().size(), 1U);
}

TEST(Sequential, RefusesToBeInsideItself) {
  Sequential model({doubling()});
  EXPECT_THROWS(ValueError, model.add(model), "a layer cannot be inside itself");
  Sequential around({model}), widest({around});
  EXPECT_THROWS(ValueError, model.add(widest), "a layer cannot be inside itself");
  EXPECT_EQ(model.layers().size(), 1U);
  EXPECT_CLOSE(widest.predict(Array::ones({1, 1}), quiet), Array::full({1, 1}, 2.0), 0.0);
}

}  // namespace
}  // namespace keratin
