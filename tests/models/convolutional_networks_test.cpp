// LeNet-5 and the small VGG: shapes, counts of weights, that they learn.
#include <gtest/gtest.h>

#include "keratin/datasets.h"
#include "keratin/error.h"
#include "models/lenet5.h"
#include "models/vgg_small.h"
#include "support/approx.h"

namespace keratin::models {
namespace {

TEST(Lenet5, HasTheClassicsShapes) {
  const Sequential model = lenet5();
  std::vector<Shape> shapes;
  for (const Ref<Layer>& layer : model.layers()) shapes.push_back(layer->output().shape());
  const std::vector<Shape> expected{{unknown, 28, 28, 6}, {unknown, 14, 14, 6}, {unknown, 10, 10, 16},
                                    {unknown, 5, 5, 16},  {unknown, 400},       {unknown, 120},
                                    {unknown, 84},        {unknown, 10}};
  ASSERT_GE(shapes.size(), expected.size());
  EXPECT_TRUE(std::equal(expected.rbegin(), expected.rend(), shapes.rbegin()));
  EXPECT_EQ(model.count_params(), 61706);
}

TEST(Lenet5, Learns) {
  const datasets::Pair digits = datasets::synthetic_digits({.train = 400, .test = 0, .seed = 1});
  const Array x = digits.train.x.reshape({400, 28, 28, 1}).astype(float32);
  Array scaled = x.copy();
  for (float& pixel : scaled.values<float>()) pixel /= 255.0f;
  Sequential model = lenet5();
  model.compile({.optimizer = "adam", .loss = "sparse_categorical_crossentropy", .metrics = {"accuracy"}, .seed = 1});
  const History history = model.fit(scaled, digits.train.y, {.batch_size = 50, .epochs = 6, .verbose = 0});
  EXPECT_LT(history.at("loss").back(), 0.6 * history.at("loss").front());
}

TEST(VggSmall, HasItsShapes) {
  const Sequential model = vgg_small();
  EXPECT_EQ(model.count_params(), 551914);
  EXPECT_EQ(model.weights().size(), 6U + 6U * 4U + 4U);
  EXPECT_EQ(vgg_small({.classes = 3, .filters = 4}).outputs()[0].shape(), Shape({unknown, 3}));
  EXPECT_THROW(vgg_small({.filters = 0}), ValueError);
}

TEST(VggSmall, TakesAStep) {
  Sequential model = vgg_small({.classes = 2, .filters = 2});
  model.compile({.optimizer = "sgd", .loss = "sparse_categorical_crossentropy", .seed = 1});
  std::vector<float> pixels(4 * 32 * 32 * 3);
  for (std::size_t i = 0; i < pixels.size(); ++i) pixels[i] = static_cast<float>((i * 37) % 101) / 101.0f;
  const Array x(std::move(pixels), {4, 32, 32, 3});
  const Array y = Array::of<std::int32_t>({0, 1, 0, 1});
  const double first = model.train_on_batch(x, y).at("loss");
  for (int i = 0; i < 10; ++i) model.train_on_batch(x, y);
  EXPECT_LT(model.train_on_batch(x, y).at("loss"), first);
}

}  // namespace
}  // namespace keratin::models
