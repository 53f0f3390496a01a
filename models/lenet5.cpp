#include "models/lenet5.h"

#include <keratin/layers.h>

namespace keratin::models {

Sequential lenet5() {
  return Sequential({
      Input({28, 28, 1}, {.name = "images"}),
      layers::Conv2D(6, 5, {.padding = "same", .activation = "relu", .name = "convolution_1"}),
      layers::MaxPooling2D(2, {.name = "pooling_1"}),
      layers::Conv2D(16, 5, {.activation = "relu", .name = "convolution_2"}),
      layers::MaxPooling2D(2, {.name = "pooling_2"}),
      layers::Flatten({.name = "features"}),
      layers::Dense(120, {.activation = "relu", .name = "hidden_1"}),
      layers::Dense(84, {.activation = "relu", .name = "hidden_2"}),
      layers::Dense(10, {.activation = "softmax", .name = "probabilities"}),
  });
}

}  // namespace keratin::models
