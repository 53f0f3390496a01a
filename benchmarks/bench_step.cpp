// A training step of 784-300-100-10 in rounds that take turns: the machine's peak, the step written by hand, Keratin's.
// Prints medians in µs, shares of the peak and the ratio. Times mean little alone: quote ratios and shares of one run.
// Of several threads the rounds in which the cores shared an L3 are told from those in which they did not: a virtual
// machine's cores move.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <numeric>
#include <optional>
#include <random>
#include <span>
#include <string>
#include <vector>

#include "hand_reference.h"
#include "hand_step.h"
#include "keratin/datasets.h"
#include "keratin/error.h"
#include "keratin/model.h"
#include "machine_peak.h"
#include "models/mnist_mlp.h"
#include "options.h"
#include "statistics.h"

namespace {

using keratin::Array;
using keratin::Shape;
using statistics::median;

constexpr double shared_l3_ns = 200.0;  // a cache line's round trip between cores that share an L3 takes less

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

Options options_from(options::Flags flags) {
  Options out;
  while (flags.next()) {
    const std::string& name = flags.name();
    if (name == "--shuffled")
      out.shuffled = true;
    else if (name == "--batch")
      out.batch = flags.number<std::int64_t>();
    else if (name == "--optimizer")
      out.optimizer = flags.one_of({"sgd", "rmsprop", "adam"});
    else if (name == "--threads")
      out.threads = flags.number<int>();
    else if (name == "--rounds")
      out.rounds = flags.number<int>();
    else if (name == "--steps")
      out.steps = flags.number<std::int64_t>();
    else
      flags.refuse();
  }
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

/// What rounds of one kind measured, one value a round: GFLOP/s and seconds.
struct Rounds {
  std::vector<double> peak, by_hand, keratin;
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

void print_step(const std::string& name, const std::vector<double>& seconds, const Options& options, double peak) {
  const double steps = static_cast<double>(options.steps), step = median(seconds) / steps;
  std::printf("%s_us: %.1f\n%s_least_us: %.1f\n%s_share: %.3f\n", name.c_str(), step * 1e6, name.c_str(),
              *std::min_element(seconds.begin(), seconds.end()) / steps * 1e6, name.c_str(),
              hand::step_flops(options.batch) / step * 1e-9 / peak);
}

void print(const std::string& prefix, const Rounds& rounds, const Options& options) {
  std::printf("%srounds: %zu\n", prefix.c_str(), rounds.peak.size());
  if (rounds.peak.empty()) return;
  const double peak = median(rounds.peak);
  std::printf("%speak_gflops: %.1f\n", prefix.c_str(), peak);
  print_step(prefix + "hand", rounds.by_hand, options, peak);
  if (rounds.keratin.empty()) return;
  print_step(prefix + "keratin", rounds.keratin, options, peak);
  std::printf("%sratio: %.3f\n", prefix.c_str(), median(rounds.keratin) / median(rounds.by_hand));
}

/// Where the cores of several threads share no L3, a round counts among the others; where that changed during the
/// round, not at all.
void measure(const Options& options, const Digits& digits, hand::Network& by_hand,
             std::optional<KeratinStep>& keratin) {
  const auto order = options.shuffled ? std::span<const std::int64_t>(digits.order) : std::span<const std::int64_t>{};
  Rounds near, apart, other;
  for (int round = 0; round < options.rounds; ++round) {
    const double before = options.threads > 1 ? machine::round_trip_ns() : 0.0;
    const double peak = machine::peak_gflops(options.threads);
    const double hand_seconds = by_hand.train(digits.data(), options.steps, order).seconds;
    const double keratin_seconds = keratin ? keratin->seconds() : 0.0;
    const double after = options.threads > 1 ? machine::round_trip_ns() : 0.0;
    Rounds& rounds = std::max(before, after) < shared_l3_ns    ? near
                     : std::min(before, after) >= shared_l3_ns ? apart
                                                               : other;
    rounds.peak.push_back(peak);
    rounds.by_hand.push_back(hand_seconds);
    if (keratin) rounds.keratin.push_back(keratin_seconds);
  }
  print("", near, options);
  if (options.threads > 1) print("no_shared_l3_", apart, options);
}

int run(const Options& options) {
  const Digits digits(options.batch * options.steps);
  const hand::Optimizer optimizer = hand::optimizer_called(options.optimizer);
  const double error = hand::error_of(digits.data(), options.batch, optimizer, options.threads, 3);
  if (!(error <= hand::tolerated_error)) {
    std::fprintf(stderr, "bench_step: the step written by hand is wrong: %.1e off the reference\n", error);
    return 1;
  }
  std::printf("batch: %lld\noptimizer: %s\nthreads: %d\nshuffled: %s\nhand_error: %.1e\n",
              static_cast<long long>(options.batch), options.optimizer.c_str(), options.threads,
              options.shuffled ? "yes" : "no", error);
  hand::Network by_hand(hand::initial_weights(0), options.batch, optimizer, options.threads);
  std::optional<KeratinStep> keratin_step;
  try {
    keratin_step.emplace(options, digits);
  } catch (const keratin::Error& refused) {
    std::printf("keratin: not available: %s\n", refused.what());
  }
  measure(options, digits, by_hand, keratin_step);
  return 0;
}

}  // namespace

int main(int count, char** words) {
  return options::run_main("bench_step", usage, count, words,
                           [](const options::Flags& flags) { return run(options_from(flags)); });
}
