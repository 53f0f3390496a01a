// Trains LeNet-5, a block of image layers or a dense network by fit on data in memory, shuffled, and prints what a step
// takes: launch by launch from a profile, then `key: value` lines of steps that were not profiled. Shares are of the
// machine's peak in the same run.
#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <random>
#include <sstream>
#include <stdexcept>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

#include "keratin/callbacks.h"
#include "keratin/layers.h"
#include "keratin/model.h"
#include "launch_table.h"
#include "machine_peak.h"
#include "models/lenet5.h"
#include "models/mnist_mlp.h"
#include "options.h"
#include "statistics.h"
#include "support/malloc_counter.h"

namespace {

using keratin::Array;
using keratin::Shape;
using statistics::median;

constexpr const char* usage =
    "usage: keratin_bench [--model mnist_mlp|lenet5|image_block | --widths 784,300,100,10] [--batch 50]\n"
    "                     [--optimizer sgd] [--threads 1] [--rounds 21] [--steps 100] [--trace trace.json]\n"
    "image_block: two 3 x 3 convolutions of 64 channels, BatchNormalization and poolings on (56, 56, 64).\n"
    "--widths: inputs, hidden layers, classes. --rounds: epochs that are timed, of --steps steps (default: about 5000\n"
    "samples' worth). --trace: where to leave the profile. KERATIN_INSTRUCTION_SET holds for the peak, too.\n";

struct Options {
  std::string network = "mnist_mlp";
  std::vector<std::int64_t> widths = {784, 300, 100, 10};  // of a dense network
  std::int64_t batch = 50;
  std::string optimizer = "sgd";
  int threads = 1;
  int rounds = 21;
  std::int64_t steps = 0;
  std::filesystem::path trace = {};

