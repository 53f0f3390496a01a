#include "models/vgg_small.h"

#include <keratin/layers.h>

#include <string>

namespace keratin::models {
namespace {

void add_block(Sequential& model, std::int64_t filters, const std::string& name) {
  for (const char* half : {"a", "b"}) {
    const std::string own = name + half;
    model.add(layers::Conv2D(filters, 3, {.padding = "same", .use_bias = false, .name = "convolution_" + own}));
    model.add(layers::BatchNormalization({.name = "normalization_" + own}));
    model.add(layers::Activation("relu", {.name = "relu_" + own}));
  }
  model.add(layers::MaxPooling2D(2, {.name = "pooling_" + name}));
}

}  // namespace

Sequential vgg_small(VggSmallOptions options) {
  Sequential model({Input({32, 32, 3}, {.name = "images"})});
  add_block(model, options.filters, "1");
  add_block(model, 2 * options.filters, "2");
  add_block(model, 4 * options.filters, "3");
  model.add(layers::Flatten({.name = "features"}));
  model.add(layers::Dense(128, {.activation = "relu", .name = "hidden"}));
  model.add(layers::Dense(options.classes, {.activation = "softmax", .name = "probabilities"}));
  return model;
}

}  // namespace keratin::models
