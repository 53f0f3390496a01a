#include <utility>

#include "base/text.h"
#include "keratin/layers.h"
#include "keratin/ops.h"
#include "support/integer_generator.h"
#include "support/onnx_cases.h"

namespace keratin::testing {
namespace {

Array some(const Shape& sample, DType dtype = float32, std::int64_t count = 3) {
  const Shape shape = Shape({count}) + sample;
  return Array(IntegerGenerator("onnx layers").uniform_values<double>(static_cast<std::size_t>(shape.size()), 2.0),
               shape)
      .astype(dtype);
}

Array some_bytes(const Shape& sample) {
  const Shape shape = Shape({3}) + sample;
  return Array(IntegerGenerator("onnx bytes").positions(static_cast<std::size_t>(shape.size()), 256), shape)
      .astype(uint8);
}

/// A layer as a user writes it, with a layer and arithmetic of its own inside.
class ScaleShift final : public Layer {
 public:
  void build(const Shape& input) override {
    scale_ = add_weight("scale", {input.back()}, {.initializer = "random_uniform"});
    shift_ = add_weight("shift", {input.back()}, {.initializer = "ones"});
    inner_ = layers::Dense(2, {.activation = "tanh", .name = "inner"});
  }
  Tensor call(const Tensor& x, const CallContext& context) override {
    const Tensor y = x * scale_ + shift_;
    return inner_(context.training ? y * 2.0 : y) / ops::mean(ops::abs(y), {.axis = -1, .keepdims = true});
  }

 private:
  Variable scale_, shift_;
  Ref<Layer> inner_;
};

class Cases {
 public:
  /// A model of one layer.
  void add(const std::string& name, const Ref<Layer>& layer, const Array& input) {
    const Tensor x = Input(input.shape().from(1), {.dtype = input.dtype()});
    add_model(name, Model(x, layer(x)), {input});
  }
  void add_model(const std::string& name, Model model, std::vector<Array> inputs) {
    model.compile({.seed = 7});
    cases_.push_back({name, std::move(model), std::move(inputs)});
  }
  std::vector<OnnxLayerCase> take() { return std::move(cases_); }

