// From nothing to the first finished step: building, compiling and planning the tutorial network.
#include <benchmark/benchmark.h>

#include "keratin/layers.h"
#include "keratin/model.h"

namespace {

namespace layers = keratin::layers;
using keratin::Array;
using keratin::Shape;

void first_step(benchmark::State& state) {
  const Array x = Array::zeros(Shape({50, 784})), y = Array::zeros(Shape({50}), keratin::uint8);
  for ([[maybe_unused]] auto _ : state) {
    keratin::Sequential model({keratin::Input({784}), layers::Dense(300, {.activation = "relu"}),
                               layers::Dense(100, {.activation = "relu"}),
                               layers::Dense(10, {.activation = "softmax"})});
    model.compile({.optimizer = "rmsprop", .loss = "sparse_categorical_crossentropy", .metrics = {"accuracy"}});
    benchmark::DoNotOptimize(model.train_on_batch(x, y));
  }
}
BENCHMARK(first_step)->Unit(benchmark::kMillisecond);

}  // namespace

BENCHMARK_MAIN();
