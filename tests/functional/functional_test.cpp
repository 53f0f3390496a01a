// Models made of layer calls: sharing, several inputs and outputs, models inside models, names, shapes, errors.
#include <gtest/gtest.h>

#include <cstddef>
#include <string>
#include <vector>

#include "keratin/layers.h"
#include "keratin/model.h"
#include "keratin/ops.h"
#include "support/approx.h"
#include "support/throws.h"

namespace keratin {
namespace {

/// y = scale · x, the scale a trainable weight.
Ref<Layer> scaling(double scale, std::string name = "") {
  layers::DenseOptions options{.use_bias = false, .kernel_initializer = initializers::Constant(scale)};
  if (!name.empty()) options.name = name;
  return layers::Dense(1, options);
}

Array column(std::vector<float> values) {
  const auto rows = static_cast<std::int64_t>(values.size());
  return Array(std::move(values), Shape({rows, 1}));
}

std::vector<std::string> names_of(const std::vector<Ref<Layer>>& layers) {
  std::vector<std::string> names;
  for (const Ref<Layer>& layer : layers) names.push_back(layer->name());
  return names;
}

std::vector<std::string> paths_of(const Variables& weights) {
  std::vector<std::string> paths;
  for (const Variable& weight : weights) paths.push_back(weight.path());
  return paths;
}

using Names = std::vector<std::string>;
const PredictOptions quiet{.verbose = 0};

// ---- what it computes
// -----------------------------------------------------------------------------------------------------

TEST(Functional, AddsTheGradientsOfALayerThatIsCalledTwice) {
  const Ref<Layer> shared = scaling(2.0);
  const Tensor x = Input({1});
  Model model(x, shared(shared(x)));  // y = w² x, dy/dw = 2 w x
  EXPECT_EQ(model.weights().size(), 1U);
  EXPECT_CLOSE(model.predict(column({1, 3}), quiet), column({4, 12}), 0.0);
  model.compile({.optimizer = optimizers::SGD(1.0), .loss = [](Tensor, Tensor y) { return y; }});
  model.train_on_batch(column({1, 3}), column({0, 0}));
  EXPECT_EQ(model.get_weights()[0].item<float>(), 2.0F - 2.0F * 2.0F * 2.0F);  // the mean of x is 2
}

TEST(Functional, TakesInputsInTheirOrderAndByName) {
  const Tensor a = Input({1}, {.name = "a"}), b = Input({1}, {.name = "b"});
  Model model({b, a}, a - b * 10.0);
  const Array ones = column({1, 1}), twos = column({2, 2});
  EXPECT_CLOSE(model.predict({ones, twos}, quiet), column({-8, -8}), 0.0);
  EXPECT_CLOSE(model.predict({{"a", ones}, {"b", twos}}, quiet), column({-19, -19}), 0.0);
  EXPECT_THROWS(ValueError, model.predict({{"a", ones}, {"c", twos}}, quiet),
                "predict: x: expected an array named b, got a, c");
  EXPECT_THROWS(ValueError, model.predict(ones, quiet), "predict: x: expected 2 arrays (b, a), got 1");
}

TEST(Functional, GivesSeveralOutputs) {
  const Tensor x = Input({1});
  Model model(x, {x * 2.0, x, scaling(3.0)(x)});
  const std::vector<Array> out = model.predict_all(column({1, 2}), quiet);
  ASSERT_EQ(out.size(), 3U);
  EXPECT_CLOSE(out[0], column({2, 4}), 0.0);
  EXPECT_CLOSE(out[1], column({1, 2}), 0.0);
  EXPECT_CLOSE(out[2], column({3, 6}), 0.0);
  EXPECT_THROWS(ValueError, model.predict(column({1}), quiet),
                "predict: expected a model with one output, got 3; use predict_all()");
  EXPECT_THROWS(ValueError, model(Input({1})), "functional: expected one output, got 3; use outputs()");
}

TEST(Functional, AllowsOneTensorAsTwoOutputs) {
  const Tensor x = Input({1}), y = scaling(2.0, "y")(x);
  Model model(x, {y, y});
  EXPECT_EQ(model.predict_all(column({1}), quiet).size(), 2U);
}

TEST(Functional, ReplaysOperationsBetweenLayers) {
  const Tensor x = Input({2}), y = Input({2});
  const Tensor constant(Array::of<float>({10, 20}));
  Model model({x, y}, ops::concatenate({x * 2.0 + y, constant - x, ops::relu(-y)}));
  EXPECT_CLOSE(model.predict({Array::of<float>({{1, 2}}), Array::of<float>({{-1, 1}})}, quiet),
               Array::of<float>({{1, 5, 9, 18, 1, 0}}), 0.0);
}

TEST(Functional, KeepsAnInputThatNothingDependsOn) {
  const Tensor x = Input({1}, {.name = "x"}), unused = Input({3}, {.name = "unused"});
  Model model({unused, x}, scaling(2.0)(x));
  EXPECT_CLOSE(model.predict({Array::zeros({2, 3}), column({1, 2})}, quiet), column({2, 4}), 0.0);
  model.compile({.loss = "mse"});
  EXPECT_NO_THROW(model.train_on_batch({Array::zeros({2, 3}), column({1, 2})}, column({1, 2})));
}

TEST(Functional, IsALayerOfAnotherModelAndSharesItsWeights) {
  const Tensor inner_x = Input({1});
  Model inner(inner_x, scaling(3.0)(inner_x), {.name = "inner"});
  const Tensor x = Input({1});
  Model outer(x, inner(inner(x)) + 1.0);
  EXPECT_EQ(outer.weights(), inner.weights());
  EXPECT_CLOSE(outer.predict(column({1, 2}), quiet), column({10, 19}), 0.0);
  inner.set_weights({Array::full({1, 1}, 2.0)});
  EXPECT_CLOSE(outer.predict(column({1, 2}), quiet), column({5, 9}), 0.0);
  EXPECT_EQ(names_of(outer.layers()), (Names{"input_layer", "inner"}));
}

TEST(Functional, TakesModelsWithoutNamesIntoOne) {
  const auto make_inner = [] {
    const Tensor x = Input({1});
    return Model(x, scaling(2.0)(x));
  };
  const Model first = make_inner(), second = make_inner();
  const Tensor x = Input({1});
  const Model outer(x, second(first(x)));
  EXPECT_EQ(names_of(outer.layers()), (Names{"input_layer", "functional", "functional_1"}));
  EXPECT_EQ(paths_of(outer.weights()), (Names{"functional/dense/kernel", "functional_1/dense/kernel"}));
}

TEST(Functional, IsDeepWithoutAnOverflowingStack) {
  const Tensor x = Input({1});
  Tensor y = x;
  for (int i = 0; i < 2000; ++i) y = layers::Dense(1, {.kernel_initializer = "ones"})(y);
  Model model(x, y);
  EXPECT_EQ(model.weights().size(), 4000U);
  EXPECT_EQ(model.layers().back()->name(), "dense_1999");
  EXPECT_CLOSE(model.predict(column({1, 2}), quiet), column({1, 2}), 0.0);
  model.compile({.optimizer = optimizers::SGD(1e-9), .loss = "mse"});
  EXPECT_EQ(model.train_on_batch(column({1}), column({0})).at("loss"), 1.0);
}

TEST(Functional, DoesNotRoundDoublesThatItsLayersWant) {
  const Tensor x = Input({1}, {.dtype = float64});
  Model model(x, layers::Dense(1, {.use_bias = false, .kernel_initializer = "ones", .dtype = float64})(x));
  const Tensor outside = Input({1}, {.dtype = float64});
  Model outer(outside, model(outside));
  const double third = 1.0 / 3.0;
  EXPECT_EQ(model.predict(Array::of<double>({{third}}), quiet).at<double>(0, 0), third);
  EXPECT_EQ(outer.predict(Array::of<double>({{third}}), quiet).at<double>(0, 0), third);
}

TEST(Functional, HandsAMaskToTheLayerThatWasCalledWithIt) {
  class Masked final : public Layer {
   public:
    Tensor call(const Tensor& x, const CallContext& context) override { return ops::where(*context.mask, x, 0.0); }
  };
  const Tensor x = Input({2});
  Model model(x, make<Masked>()(x, {.mask = ops::greater(x * 2.0, 3.0)}));
  EXPECT_CLOSE(model.predict(Array::of<float>({{1, 2}, {3, 0}}), quiet), Array::of<float>({{0, 2}, {3, 0}}), 0.0);
}

/// Hides what is not above 0.
class HideNegatives final : public Layer {
 public:
  Tensor call(const Tensor& x, const CallContext&) override { return x * 1.0; }
  std::optional<Tensor> compute_mask(const Tensors& inputs, const CallContext&) override {
    return ops::greater(inputs[0], 0.0);
  }
};

/// The mask that it receives as 0 and 1; -1 if there is none.
class ShowMask final : public Layer {
 public:
  explicit ShowMask(DType dtype = float32) { set_dtype(dtype); }
  Tensor call(const Tensor& x, const CallContext& context) override {
    return context.mask ? ops::cast(*context.mask, x.dtype()) : ops::zeros_like(x) - 1.0;
  }
};

const Array kSigned = Array::of<float>({{1, -2}, {-3, 4}}), kShown = Array::of<float>({{1, 0}, {0, 1}}),
            kNoMask = Array::full({2, 2}, -1.0);

TEST(Functional, HandsMasksOnThroughLayersThatSupportThem) {
  const Tensor x = Input({2}), hidden = make<HideNegatives>()(x);
  Model model(x, {make<ShowMask>()(hidden), make<ShowMask>()(layers::ReLU()(layers::Dense(2)(hidden)))});
  for (const Array& out : model.predict_all(kSigned, quiet)) EXPECT_CLOSE(out, kShown, 0.0);
}

TEST(Functional, DropsMasksAtLayersThatDoNotSupportThemAndAtOps) {
  const Tensor x = Input({2}), hidden = make<HideNegatives>()(x);
  Model model(x, {make<ShowMask>()(x), make<ShowMask>()(layers::Reshape({2})(layers::Reshape({1, 2})(hidden))),
                  make<ShowMask>()(make<ShowMask>()(hidden)), make<ShowMask>()(hidden + 1.0)});
  for (const Array& out : model.predict_all(kSigned, quiet)) EXPECT_CLOSE(out, kNoMask, 0.0);
}

TEST(Functional, HandsMasksIntoAModelInsideAndOutOfIt) {
  const Tensor a = Input({2}), b = Input({2}), x = Input({2}), hidden = make<HideNegatives>()(x);
  const Model shows(a, make<ShowMask>()(a)), passes(b, layers::ReLU()(b));
  Model model(x,
              {shows(hidden), make<ShowMask>()(passes(hidden)), shows(x, {.mask = ops::greater(x, 0.0)}),
               Sequential({make<ShowMask>()})(x, {.mask = ops::greater(x, 0.0)}), shows(x * 3.0), make<ShowMask>()(x)});
  const std::vector<Array> out = model.predict_all(kSigned, quiet);
  for (std::size_t i = 0; i < 4; ++i) EXPECT_CLOSE(out[i], kShown, 0.0) << i;
  EXPECT_CLOSE(out[4], kNoMask, 0.0);
  EXPECT_CLOSE(out[5], kNoMask, 0.0) << "a model's mask is for its call alone";
}

TEST(Functional, KeepsMasksOfInputsThatAreConverted) {
  const Tensor flat = Input({2, 1}), x = Input({2}), hidden = make<HideNegatives>()(x);
  const Model adapts(flat, layers::Reshape({2})(make<ShowMask>()(flat)));
  class Outer final : public Layer {
   public:
    Outer() { set_dtype(float64); }
    Tensor call(const Tensor& inputs, const CallContext&) override { return show_(inputs); }

   private:
    Ref<Layer> show_ = make<ShowMask>(float64);
  };
  Model model(x, {adapts(hidden), make<Outer>()(hidden)});
  const std::vector<Array> out = model.predict_all(kSigned, quiet);
  EXPECT_CLOSE(out[0], kShown, 0.0);
  EXPECT_CLOSE(out[1].astype(float32), kShown, 0.0);
}

TEST(Functional, KeepsTheModeThatALayerWasCalledIn) {
  const Tensor x = Input({100});
  Model model(x, {layers::Dropout(0.5)(x), layers::Dropout(0.5)(x, {.training = true})});
  const std::vector<Array> out = model.predict_all(Array::ones({1, 100}), quiet);
  EXPECT_CLOSE(out[0], Array::ones({1, 100}), 0.0);
  EXPECT_FALSE(testing::close(out[1], Array::ones({1, 100}), 0.0));
}

// ---- names
// ----------------------------------------------------------------------------------------------------------------

TEST(Functional, NamesItsLayersByTheirClass) {
  const Tensor x = Input({4});
  Tensor y = layers::Dense(3)(x);
  y = layers::Dense(3, {.name = "mine"})(layers::LeakyReLU()(y));
  y = layers::Dense(3)(layers::ReLU()(y));
  const Model model(x, y);
  EXPECT_EQ(names_of(model.layers()), (Names{"input_layer", "dense", "leaky_re_lu", "mine", "re_lu", "dense_1"}));
  EXPECT_EQ(paths_of(model.weights()),
            (Names{"dense/kernel", "dense/bias", "mine/kernel", "mine/bias", "dense_1/kernel", "dense_1/bias"}));
}

TEST(Functional, CountsFromZeroInEachModel) {
  for (int i = 0; i < 2; ++i) {
    const Tensor x = Input({2});
    EXPECT_EQ(Model(x, layers::Dense(1)(x)).layers().back()->name(), "dense");
  }
}

TEST(Functional, GoesAroundTheNamesOfAuthors) {
  const Tensor x = Input({2});
  const Model model(x, layers::Dense(1)(layers::Dense(2, {.name = "dense"})(x)));
  EXPECT_EQ(names_of(model.layers()), (Names{"input_layer", "dense", "dense_1"}));
}

TEST(Functional, KeepsTheNamesThatAnotherModelSettled) {
  const Tensor x = Input({2});
  const Tensor first = layers::Dense(2)(x), second = layers::Dense(2)(first);
  const Model whole(x, second), part(x, second);
  EXPECT_EQ(names_of(part.layers()), (Names{"input_layer", "dense", "dense_1"}));
  const Tensor y = Input({2});
  const Model other(y, layers::Dense(2)(whole.layers()[2](y)));
  EXPECT_EQ(names_of(other.layers()), (Names{"input_layer", "dense_1", "dense"}));
  EXPECT_EQ(whole.get_layer("dense_1").shared(), other.get_layer("dense_1").shared());
}

TEST(Functional, RefusesTwoLayersThatWereGivenOneName) {
  const Tensor x = Input({2});
  const Tensor y = layers::Dense(2, {.name = "twin"})(layers::Dense(2, {.name = "twin"})(x));
  EXPECT_THROWS(ValueError, Model(x, y, {.name = "family"}),
                "family: expected each layer to have a name of its own, got two named twin");
}

TEST(Functional, FindsLayersByNameOrSaysWhatThereIs) {
  const Tensor x = Input({2}, {.name = "in"});
  const Model model(x, layers::Dense(2, {.name = "out"})(x), {.name = "net"});
  EXPECT_EQ(model.get_layer("out")->class_name(), "Dense");
  EXPECT_THROWS(ValueError, model.get_layer("no"), "net: expected one of the layers in, out, got no");
  EXPECT_THROWS(ValueError, model.get_layer("out")->weight("gamma"),
                "out (Dense): expected one of the weights kernel, bias, got gamma");
}

TEST(Functional, NamesItsOutputsByTheirLayers) {
  const Tensor x = Input({2});
  Model model(x, {layers::Dense(1, {.name = "a"})(x), layers::Dense(1, {.name = "b"})(x)});
  model.compile({.loss = {{"a", "mse"}, {"b", "mae"}}});
  const Array y = column({1});
  const Logs logs = model.test_on_batch(Array::zeros({1, 2}), {{"b", y}, {"a", y}});
  EXPECT_EQ(logs.size(), 3U);
  EXPECT_EQ(logs.at("loss"), logs.at("a_loss") + logs.at("b_loss"));
}

// ---- what it refuses
// ------------------------------------------------------------------------------------------------------

TEST(Functional, RefusesAGraphThatIsNotConnected) {
  const Tensor x = Input({2}, {.name = "x"}), y = Input({2}, {.name = "y"});
  EXPECT_THROWS(ValueError, Model(x, x + y, {.name = "net"}),
                "net: expected every Input among inputs, the outputs also depend on y");
}

TEST(Functional, RefusesInputsAndOutputsThatAreNone) {
  const Tensor x = Input({2});
  EXPECT_THROWS(ValueError, Model(x * 2.0, x * 2.0), "functional: expected inputs made by Input(), got another tensor");
  EXPECT_THROWS(ValueError, Model(x, Tensors()), "functional: expected at least one output, got none");
  EXPECT_THROWS(ValueError, Model(x, Tensor()),
                "functional: expected outputs made by calling layers on Input(), got another tensor");
  EXPECT_THROWS(ValueError, Model(Tensors(), x), "functional: expected every Input among inputs");
  EXPECT_THROWS(ValueError, Model({x, x}, x), "functional: expected each Input once");
  EXPECT_THROWS(ValueError, Model(Tensor(), x), "functional: expected inputs made by Input(), got another tensor");
}

TEST(Functional, SaysWhichShapeItExpects) {
  const Tensor x = Input({2, 3}, {.name = "image"});
  Model model(x, layers::Flatten()(x), {.name = "net"});
  EXPECT_THROWS(ShapeError, model.predict(Array::zeros({5, 3, 2}), quiet),
                "net: expected the input image to have shape (batch, 2, 3), got (batch, 3, 2)");
  EXPECT_THROWS(ShapeError, model.predict(Array::zeros({5, 6}), quiet), "got (batch, 6)");
  EXPECT_THROWS(ShapeError, model(Input({6})), "got (batch, 6)");
  EXPECT_THROWS(ValueError, model.outputs({Input({2, 3}), Input({2, 3})}), "net: expected 1 inputs (image), got 2");
}

// Keras's functional models do the same.
TEST(Functional, AddsOrDropsATrailingAxisOfOne) {
  const Tensor with = Input({2, 1}), without = Input({2});
  Model drops(without, without * 2.0), adds(with, with * 2.0);
  EXPECT_CLOSE(drops.predict(Array::ones({3, 2, 1}), quiet), Array::full({3, 2}, 2.0), 0.0);
  EXPECT_CLOSE(adds.predict(Array::ones({3, 2}), quiet), Array::full({3, 2, 1}, 2.0), 0.0);
  const Tensor scalar = Input({1});
  EXPECT_CLOSE(Model(scalar, scalar * 2.0).predict(Array::ones({3}), quiet), Array::full({3, 1}, 2.0), 0.0);
}

TEST(Functional, ConvertsWhatIsFedToItsInputsDtype) {
  const Tensor x = Input({2});
  EXPECT_CLOSE(Model(x, x / 2.0).predict(Array::full({1, 2}, 5, uint8), quiet), Array::full({1, 2}, 2.5), 0.0);
  EXPECT_CLOSE(Model(x, x / 2.0).predict(Array::full({1, 2}, 5, float64), quiet), Array::full({1, 2}, 2.5), 0.0);
}

TEST(Functional, RefusesCallManyOutsideATrace) {
  const Tensor x = Input({1});
  const Model model(x, x * 2.0);
  const Ref<Layer> layer = model;
  EXPECT_THROWS(ValueError, layer->call_many({Array::ones({1, 1})}, {}),
                "expected call_many() to be called while a step");
  const Sequential unbuilt({scaling(1.0)}), empty({Input({1})});
  EXPECT_THROWS(ValueError, Ref<Layer>(unbuilt)->call_many({x}, {}), "sequential: expected to be built before");
  EXPECT_THROWS(ValueError, Ref<Layer>(empty)->call_many({x}, {}), "sequential: expected at least one layer, got none");
}

TEST(Functional, ReadsAnyByteButZeroOfABooleanAsTrue) {
  Array mask = Array::zeros({4, 1}, boolean);
  mask.bytes()[1] = std::byte{1};
  mask.bytes()[2] = std::byte{2};
  mask.bytes()[3] = std::byte{255};
  const Tensor x = Input({1}, {.dtype = boolean});
  EXPECT_CLOSE(Model(x, ops::cast(x, float32)).predict(mask, quiet), column({0, 1, 1, 1}), 0.0);
  EXPECT_CLOSE(Model(x, ops::where(x, 2.0, 3.0)).predict(mask, quiet), column({3, 2, 2, 2}), 0.0);
  EXPECT_CLOSE(Model(x, ops::cast(ops::logical_not(x), float32)).predict(mask, quiet), column({1, 0, 0, 0}), 0.0);
  EXPECT_CLOSE(Model(x, ops::cast(x, int64)).predict(mask, quiet).astype(float32), column({0, 1, 1, 1}), 0.0);
}

}  // namespace
}  // namespace keratin
