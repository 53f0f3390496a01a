// An application outside of the tree: it knows Keratin by its installed headers and library, and learns XOR.
#include <keratin/keratin.h>
#include <cstdio>
namespace layers = keratin::layers;

int main() try {
  const auto x = keratin::Array::of<float>({{0, 0}, {0, 1}, {1, 0}, {1, 1}});
  const auto y = keratin::Array::of<float>({{0}, {1}, {1}, {0}});

  keratin::Sequential model({
      keratin::Input({2}),
      layers::Dense(8, {.activation = "tanh"}),
      layers::Dense(1, {.activation = "sigmoid"}),
  });
  model.compile(
      {.optimizer = keratin::optimizers::Adam(0.1), .loss = "binary_crossentropy", .metrics = {"accuracy"}, .seed = 1});
  model.fit(x, y, {.batch_size = 4, .epochs = 200, .verbose = 0});

  const double accuracy = model.evaluate(x, y, {.verbose = 0}).at("accuracy");
  std::printf("Keratin %s learned XOR with accuracy %.2f\n", keratin::version.data(), accuracy);
  return accuracy == 1.0 ? 0 : 1;
} catch (const keratin::Error& error) {
  std::fprintf(stderr, "%s\n", error.what());
  return 1;
}
