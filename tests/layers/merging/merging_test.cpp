// Add and Concatenate: conformance, ranks, masks, errors.
#include <gtest/gtest.h>

#include "graph/trace.h"
#include "keratin/error.h"
#include "keratin/layers.h"
#include "support/approx.h"
#include "support/check_layer.h"
#include "support/interpret.h"
#include "support/throws.h"

namespace keratin {
namespace {

using testing::check_layer;
using testing::run_layer;

TEST(Add, Conforms) {
  check_layer([] { return layers::Add(); }, {{2, 3}, {2, 3}}, {.output = {2, 3}});
  check_layer([] { return layers::Add(); }, {{2, 3}, {1, 3}, {2, 1}}, {.output = {2, 3}});
  check_layer([] { return layers::Add(); }, {{4}}, {.output = {4}});
  check_layer([] { return layers::Add(); }, {{3}, {2, 3}},
              {.output = {2, 3}});  // of lower rank: an axis after the batch
}

TEST(Concatenate, Conforms) {
  check_layer([] { return layers::Concatenate(); }, {{2, 3}, {2, 1}}, {.output = {2, 4}});
  check_layer([] { return layers::Concatenate({.axis = 1}); }, {{2, 3}, {1, 3}, {4, 3}}, {.output = {7, 3}});
  check_layer([] { return layers::Concatenate(); }, {{4}}, {.output = {4}});
}

TEST(Merging, HasLowerCaseForms) {
  const Tensor a = Input({3}), b = Input({3});
  EXPECT_EQ(layers::add({a, b}).shape(), (Shape{unknown, 3}));
  EXPECT_EQ(layers::concatenate({a, b}).shape(), (Shape{unknown, 6}));
  EXPECT_EQ(layers::concatenate({a, b}, {.axis = 0}).shape(), (Shape{-2, 3}));
}

TEST(Merging, RefusesInputsThatDoNotFit) {
  const Ref<Layer> add = layers::Add({.name = "sum"}), join = layers::Concatenate({.name = "join"});
  EXPECT_THROWS(ValueError, add(Tensors{}), "sum (Add): expected at least one input, got none");
  EXPECT_THROWS(ValueError, join(Tensors{}), "join (Concatenate): expected at least one input, got none");
  EXPECT_THROWS(ShapeError, add(Tensors{Input({3}), Input({4})}),
                "sum: Add: expected shapes that broadcast, got (batch, 3) and (batch, 4)");
  EXPECT_THROWS(ShapeError, join(Tensors{Input({3, 2}), Input({4, 1})}),
                "join: Concat: expected tensors that differ along axis 2 only");
  EXPECT_THROWS(ShapeError, layers::concatenate({Input({3})}, {.axis = 2, .name = "j"}),
                "j (Concatenate): expected inputs with an axis 2, got (batch, 3)");
}

/// The mask of a layer's output where its inputs have these masks; an empty Array is none.
Array mask_of(const Ref<Layer>& layer, const std::vector<Array>& inputs, const std::vector<Array>& masks) {
  Specs specs;
  testing::Feeds feeds;
  const auto feed = [&](const Array& array) {
    feeds.emplace("x" + std::to_string(specs.size()), array);
    specs.push_back({array.dtype(), array.shape()});
  };
  for (const Array& input : inputs) feed(input);
  for (const Array& mask : masks)
    if (!mask.empty()) feed(mask);
  const Graph graph = testing::graph_of(specs, [&](const Tensors& xs) {
    std::size_t next = inputs.size();
    for (std::size_t i = 0; i < masks.size(); ++i)
      if (!masks[i].empty()) Trace::current()->set_mask(xs[i], xs[next++]);
    const Tensor y = layer(Tensors(std::vector<Tensor>(xs.begin(), xs.begin() + inputs.size())));
    const Tensor mask = Trace::current()->mask(y);
    return mask ? Tensors(mask) : Tensors();
  });
  return graph.outputs().empty() ? Array() : testing::interpret(graph, feeds).outputs.at("0");
}

const Array steps = Array::zeros({1, 3, 2});  // one sample of three steps
const Array first = Array::of<bool>({{true, false, false}}), last = Array::of<bool>({{false, false, true}});

TEST(Add, ShowsWhatAnyInputShowsIfAllHaveMasks) {
  EXPECT_EQ(mask_of(layers::Add(), {steps, steps}, {first, last}).to_string(),
            Array::of<bool>({{true, false, true}}).to_string());
  EXPECT_TRUE(mask_of(layers::Add(), {steps, steps}, {first, {}}).empty());
  EXPECT_TRUE(mask_of(layers::Add(), {steps, steps}, {{}, {}}).empty());
}

TEST(Concatenate, JoinsMasks) {
  EXPECT_EQ(mask_of(layers::Concatenate({.axis = 1}), {steps, steps}, {first, {}}).to_string(),
            Array::of<bool>({{true, false, false, true, true, true}}).to_string());
  EXPECT_EQ(mask_of(layers::Concatenate(), {steps, steps}, {first, last}).to_string(),
            Array::of<bool>({{true, false, true}}).to_string());
  EXPECT_TRUE(mask_of(layers::Concatenate(), {steps, steps}, {{}, {}}).empty());
}

TEST(Layers, HandMasksOnAsKerasDoes) {
  for (const Ref<Layer>& layer : {layers::Dense(2), layers::Dropout(0.5), layers::ReLU(), layers::LeakyReLU(),
                                  layers::Activation("relu"), layers::Rescaling(2.0)})
    EXPECT_EQ(mask_of(layer, {steps}, {first}).to_string(), first.to_string()) << layer->class_name();
  for (const Ref<Layer>& layer : {layers::Flatten(), layers::Reshape({6})})
    EXPECT_TRUE(mask_of(layer, {steps}, {first}).empty()) << layer->class_name();
}

}  // namespace
}  // namespace keratin
