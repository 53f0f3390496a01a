// A convolutional network: convolutions that see neighbourhoods, a depthwise one that is cheap, normalizations between,
// and a mean over what is left of the image.
// convolutional_network FOLDER learns Fashion-MNIST from its four files there; without, a few digits drawn by the
// library.
#include <keratin/keratin.h>

#include <cstdio>

namespace layers = keratin::layers;
using keratin::Array;
using keratin::Tensor;

namespace {

/// 3 × 3 neighbourhoods of each channel, then of every pixel its channels: a tenth of a full convolution's products.
Tensor separable_block(const Tensor& x, int filters) {
  Tensor y = layers::DepthwiseConv2D(3, {.padding = "same", .use_bias = false})(x);
  y = layers::Conv2D(filters, 1, {.use_bias = false})(y);
  return layers::ReLU()(layers::BatchNormalization({.momentum = 0.9})(y));
}

keratin::Model network() {
  const Tensor image = keratin::Input({28, 28, 1}, {.dtype = keratin::uint8, .name = "image"});
  Tensor x = layers::Rescaling(1.0 / 255)(image);
  x = layers::Conv2D(8, 5, {.strides = 2, .padding = "same", .activation = "relu"})(x);  // 14 × 14
  x = layers::MaxPooling2D(2)(separable_block(x, 16));                                   // 7 × 7
  x = layers::add({x, separable_block(x, 16)});
  x = layers::GlobalAveragePooling2D()(separable_block(x, 32));
  return keratin::Model(image, layers::Dense(10, {.activation = "softmax", .name = "probabilities"})(x),
                        {.name = "small_convnet"});
}

}  // namespace

int main(int argc, char** argv) try {
  const bool clothes = argc > 1;
  const keratin::datasets::Pair images =
      clothes ? keratin::datasets::fashion_mnist({.directory = argv[1]})
              : keratin::datasets::synthetic_digits({.train = 1'500, .test = 300, .seed = 1});
  const auto with_channel = [](const Array& x) { return x.reshape({x.length(), 28, 28, 1}); };
  const Array x = with_channel(images.train.x), test_x = with_channel(images.test.x);

  keratin::Model model = network();
  model.compile({.optimizer = keratin::optimizers::Adam(clothes ? 1e-3 : 1e-2),
                 .loss = "sparse_categorical_crossentropy",
                 .metrics = {"accuracy"},
                 .seed = 1});
  std::printf("%s", model.summary().c_str());
  model.fit(x, images.train.y, {.batch_size = 50, .epochs = clothes ? 5 : 6, .verbose = 2});

  const keratin::Logs score = model.evaluate(test_x, images.test.y, {.verbose = 0});
  std::printf("test accuracy %.4f\n", score.at("accuracy"));
  const Array probabilities = model.predict(test_x.slice(0, 1), {.verbose = 0});
  std::printf("of the first image, which is a %d:\n", static_cast<int>(images.test.y.at<std::uint8_t>(0)));
  for (std::int64_t i = 0; i < 10; ++i)
    std::printf("  %d: %.3f\n", static_cast<int>(i), static_cast<double>(probabilities.at(0, i)));
} catch (const keratin::Error& error) {
  std::fprintf(stderr, "convolutional_network: %s\n", error.what());
  return 1;
}
