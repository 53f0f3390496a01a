// A functional model: two images, one shared encoder, two answers. Do both images show the same digit, and which one is
// the left?
#include <keratin/keratin.h>

#include <cstdio>

namespace layers = keratin::layers;
using keratin::Array;
using keratin::Tensor;

int main() try {
  // Image i and image n - 1 - i make a pair.
  const auto digits = keratin::datasets::synthetic_digits({.train = 256, .test = 0, .seed = 1});
  const Array left = digits.train.x, labels = digits.train.y;
  std::vector<std::int64_t> reversed;
  for (std::int64_t i = left.length() - 1; i >= 0; --i) reversed.push_back(i);
  const Array right = left.take(reversed), right_labels = labels.take(reversed);
  Array same = Array::zeros({left.length(), 1});
  for (std::int64_t i = 0; i < left.length(); ++i)
    same.at(i, 0) = labels.at<std::uint8_t>(i) == right_labels.at<std::uint8_t>(i) ? 1.0F : 0.0F;

  // A layer that is called twice has one set of weights.
  const keratin::Sequential encoder({keratin::Input({28, 28}, {.dtype = keratin::uint8}), layers::Rescaling(1.0 / 255),
                                     layers::Flatten(), layers::Dense(64, {.activation = "relu"})},
                                    {.name = "encoder"});
  const Tensor left_image = keratin::Input({28, 28}, {.dtype = keratin::uint8, .name = "left_image"});
  const Tensor right_image = keratin::Input({28, 28}, {.dtype = keratin::uint8, .name = "right_image"});
  const Tensor left_code = encoder(left_image), right_code = encoder(right_image);
  const Tensor difference = keratin::ops::abs(left_code - right_code);
  const Tensor is_same = layers::Dense(1, {.activation = "sigmoid", .name = "same"})(difference);
  const Tensor digit = layers::Dense(10, {.activation = "softmax", .name = "digit"})(left_code);

  keratin::Model model({left_image, right_image}, {is_same, digit}, {.name = "pairs"});
  model.compile({.optimizer = "adam",
                 .loss = {{"same", "binary_crossentropy"}, {"digit", "sparse_categorical_crossentropy"}},
                 .loss_weights = {{"same", 0.5}, {"digit", 1.0}},
                 .metrics_by_output = {{"digit", {"accuracy"}}},
                 .seed = 1});
  std::printf("%s", model.summary().c_str());
  // Inputs and targets in the order of the model's, or by name.
  model.fit({left, right}, {{"same", same}, {"digit", labels}}, {.batch_size = 32, .epochs = 5, .verbose = 2});

  const std::vector<Array> answers = model.predict_all({left.slice(0, 1), right.slice(0, 1)}, {.verbose = 0});
  std::printf("the first pair: same with probability %.2f\n", static_cast<double>(answers[0].at(0, 0)));
} catch (const keratin::Error& error) {
  std::fprintf(stderr, "functional_model: %s\n", error.what());
  return 1;
}
