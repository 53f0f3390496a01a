// Layers by the class name that files hold.
#pragma once

#include <memory>
#include <string_view>
#include <vector>

#include "keratin/layer.h"

namespace KERATIN_INTERNAL_EXPORT keratin {

/// A fresh layer of Keras's class with its defaults, to be described from a configuration and then validated; null if
/// there is none.
std::shared_ptr<Layer> layer_from_class_name(std::string_view class_name);
std::vector<std::string_view> layer_class_names();

// What the table is made of: each defined beside its class.
std::shared_ptr<Layer> blank_activation();
std::shared_ptr<Layer> blank_add();
std::shared_ptr<Layer> blank_average_pooling2d();
std::shared_ptr<Layer> blank_batch_normalization();
std::shared_ptr<Layer> blank_concatenate();
std::shared_ptr<Layer> blank_conv2d();
std::shared_ptr<Layer> blank_dense();
std::shared_ptr<Layer> blank_depthwise_conv2d();
std::shared_ptr<Layer> blank_dropout();
std::shared_ptr<Layer> blank_flatten();
std::shared_ptr<Layer> blank_global_average_pooling2d();
std::shared_ptr<Layer> blank_global_max_pooling2d();
std::shared_ptr<Layer> blank_input_layer();
std::shared_ptr<Layer> blank_leaky_relu();
std::shared_ptr<Layer> blank_max_pooling2d();
std::shared_ptr<Layer> blank_relu();
std::shared_ptr<Layer> blank_rescaling();
std::shared_ptr<Layer> blank_reshape();
std::shared_ptr<Layer> blank_softmax();
std::shared_ptr<Layer> blank_zero_padding2d();

}  // namespace keratin
