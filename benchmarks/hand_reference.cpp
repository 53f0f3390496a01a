// Textbook backpropagation, layer by layer, every number a double.
#include "hand_reference.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <numeric>
#include <span>
#include <vector>

namespace hand {
namespace {

using Matrix = std::vector<double>;

std::size_t width_of(std::size_t layer) { return static_cast<std::size_t>(widths[layer]); }

struct Variable {
  Matrix value, velocity, momentum;
  explicit Variable(const std::vector<float>& from)
      : value(from.begin(), from.end()), velocity(from.size()), momentum(from.size()) {}

  void update(const Matrix& gradient, Optimizer optimizer, double t) {
    const double rate = learning_rate(optimizer);
    const double corrected = rate * std::sqrt(1.0 - std::pow(0.999, t)) / (1.0 - std::pow(0.9, t));
    for (std::size_t i = 0; i < value.size(); ++i) {
      const double g = gradient[i];
      if (optimizer == Optimizer::sgd) {
        value[i] -= rate * g;
      } else if (optimizer == Optimizer::rmsprop) {
        velocity[i] = 0.9 * velocity[i] + 0.1 * g * g;
        value[i] -= rate * g / std::sqrt(velocity[i] + 1e-7);
      } else {
        momentum[i] += (g - momentum[i]) * 0.1;
        velocity[i] += (g * g - velocity[i]) * 0.001;
        value[i] -= corrected * momentum[i] / (std::sqrt(velocity[i]) + 1e-7);
      }
    }
  }
};

class Reference {
 public:
  Reference(const Weights& initial, std::size_t batch, Optimizer optimizer) : batch_(batch), optimizer_(optimizer) {
    for (std::size_t layer = 0; layer < 3; ++layer) {
      kernels.emplace_back(initial.kernel[layer]);
      biases.emplace_back(initial.bias[layer]);
    }
  }

  /// Returns the loss.
  double step(const Matrix& x, const Matrix& targets) {
    ++steps_;
    std::vector<Matrix> outputs{x};
    for (std::size_t layer = 0; layer < 3; ++layer) outputs.push_back(forward(outputs[layer], layer));
    double loss = 0.0;
    Matrix gradient = softmax_crossentropy(outputs[3], targets, loss);
    for (std::size_t layer = 3; layer-- > 0;) gradient = backward(outputs[layer], gradient, layer);
    return loss;
  }

  std::vector<Variable> kernels, biases;

 private:
  /// relu on all layers but the last.
  Matrix forward(const Matrix& x, std::size_t layer) const {
    const std::size_t in = width_of(layer), out = width_of(layer + 1);
    Matrix y(batch_ * out);
    for (std::size_t n = 0; n < batch_; ++n) {
      double* row = y.data() + n * out;
      std::copy_n(biases[layer].value.data(), out, row);
      for (std::size_t k = 0; k < in; ++k)
        for (std::size_t j = 0; j < out; ++j) row[j] += x[n * in + k] * kernels[layer].value[k * out + j];
      if (layer < 2)
        for (std::size_t j = 0; j < out; ++j) row[j] = std::max(row[j], 0.0);
    }
    return y;
  }

  Matrix softmax_crossentropy(const Matrix& logits, const Matrix& targets, double& loss) const {
    const std::size_t count = width_of(3);
    Matrix gradient(logits.size());
    for (std::size_t n = 0; n < batch_; ++n) {
      const double* z = logits.data() + n * count;
      double sum = 0.0;
      for (std::size_t j = 0; j < count; ++j) sum += std::exp(z[j]);
      for (std::size_t j = 0; j < count; ++j) {
        const double target = targets[n * count + j], share = static_cast<double>(batch_);
        loss += target * (std::log(sum) - z[j]) / share;
        gradient[n * count + j] = (std::exp(z[j]) / sum - target) / share;
      }
    }
    return gradient;
  }

