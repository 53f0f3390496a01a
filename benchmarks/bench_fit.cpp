// Training steps of the tutorial network: Keratin's fit beside the step written by hand, in one process, in turn.
// items_per_second counts samples. Quote ratios of one run: bench_fit --benchmark_enable_random_interleaving=true
// --benchmark_repetitions=9 --benchmark_report_aggregates_only=true
#include <benchmark/benchmark.h>

#include <algorithm>
#include <numeric>
#include <random>
#include <vector>

#include "hand_written_step.h"
#include "keratin/datasets.h"
#include "keratin/layers.h"
#include "keratin/losses.h"
#include "keratin/model.h"

namespace {

namespace layers = keratin::layers;
using keratin::Array;
using keratin::Shape;

constexpr std::int64_t samples = 10'240;

/// Digits as numbers in [0, 1], made once for all benchmarks of the process.
struct Digits {
  std::vector<float> images;          // (samples, 784)
  std::vector<std::int64_t> classes;  // (samples)
  std::vector<std::int64_t> order;    // shuffled, as fit does it
};
const Digits& digits() {
  static const Digits made = [] {
    const auto drawn = keratin::datasets::synthetic_digits({.train = samples, .test = 10, .seed = 1}).train;
    const Array x = drawn.x.astype(keratin::float32), y = drawn.y.astype(keratin::int64);
    Digits out{{x.values<float>().begin(), x.values<float>().end()},
               {y.values<std::int64_t>().begin(), y.values<std::int64_t>().end()},
               {}};
    for (float& pixel : out.images) pixel /= 255.0f;
    out.order.resize(samples);
    std::iota(out.order.begin(), out.order.end(), 0);
    std::shuffle(out.order.begin(), out.order.end(), std::mt19937(0));
    return out;
  }();
  return made;
}

const char* const optimizers[] = {"sgd", "rmsprop", "adam"};

void keratin_epoch(benchmark::State& state) {
  const std::int64_t batch = state.range(0);
  const char* const optimizer = optimizers[state.range(1)];
  const std::int64_t used = samples / batch * batch;
  const Array x = Array::view(std::span<const float>(digits().images), Shape({samples, 784})).slice(0, used);
  const Array y = Array::view(std::span<const std::int64_t>(digits().classes), Shape({samples})).slice(0, used);
  keratin::Sequential model({keratin::Input({784}), layers::Dense(300, {.activation = "relu"}),
                             layers::Dense(100, {.activation = "relu"}), layers::Dense(10)});
  model.compile({.optimizer = optimizer,
                 .loss = keratin::losses::SparseCategoricalCrossentropy({.from_logits = true}),
                 .seed = 0});
  const auto epoch = [&] { model.fit(x, y, {.batch_size = batch, .epochs = 1, .verbose = 0}); };
  epoch();  // plans the program
  for (auto _ : state) epoch();
  state.SetItemsProcessed(state.iterations() * used);
  state.counters["us_per_step"] = benchmark::Counter(static_cast<double>(state.iterations() * (used / batch)),
                                                     benchmark::Counter::kIsRate | benchmark::Counter::kInvert);
  state.SetLabel(optimizer);
}

void hand_written_epoch(benchmark::State& state) {
  const std::int64_t batch = state.range(0);
  const std::int64_t used = samples / batch * batch;
  hand_written::Network network(batch, static_cast<hand_written::Optimizer>(state.range(1)));
  const auto epoch = [&] {
    for (std::int64_t first = 0; first < used; first += batch)
      benchmark::DoNotOptimize(network.step(digits().images, digits().classes, digits().order.data() + first));
  };
  epoch();
  for (auto _ : state) epoch();
  state.SetItemsProcessed(state.iterations() * used);
  state.counters["us_per_step"] = benchmark::Counter(static_cast<double>(state.iterations() * (used / batch)),
                                                     benchmark::Counter::kIsRate | benchmark::Counter::kInvert);
  state.SetLabel(optimizers[state.range(1)]);
}

void arguments(benchmark::internal::Benchmark* benchmark) {
  for (const std::int64_t batch : {50, 128})
    for (const std::int64_t optimizer : {0, 1, 2}) benchmark->Args({batch, optimizer});
  benchmark->Unit(benchmark::kMillisecond)->UseRealTime();
}
BENCHMARK(keratin_epoch)->Apply(arguments);
BENCHMARK(hand_written_epoch)->Apply(arguments);

}  // namespace

BENCHMARK_MAIN();
