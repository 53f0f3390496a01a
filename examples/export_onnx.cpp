// Trains a small network, writes it as an ONNX file and says how to ask the file. Usage: export_onnx [file]
#include <keratin/keratin.h>

#include <cstdio>
#include <string>

namespace layers = keratin::layers;

int main(int argc, char** argv) try {
  const std::string path = argc > 1 ? argv[1] : "digits.onnx";
  const auto digits = keratin::datasets::synthetic_digits({.train = 256, .test = 1, .seed = 1});

  // Names of inputs and of the last layer are the names in the file; weights are called by their layers.
  keratin::Sequential model({
      keratin::Input({28, 28}, {.dtype = keratin::uint8, .name = "image"}),
      layers::Rescaling(1.0 / 255),
      layers::Flatten(),
      layers::Dense(64, {.activation = "relu", .name = "hidden"}),
      layers::Dense(10, {.activation = "softmax", .name = "probabilities"}),
  });
  model.compile({.optimizer = "adam", .loss = "sparse_categorical_crossentropy", .seed = 1});
  model.fit(digits.train.x, digits.train.y, {.batch_size = 32, .epochs = 5, .verbose = 0});

  model.export_onnx(path);
  std::printf("%s takes images as bytes, any number at a time. In Python:\n", path.c_str());
  std::printf("  session = onnxruntime.InferenceSession(\"%s\")\n", path.c_str());
  std::printf("  probabilities, = session.run(None, {\"image\": images})  # uint8 (n, 28, 28)\n");
  std::printf("Keratin says of the first test image: %s\n",
              model.predict(digits.test.x, {.verbose = 0})[0].to_string().c_str());
} catch (const keratin::Error& error) {
  std::fprintf(stderr, "export_onnx: %s\n", error.what());
  return 1;
}