  /// Updates the layer and returns the gradient by its input's sums, empty for the first layer.
  Matrix backward(const Matrix& x, const Matrix& dy, std::size_t layer) {
    const std::size_t in = width_of(layer), out = width_of(layer + 1);
    Matrix kernel(in * out), bias(out), dx(layer == 0 ? 0 : batch_ * in);
    for (std::size_t n = 0; n < batch_; ++n) {
      const double* row = dy.data() + n * out;
      for (std::size_t j = 0; j < out; ++j) bias[j] += row[j];
      for (std::size_t k = 0; k < in; ++k) {
        const double value = x[n * in + k];
        for (std::size_t j = 0; j < out; ++j) kernel[k * out + j] += value * row[j];
        if (layer > 0 && value > 0.0)
          dx[n * in + k] = std::inner_product(row, row + out,
                                              kernels[layer].value.begin() + static_cast<std::ptrdiff_t>(k * out), 0.0);
      }
    }
    kernels[layer].update(kernel, optimizer_, static_cast<double>(steps_));
    biases[layer].update(bias, optimizer_, static_cast<double>(steps_));
    return dx;
  }

  std::size_t batch_;
  Optimizer optimizer_;
  std::int64_t steps_ = 0;
};

/// max |(after - before) - (expected - before)| / max |expected - before|.
double error_of_change(const std::vector<float>& before, const std::vector<float>& after, const Matrix& expected) {
  double error = 0.0, change = 0.0;
  for (std::size_t i = 0; i < before.size(); ++i) {
    error = std::max(error, std::abs(static_cast<double>(after[i]) - expected[i]));
    change = std::max(change, std::abs(expected[i] - static_cast<double>(before[i])));
    if (std::isnan(after[i])) return 1.0;
  }
  return error / change;
}

struct Batch {
  Matrix x, targets;
};
Batch batch_of(const Data& data, std::span<const std::int64_t> samples) {
  Batch out;
  for (const std::int64_t sample : samples) {
    const auto first = static_cast<std::size_t>(sample);
    for (std::size_t i = first * pixels; i < (first + 1) * pixels; ++i)
      out.x.push_back(data.bytes.empty() ? static_cast<double>(data.images[i]) : data.bytes[i] / 255.0);
    for (std::size_t j = 0; j < classes; ++j) out.targets.push_back(data.labels[first] == j ? 1.0 : 0.0);
  }
  return out;
}

double error_with(std::uint64_t seed, const Data& data, std::int64_t batch, Optimizer optimizer, int threads,
                  std::int64_t steps) {
  const Weights before = initial_weights(seed);
  // Samples in reverse: a batch that is gathered wrongly, or a label that is not its image's, has to show.
  std::vector<std::int64_t> order(static_cast<std::size_t>(data.samples()));
  std::iota(order.rbegin(), order.rend(), 0);
  Network network(before, batch, optimizer, threads);
  const double loss = network.train(data, steps, order).loss;
  const Weights after = network.weights();

  Reference reference(before, static_cast<std::size_t>(batch), optimizer);
  double expected_loss = 0.0;
  for (std::int64_t step = 0; step < steps; ++step) {
    const std::int64_t first = step % (data.samples() / batch) * batch;
    const Batch some = batch_of(data, std::span<const std::int64_t>(order).subspan(static_cast<std::size_t>(first),
                                                                                   static_cast<std::size_t>(batch)));
    expected_loss = reference.step(some.x, some.targets);
  }
  double error = std::abs(loss - expected_loss) / expected_loss;
  for (std::size_t layer = 0; layer < 3; ++layer) {
    error = std::max(error, error_of_change(before.kernel[layer], after.kernel[layer], reference.kernels[layer].value));
    error = std::max(error, error_of_change(before.bias[layer], after.bias[layer], reference.biases[layer].value));
  }
  return error;
}

}  // namespace

double error_of(const Data& data, std::int64_t batch, Optimizer optimizer, int threads, std::int64_t steps) {
  double error = 1.0;
  for (std::uint64_t seed = 1; seed <= 4 && error > tolerated_error; ++seed)
    error = std::min(error, error_with(seed, data, batch, optimizer, threads, steps));
  return error;
}

}  // namespace hand
