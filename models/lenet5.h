// LeNet-5, the classic convolutional network for handwritten digits.
#pragma once

#include <keratin/model.h>

namespace keratin::models {

/// 28 × 28 images in [0, 1] → Conv2D 6 of 5 × 5, same → max pooling → Conv2D 16 of 5 × 5 → max pooling → Dense 120 →
/// Dense 84 → Dense softmax over 10 classes; relu between, Keras's default initializers. After LeCun, Bottou, Bengio
/// and Haffner 1998, with relu for tanh, maxima for means, and filters that see every channel. Input (batch, 28, 28,
/// 1), output (batch, 10). 61,706 weights.
Sequential lenet5();

}  // namespace keratin::models
