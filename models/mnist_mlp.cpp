#include "models/mnist_mlp.h"

#include <keratin/layers.h>

namespace keratin::models {

Sequential mnist_mlp(MnistMlpOptions options) {
  return Sequential({
      Input({28 * 28}, {.name = "pixels"}),
      layers::Dense(options.first_layer_neurons, {.activation = "relu", .name = "hidden_1"}),
      layers::Dense(options.second_layer_neurons, {.activation = "relu", .name = "hidden_2"}),
      layers::Dense(10, {.activation = "softmax", .name = "probabilities"}),
  });
}

}  // namespace keratin::models