  Shape sample() const {
    if (network == "lenet5") return {28, 28, 1};
    if (network == "image_block") return {56, 56, 64};
    return {widths.front()};
  }
  std::int64_t classes() const { return widths.back(); }
};

std::vector<std::int64_t> widths_from(const std::string& text) {
  std::vector<std::int64_t> out;
  std::istringstream parts(text);
  for (std::string part; std::getline(parts, part, ',');)
    out.push_back(options::number<std::int64_t>("--widths", part));
  if (out.size() < 2) throw std::invalid_argument("--widths: expected inputs and classes at least, got " + text);
  return out;
}

Options options_from(options::Flags flags) {
  Options out;
  while (flags.next()) {
    const std::string& name = flags.name();
    if (name == "--model") {
      out.network = flags.one_of({"mnist_mlp", "lenet5", "image_block"});
      out.widths = Options().widths;
    } else if (name == "--widths") {
      out.network = flags.value();
      out.widths = widths_from(out.network);
    } else if (name == "--batch") {
      out.batch = flags.number<std::int64_t>();
    } else if (name == "--optimizer") {
      out.optimizer = flags.value();
    } else if (name == "--threads") {
      out.threads = flags.number<int>();
    } else if (name == "--rounds") {
      out.rounds = flags.number<int>();
    } else if (name == "--steps") {
      out.steps = flags.number<std::int64_t>();
    } else if (name == "--trace") {
      out.trace = flags.value();
    } else {
      flags.refuse();
    }
  }
  if (out.steps == 0) out.steps = out.network == "image_block" ? 10 : std::max<std::int64_t>(10, 5'000 / out.batch);
  return out;
}

/// Of each layer's product forward, a sample; of a convolution positions · kernel · channels · filters.
std::vector<std::int64_t> multiply_adds(const Options& options) {
  if (options.network == "image_block") return {56 * 56 * 576 * 64, 56 * 56 * 576 * 64, 64 * 10};
  if (options.network == "lenet5") return {28 * 28 * 25 * 6, 10 * 10 * 25 * 6 * 16, 400 * 120, 120 * 84, 84 * 10};
  std::vector<std::int64_t> out;
  for (std::size_t i = 0; i + 1 < options.widths.size(); ++i) out.push_back(options.widths[i] * options.widths[i + 1]);
  return out;
}

/// FLOP of a step: a layer's product, and the two of its gradients; the first layer's input needs none.
double useful_flops(const Options& options) {
  double products = 0;
  for (const std::int64_t one : multiply_adds(options))
    products += (products == 0 ? 2.0 : 3.0) * static_cast<double>(one);
  return 2.0 * static_cast<double>(options.batch) * products;
}

/// What large images cost: the second convolution has both of its gradients.
keratin::Sequential image_block() {
  namespace layers = keratin::layers;
  return keratin::Sequential({keratin::Input({56, 56, 64}), layers::Conv2D(64, 3, {.padding = "same"}),
                              layers::Conv2D(64, 3, {.padding = "same", .use_bias = false}),
                              layers::BatchNormalization(), layers::Activation("relu"), layers::MaxPooling2D(2),
                              layers::AveragePooling2D(2), layers::GlobalAveragePooling2D(),
                              layers::Dense(10, {.activation = "softmax"})});
}

keratin::Sequential network(const Options& options) {
  if (options.network == "mnist_mlp") return keratin::models::mnist_mlp();
  if (options.network == "lenet5") return keratin::models::lenet5();
  if (options.network == "image_block") return image_block();
  keratin::Sequential out({keratin::Input({options.widths.front()})});
  for (std::size_t i = 1; i + 1 < options.widths.size(); ++i)
    out.add(keratin::layers::Dense(options.widths[i], {.activation = "relu"}));
  out.add(keratin::layers::Dense(options.widths.back(), {.activation = "softmax"}));
  return out;
}

/// Random pixels in [0, 1) and random classes.
struct Samples {
  Array x, y;
  explicit Samples(const Options& options) {
    const std::int64_t samples = options.batch * options.steps;
    std::mt19937 random(0);
    x = Array::uninitialized(Shape({samples}) + options.sample(), keratin::float32);
    for (float& pixel : x.values<float>()) pixel = std::uniform_real_distribution<float>(0.0F, 1.0F)(random);
    y = Array::uninitialized(Shape({samples}), keratin::int32);
    std::uniform_int_distribution<std::int32_t> classes(0, static_cast<std::int32_t>(options.classes()) - 1);
    for (std::int32_t& label : y.values<std::int32_t>()) label = classes(random);
  }
};

/// Counts calls of malloc from one step's begin to the next one's.
class Mallocs final : public keratin::Callback {
 public:
  void on_train_batch_begin(std::int64_t batch, keratin::Logs&) override {
    const std::int64_t now = keratin::testing::allocation_count();
    if (batch == 1) first_ = now;
    if (batch > 1) steps_ = batch - 1, last_ = now;
  }
  double per_step() const {
    return steps_ == 0 ? 0 : static_cast<double>(last_ - first_) / static_cast<double>(steps_);
  }

 private:
  std::int64_t first_ = 0, last_ = 0, steps_ = 0;
};

std::string_view peak_set() {
  const char* const forced = std::getenv("KERATIN_INSTRUCTION_SET");
  return forced != nullptr ? forced : "";
}

/// Measures the machine's peak before each epoch, then the epoch.
class Rounds final : public keratin::Callback {
 public:
  Rounds(int threads, std::int64_t steps) : threads_(std::min(threads, machine::cores())), steps_(steps) {}
  void on_epoch_begin(int, keratin::Logs&) override {
    if (threads_ > 1) round_trips_.push_back(machine::round_trip_ns());
    peaks_.push_back(machine::peak_gflops(threads_, 0.02, peak_set()));
    begin_ = Clock::now();
  }
  void on_epoch_end(int, keratin::Logs&) override {
    seconds_.push_back(std::chrono::duration<double>(Clock::now() - begin_).count() / static_cast<double>(steps_));
  }
  double peak_gflops() const { return median(peaks_); }
  double highest_peak_gflops() const { return *std::max_element(peaks_.begin(), peaks_.end()); }
  double round_trip_ns() const { return median(round_trips_); }
  double seconds_per_step() const { return median(seconds_); }
  double least_seconds_per_step() const { return *std::min_element(seconds_.begin(), seconds_.end()); }

 private:
  using Clock = std::chrono::steady_clock;
  int threads_;
  std::int64_t steps_;
  Clock::time_point begin_;
  std::vector<double> peaks_, round_trips_, seconds_;
};

/// A file that is gone in the end, unless the user named one.
class TraceFile {
 public:
  explicit TraceFile(const std::filesystem::path& named) : named_(!named.empty()), path_(named) {
    if (!named_)
      path_ = std::filesystem::temp_directory_path() /
              ("keratin_bench_" + std::to_string(std::random_device()()) + ".json");
  }
  ~TraceFile() {
    std::error_code ignored;
    if (!named_) std::filesystem::remove(path_, ignored);
  }
  TraceFile(const TraceFile&) = delete;
  TraceFile& operator=(const TraceFile&) = delete;
  const std::filesystem::path& path() const { return path_; }

 private:
  bool named_;
  std::filesystem::path path_;
};

int run(const Options& options) {
  keratin::Sequential model = network(options);
  model.compile({.optimizer = options.optimizer,
                 .loss = "sparse_categorical_crossentropy",
                 .threads = options.threads,
                 .seed = 0});
  const keratin::StepMemory memory = model.memory(options.batch);
  const Samples samples(options);
  const TraceFile trace(options.trace);
  const auto fit = [&](int epochs, const std::vector<keratin::Ref<keratin::Callback>>& callbacks,
                       const std::filesystem::path& profile) {
    model.fit(
        samples.x, samples.y,
        {.batch_size = options.batch, .epochs = epochs, .verbose = 0, .callbacks = callbacks, .profile = profile});
  };
  const auto mallocs = keratin::make<Mallocs>();
  fit(1, {mallocs}, {});
  const auto rounds = keratin::make<Rounds>(options.threads, options.steps);
  fit(options.rounds, {rounds}, {});
  fit(1, {}, trace.path());

  const double step = rounds->seconds_per_step(), peak = rounds->peak_gflops();
  const double gflops = useful_flops(options) / step * 1e-9;
  std::printf("%s\n", LaunchTable::read(trace.path()).print(peak).c_str());
  std::printf("network: %s\nbatch: %lld\noptimizer: %s\nthreads: %d\nrounds: %d\n", options.network.c_str(),
              static_cast<long long>(options.batch), options.optimizer.c_str(), options.threads, options.rounds);
  std::printf("variable_bytes: %zu\narena_bytes: %zu\n", memory.variables, memory.values);
  std::printf("malloc_calls_per_step: %g\n", mallocs->per_step());
  if (options.threads > 1) std::printf("round_trip_ns: %.0f\n", rounds->round_trip_ns());
  std::printf("copy_gb_per_s: %.1f\n", machine::copy_gigabytes_per_second());
  const double best_gflops = useful_flops(options) / rounds->least_seconds_per_step() * 1e-9;
  std::printf("ratio_of_bests: %.3f\n", best_gflops / rounds->highest_peak_gflops());
  std::printf("us_per_step: %.1f\nleast_us_per_step: %.1f\nsteps_per_s: %.1f\n", step * 1e6,
              rounds->least_seconds_per_step() * 1e6, 1 / step);
  std::printf("gflops: %.1f\npeak_gflops: %.1f\nratio: %.3f\n", gflops, peak, gflops / peak);
  return 0;
}

}  // namespace

int main(int count, char** words) {
  return options::run_main("keratin_bench", usage, count, words,
                           [](const options::Flags& flags) { return run(options_from(flags)); });
}
