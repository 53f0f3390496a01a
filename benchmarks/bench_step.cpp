// A training step of 784-300-100-10 in rounds that take turns: the machine's peak, the step written by hand, Keratin's.
// Prints medians in µs, shares of the peak and the ratio. Times mean little alone: quote ratios and shares of one run.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <exception>
#include <numeric>
#include <optional>
#include <random>
#include <span>
#include <stdexcept>
#include <string>
#include <vector>

#include "hand_reference.h"
#include "hand_step.h"
#include "keratin/datasets.h"
#include "keratin/error.h"
#include "keratin/model.h"
#include "machine_peak.h"
#include "models/mnist_mlp.h"

namespace {

using keratin::Array;
using keratin::Shape;

constexpr double tolerated_error = 5e-4;  // float32 keeps three to four digits of a weight's change in a few steps

struct Options {
  std::int64_t batch = 50;
  std::string optimizer = "sgd";
  int threads = 1;
  int rounds = 21;
  std::int64_t steps = 0;  // of a round; 0: about 5,000 samples' worth
  bool shuffled = false;   // batches are gathered from a random order, as in an epoch of fit
};

constexpr const char* usage =
    "usage: bench_step [--batch 50] [--optimizer sgd|rmsprop|adam] [--threads 1] [--rounds 21] [--steps 100] "
    "[--shuffled]\n";

Options options_from(int count, char** arguments) {
  Options out;
  for (int i = 1; i < count; ++i) {
    const std::string name = arguments[i];
    if (name == "--shuffled") {
      out.shuffled = true;
      continue;
    }
    if (i + 1 == count) throw std::invalid_argument(usage);
    const std::string value = arguments[++i];
    if (name == "--batch")
      out.batch = std::stol(value);
    else if (name == "--optimizer")
      out.optimizer = value;
    else if (name == "--threads")
      out.threads = std::stoi(value);
    else if (name == "--rounds")
      out.rounds = std::stoi(value);
    else if (name == "--steps")
      out.steps = std::stol(value);
    else
      throw std::invalid_argument(usage);
  }
  if (out.batch < 1 || out.rounds < 1 || out.steps < 0) throw std::invalid_argument(usage);
  if (out.steps == 0) out.steps = std::max<std::int64_t>(10, 5'000 / out.batch);
  return out;
}

/// As many samples as a round trains on.
struct Digits {
  Array images, labels;
  std::vector<std::int64_t> order;
  explicit Digits(std::int64_t samples) : order(static_cast<std::size_t>(samples)) {
    const auto drawn = keratin::datasets::synthetic_digits({.train = samples, .test = 1, .seed = 1}).train;
    images = drawn.x.astype(keratin::float32).reshape(Shape({samples, hand::pixels}));
    for (float& pixel : images.values<float>()) pixel /= 255.0f;
    labels = drawn.y;
    std::iota(order.begin(), order.end(), 0);
    std::shuffle(order.begin(), order.end(), std::mt19937(0));
  }
  hand::Data data() const { return {.images = images.values<float>(), .labels = labels.values<std::uint8_t>()}; }
};

/// Times of one contestant, a round each.
class Times {
 public:
  void add(double value) { values_.push_back(value); }
  bool empty() const { return values_.empty(); }
  double median() const {
    std::vector<double> sorted = values_;
    std::sort(sorted.begin(), sorted.end());
    return sorted[sorted.size() / 2];
  }
  double least() const { return *std::min_element(values_.begin(), values_.end()); }

 private:
  std::vector<double> values_;
};

class KeratinStep {
 public:
  /// Throws keratin::Error where this many threads cannot be had.
  KeratinStep(const Options& options, const Digits& digits)
      : model_(keratin::models::mnist_mlp()), digits_(digits), options_(options) {
    model_.compile({.optimizer = options.optimizer,
                    .loss = "sparse_categorical_crossentropy",
                    .threads = options.threads,
                    .seed = 0});
    seconds();  // plans the program
  }
  double seconds() {
    const auto start = std::chrono::steady_clock::now();
    model_.fit(digits_.images, digits_.labels,
               {.batch_size = options_.batch, .epochs = 1, .verbose = 0, .shuffle = options_.shuffled});
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  }

 private:
  keratin::Sequential model_;
  const Digits& digits_;
  const Options& options_;
};

void print_step(const char* name, const Times& seconds, const Options& options, double peak_gflops) {
  const double step = seconds.median() / static_cast<double>(options.steps);
  std::printf("%s_us: %.1f\n%s_least_us: %.1f\n%s_share: %.3f\n", name, step * 1e6, name,
              seconds.least() / static_cast<double>(options.steps) * 1e6, name,
              hand::step_flops(options.batch) / step * 1e-9 / peak_gflops);
}

int run(const Options& options) {
  const Digits digits(options.batch * options.steps);
  const hand::Optimizer optimizer = hand::optimizer_called(options.optimizer);
  const double error = hand::error_of(digits.data(), options.batch, optimizer, options.threads, 3);
  if (!(error <= tolerated_error)) {
    std::fprintf(stderr, "bench_step: the step written by hand is wrong: %.1e off the reference\n", error);
    return 1;
  }
  hand::Network by_hand(hand::initial_weights(0), options.batch, optimizer, options.threads);
  std::optional<KeratinStep> keratin_step;
  std::string unavailable;
  try {
    keratin_step.emplace(options, digits);
  } catch (const keratin::Error& refused) {
    unavailable = refused.what();
  }
  const auto order = options.shuffled ? std::span<const std::int64_t>(digits.order) : std::span<const std::int64_t>{};
  Times peak, trips, hand_seconds, keratin_seconds;
  for (int round = 0; round < options.rounds; ++round) {
    peak.add(machine::peak_gflops(options.threads));
    if (options.threads > 1) trips.add(machine::round_trip_ns());
    hand_seconds.add(by_hand.train(digits.data(), options.steps, order).seconds);
    if (keratin_step) keratin_seconds.add(keratin_step->seconds());
  }
  std::printf("batch: %lld\noptimizer: %s\nthreads: %d\nshuffled: %s\n", static_cast<long long>(options.batch),
              options.optimizer.c_str(), options.threads, options.shuffled ? "yes" : "no");
  std::printf("peak_gflops: %.1f\n", peak.median());
  if (!trips.empty()) std::printf("round_trip_ns: %.0f\n", trips.median());
  std::printf("hand_error: %.1e\n", error);
  print_step("hand", hand_seconds, options, peak.median());
  if (keratin_step) {
    print_step("keratin", keratin_seconds, options, peak.median());
    std::printf("ratio: %.3f\n", keratin_seconds.median() / hand_seconds.median());
  } else {
    std::printf("keratin: not available: %s\n", unavailable.c_str());
  }
  return 0;
}

}  // namespace

int main(int count, char** arguments) try {
  return run(options_from(count, arguments));
} catch (const std::exception& error) {
  std::fprintf(stderr, "%s\n", error.what());
  return 2;
}
