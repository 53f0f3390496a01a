// The yardstick: a training step of 784-300-100-10 (relu, relu, softmax and crossentropy, mean over the batch) written
// by hand for this network alone, in float32, to be as fast as this machine allows. Compiled for the machine that
// builds it.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

namespace hand {

inline constexpr std::array<std::int64_t, 4> widths = {784, 300, 100, 10};
inline constexpr std::int64_t pixels = widths[0], classes = widths[3];

enum class Optimizer { sgd, rmsprop, adam };

/// Throws std::invalid_argument unless it is "sgd", "rmsprop" or "adam".
Optimizer optimizer_called(std::string_view name);

/// Keras's defaults.
constexpr double learning_rate(Optimizer optimizer) { return optimizer == Optimizer::sgd ? 0.01 : 0.001; }

/// Floating-point operations of a step, a multiply-add counting two; the products alone.
constexpr double step_flops(std::int64_t batch) {
  const std::int64_t first = widths[0] * widths[1], others = widths[1] * widths[2] + widths[2] * widths[3];
  return static_cast<double>(2 * batch * (2 * first + 3 * others));
}

/// n samples in memory: one kind of images.
struct Data {
  std::span<const float> images = {};         // (n, 784)
  std::span<const std::uint8_t> bytes = {};   // (n, 784), 0 … 255 for 0 … 1
  std::span<const std::uint8_t> labels = {};  // (n)
  std::int64_t samples() const { return static_cast<std::int64_t>(images.size() + bytes.size()) / pixels; }
};

/// Kernel (in, out) and bias (out) of each layer.
struct Weights {
  std::array<std::vector<float>, 3> kernel, bias;
};
/// Glorot's uniform kernels and zeros.
Weights initial_weights(std::uint64_t seed);

struct Result {
  double seconds;  // of all steps together
  double loss;     // the last step's
};

struct State;  // hand_state.h

class Network {
 public:
  /// Throws std::invalid_argument unless batch and threads are positive.
  Network(const Weights& initial, std::int64_t batch, Optimizer optimizer, int threads);
  ~Network();
  Network(const Network&) = delete;
  Network& operator=(const Network&) = delete;

  /// Trains `steps` steps, each on the samples after those of the step before, in turns over all whole batches. With an
  /// order, a permutation of the samples, each batch is gathered by it; without, images are read where they lie. Starts
  /// its threads, each tied to a core of its own if there are several, and measures without that. Throws
  /// std::invalid_argument for data of less than a batch, and for bytes without an order.
  Result train(const Data& data, std::int64_t steps, std::span<const std::int64_t> order = {});

  Weights weights() const;

 private:
  std::unique_ptr<State> state_;
};

}  // namespace hand