 private:
  std::vector<OnnxLayerCase> cases_;
};

constexpr const char* activation_names[] = {
    "celu",           "elu",         "exponential", "gelu",       "glu",         "hard_shrink",
    "hard_sigmoid",   "hard_silu",   "hard_tanh",   "leaky_relu", "linear",      "log_sigmoid",
    "log_softmax",    "mish",        "relu",        "relu6",      "selu",        "sigmoid",
    "silu",           "soft_shrink", "softmax",     "softplus",   "softsign",    "sparse_plus",
    "sparse_sigmoid", "sparsemax",   "squareplus",  "tanh",       "tanh_shrink",
};

void add_core(Cases& cases) {
  cases.add("dense", layers::Dense(4, {.activation = "relu"}), some({6}));
  cases.add("dense_softmax", layers::Dense(4, {.activation = "softmax"}), some({6}));
  cases.add("dense_without_bias", layers::Dense(4, {.use_bias = false}), some({6}));
  cases.add("dense_of_a_sequence", layers::Dense(4, {.activation = "tanh", .bias_initializer = "ones"}), some({5, 6}));
  cases.add("dense_of_one_sample", layers::Dense(4), some({6}, float32, 1));
  cases.add("dense_float64", layers::Dense(4, {.activation = "sigmoid", .dtype = float64}), some({6}, float64));
  for (const char* name : activation_names) cases.add(concat("activation_", name), layers::Activation(name), some({6}));
  cases.add("activation_float64", layers::Activation("softplus", {.dtype = float64}), some({6}, float64));
  cases.add("relu", layers::ReLU(), some({6}));
  cases.add("relu_bent", layers::ReLU({.max_value = 1.5, .negative_slope = 0.25, .threshold = 0.5}), some({6}));
  cases.add("leaky_relu", layers::LeakyReLU({.negative_slope = 0.125}), some({2, 3}));
  cases.add("softmax", layers::Softmax(), some({6}));
  cases.add("softmax_along_1", layers::Softmax({.axis = 1}), some({6, 2}));
  cases.add("flatten", layers::Flatten(), some({2, 3, 4}));
  cases.add("flatten_channels_first", layers::Flatten({.data_format = "channels_first"}), some({2, 3, 4}));
  cases.add("reshape", layers::Reshape({-1, 6}), some({2, 3, 4}));
  cases.add("dropout", layers::Dropout(0.5), some({6}));
  cases.add("rescaling", layers::Rescaling(1.0 / 127.5, {.offset = -1.0}), some_bytes({4, 4, 1}));
}

void add_images(Cases& cases) {
  const Array images = some({5, 6, 4});
  cases.add("conv2d", layers::Conv2D(3, 2, {.bias_initializer = "random_normal"}), images);
  cases.add("conv2d_same", layers::Conv2D(3, {3, 2}, {.strides = {2, 1}, .padding = "same", .activation = "relu"}),
            images);
  cases.add("conv2d_groups", layers::Conv2D(6, 2, {.dilation_rate = 2, .groups = 2, .use_bias = false}), images);
  cases.add("conv2d_float64", layers::Conv2D(3, 2, {.activation = "tanh", .dtype = float64}), some({4, 3, 2}, float64));
  cases.add("depthwise_conv2d", layers::DepthwiseConv2D(3, {.padding = "same", .depth_multiplier = 2}), images);
  cases.add("depthwise_conv2d_strides", layers::DepthwiseConv2D(2, {.strides = 2, .activation = "gelu"}), images);
  cases.add("max_pooling2d", layers::MaxPooling2D(), images);
  cases.add("max_pooling2d_same", layers::MaxPooling2D(3, {.strides = 2, .padding = "same"}), images);
  cases.add("average_pooling2d", layers::AveragePooling2D({2, 3}), images);
  cases.add("average_pooling2d_same", layers::AveragePooling2D(3, {.strides = 2, .padding = "same"}), images);
  cases.add("global_average_pooling2d", layers::GlobalAveragePooling2D(), images);
  cases.add("global_max_pooling2d", layers::GlobalMaxPooling2D({.keepdims = true}), images);
  cases.add("zero_padding2d", layers::ZeroPadding2D({{1, 0}, {2, 3}}), images);
  const layers::BatchNormalizationOptions moved{.beta_initializer = "random_normal",
                                                .gamma_initializer = "random_normal",
                                                .moving_mean_initializer = "random_normal",
                                                .moving_variance_initializer = initializers::Constant(1.5)};
  cases.add("batch_normalization", layers::BatchNormalization(moved), images);
  cases.add("batch_normalization_axis", layers::BatchNormalization({.axis = 1, .center = false}), images);

  const Tensor x = Input({8, 8, 2}, {.name = "x"});
  Tensor y = layers::BatchNormalization(moved)(layers::Conv2D(4, 3, {.padding = "same"})(x));
  y = layers::MaxPooling2D()(layers::Activation("relu")(layers::BatchNormalization(moved)(y)));
  const Tensor shortcut = y;
  y = layers::Conv2D(4, 3, {.activation = "silu"})(layers::ZeroPadding2D()(y));
  y = layers::add({y, shortcut});
  y = layers::DepthwiseConv2D(2, {.depth_multiplier = 2})(layers::LeakyReLU()(y));
  cases.add_model("residual", Model(x, layers::Dense(3)(layers::GlobalAveragePooling2D()(y))), {some({8, 8, 2})});
  cases.add_model("images_out", Model(x, {y, shortcut}), {some({8, 8, 2})});

  const Tensor one = layers::Conv2D(3, 3, {.padding = "same"})(x), other = layers::Conv2D(2, 1)(x);
  const Tensor joined = layers::concatenate({one, other});
  cases.add_model("concatenated_channels", Model(x, layers::Conv2D(2, 3)(joined)), {some({8, 8, 2})});
  cases.add_model("concatenated_rows", Model(x, layers::Concatenate({.axis = 1})({one, one})), {some({8, 8, 2})});
  cases.add_model("padded_out", Model(x, layers::ZeroPadding2D({{1, 0}, {2, 3}})(one)), {some({8, 8, 2})});
  cases.add_model("reduced_over_rows",
                  Model(x, {ops::max(one, {.axis = {1}}), ops::max(one, {.axis = {2}, .keepdims = true}),
                            ops::max(one, {.axis = {3}})}),
                  {some({8, 8, 2})});
  cases.add_model("depthwise_normalized",
                  Model(x, layers::BatchNormalization(moved)(
                               layers::DepthwiseConv2D(3, {.depth_multiplier = 2, .bias_initializer = "ones"})(x))),
                  {some({8, 8, 2})});
}

void add_networks(Cases& cases) {
  cases.add("custom_layer", make<ScaleShift>(), some({6}));
  const Tensor a = Input({6}, {.name = "left"}), b = Input({6}, {.name = "right"});
  cases.add_model("add", Model({a, b}, layers::Add()({a, b, a})), {some({6}), some({6})});
  cases.add_model("concatenate", Model({a, b}, layers::Concatenate()({a, b})), {some({6}), some({6})});
  const Ref<Layer> shared = layers::Dense(6, {.activation = "elu", .name = "shared"});
  cases.add_model("shared_layer", Model({a, b}, layers::add({shared(a), shared(shared(b))})), {some({6}), some({6})});

  const Tensor hidden = layers::Dense(5, {.activation = "relu", .name = "hidden"})(a);
  const Tensor priority = layers::Dense(1, {.activation = "sigmoid", .name = "priority"})(hidden);
  cases.add_model("several_outputs", Model(a, {priority, hidden, layers::Dense(3, {.name = "department"})(hidden)}),
                  {some({6})});
  cases.add_model("arithmetic_of_tensors", Model({a, b}, layers::Dense(2)((a * 2.0 - b) / 3.0)),
                  {some({6}), some({6})});

  Sequential encoder({Input({6}), layers::Dense(3, {.activation = "tanh"}), layers::Dense(2)}, {.name = "encoder"});
  Sequential decoder({Input({2}), layers::Dense(3, {.activation = "tanh"}), layers::Dense(6)}, {.name = "decoder"});
  const Tensor x = Input({6}, {.name = "x"});
  cases.add_model("models_inside", Model(x, decoder(encoder(x)), {.name = "autoencoder"}), {some({6})});

  cases.add_model("tutorial",
                  Sequential({Input({28, 28, 1}, {.dtype = uint8}), layers::Rescaling(1.0 / 255), layers::Flatten(),
                              layers::Dense(30, {.activation = "relu"}), layers::Dropout(0.2), layers::Dense(10),
                              layers::Activation("softmax", {.name = "probabilities"})}),
                  {some_bytes({28, 28, 1})});
}

}  // namespace

std::vector<OnnxLayerCase> onnx_layer_cases() {
  Cases cases;
  add_core(cases);
  add_images(cases);
  add_networks(cases);
  return cases.take();
}

}  // namespace keratin::testing
