// A small network in the manner of VGG, for coloured images as CIFAR-10's.
#pragma once

#include <keratin/model.h>

namespace keratin::models {

struct VggSmallOptions {
  Count classes = 10;
  Count filters = 32;  // of the first block; the others have twice and four times as many
};

/// 32 × 32 coloured images → three blocks of twice (Conv2D 3 × 3, same, without bias → BatchNormalization → relu) and
/// max pooling → Dense 128 relu → Dense softmax. After Simonyan and Zisserman 2014, arXiv:1409.1556.
/// Input (batch, 32, 32, 3), output (batch, classes). With the defaults 551,914 weights. ValueError unless there is a
/// class and a filter.
Sequential vgg_small(VggSmallOptions options = {});

}  // namespace keratin::models
