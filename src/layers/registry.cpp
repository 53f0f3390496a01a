#include "layers/registry.h"

#include <array>

namespace keratin {
namespace {

struct Row {
  std::string_view class_name;
  std::shared_ptr<Layer> (*blank)();
};

constexpr std::array rows{
    Row{"Activation", blank_activation},
    Row{"Add", blank_add},
    Row{"AveragePooling2D", blank_average_pooling2d},
    Row{"BatchNormalization", blank_batch_normalization},
    Row{"Concatenate", blank_concatenate},
    Row{"Conv2D", blank_conv2d},
    Row{"Dense", blank_dense},
    Row{"DepthwiseConv2D", blank_depthwise_conv2d},
    Row{"Dropout", blank_dropout},
    Row{"Flatten", blank_flatten},
    Row{"GlobalAveragePooling2D", blank_global_average_pooling2d},
    Row{"GlobalMaxPooling2D", blank_global_max_pooling2d},
    Row{"InputLayer", blank_input_layer},
    Row{"LeakyReLU", blank_leaky_relu},
    Row{"MaxPooling2D", blank_max_pooling2d},
    Row{"ReLU", blank_relu},
    Row{"Rescaling", blank_rescaling},
    Row{"Reshape", blank_reshape},
    Row{"Softmax", blank_softmax},
    Row{"ZeroPadding2D", blank_zero_padding2d},
};

}  // namespace

std::shared_ptr<Layer> layer_from_class_name(std::string_view class_name) {
  for (const Row& row : rows)
    if (row.class_name == class_name) return row.blank();
  return nullptr;
}

std::vector<std::string_view> layer_class_names() {
  std::vector<std::string_view> names;
  names.reserve(std::size(rows));
  for (const Row& row : rows) names.push_back(row.class_name);
  return names;
}

}  // namespace keratin
