// The tutorial's network for MNIST: two hidden layers and ten classes.
#pragma once

#include <keratin/model.h>

namespace keratin::models {

struct MnistMlpOptions {
  Count first_layer_neurons = 300;
  Count second_layer_neurons = 100;
};

/// 784 pixels in [0, 1] → Dense relu → Dense relu → Dense softmax over 10 classes, with Keras's default initializers.
/// Input (batch, 784), output (batch, 10). With the defaults 266,610 weights. ValueError unless there is a neuron in
/// each layer.
Sequential mnist_mlp(MnistMlpOptions options = {});

}  // namespace keratin::models
