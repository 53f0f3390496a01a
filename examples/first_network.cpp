// The README's program: a network learns to read digits that the library draws, and becomes an ONNX file.
#include <keratin/keratin.h>
#include <cstdio>
namespace layers = keratin::layers;

int main() try {
  const auto digits = keratin::datasets::synthetic_digits({.train = 20'000, .test = 5'000});

  keratin::Sequential model({
      keratin::Input({28, 28}),
      layers::Rescaling(1.0 / 255),
      layers::Flatten(),
      layers::Dense(128, {.activation = "relu"}),
      layers::Dropout(0.2),
      layers::Dense(10, {.activation = "softmax"}),
  });
  std::printf("%s\n", model.summary().c_str());
  model.compile({.optimizer = "adam", .loss = "sparse_categorical_crossentropy", .metrics = {"accuracy"}});
  model.fit(digits.train.x, digits.train.y, {.batch_size = 32, .epochs = 5, .validation_split = 0.1});

  const keratin::Logs result = model.evaluate(digits.test.x, digits.test.y, {.verbose = 0});
  std::printf("test accuracy %.4f\n", result.at("accuracy"));
  model.export_onnx("digits.onnx");
} catch (const keratin::Error& error) {
  std::fprintf(stderr, "%s\n", error.what());
  return 1;
}
