// Around the step written by hand: its threads, its weights from and to plain arrays, and what it refuses.
#include <algorithm>
#include <cmath>
#include <random>
#include <stdexcept>
#include <string>
#include <thread>

#include "hand_state.h"
#include "hand_step.h"
#include "machine_peak.h"

namespace hand {
namespace {

void check(bool condition, const std::string& message) {
  if (!condition) throw std::invalid_argument("hand-written step: " + message);
}

/// Calls use(plain, padded) for rows [0, rows) of some columns of a plain (rows, columns) matrix and their places.
void each_row(auto& plain, std::int64_t columns, const Parameter& padded, std::int64_t first, const auto& use) {
  const std::int64_t rows = static_cast<std::int64_t>(plain.size()) / columns;
  const std::int64_t count = std::min(padded.pitch, columns - first);
  for (std::int64_t row = 0; row < rows; ++row)
    for (std::int64_t i = 0; i < count; ++i)
      use(plain[static_cast<std::size_t>(row * columns + first + i)], padded.value[row * padded.pitch + i]);
}

void each_weight(auto& weights, const State& state, const auto& use) {
  for (const Panel& panel : state.panels) {
    each_row(weights.kernel[0], widths[1], panel.kernel, panel.vectors.first * lanes, use);
    each_row(weights.bias[0], widths[1], panel.bias, panel.vectors.first * lanes, use);
  }
  each_row(weights.kernel[1], widths[2], state.kernel_2, 0, use);
  each_row(weights.bias[1], widths[2], state.bias_2, 0, use);
  each_row(weights.kernel[2], widths[3], state.kernel_3, 0, use);
  each_row(weights.bias[2], widths[3], state.bias_3, 0, use);
}

}  // namespace

Optimizer optimizer_called(std::string_view name) {
  if (name == "sgd") return Optimizer::sgd;
  if (name == "rmsprop") return Optimizer::rmsprop;
  check(name == "adam", "expected sgd, rmsprop or adam, got " + std::string(name));
  return Optimizer::adam;
}

Weights initial_weights(std::uint64_t seed) {
  std::mt19937_64 random(seed);
  Weights out;
  for (std::size_t layer = 0; layer < 3; ++layer) {
    const float limit = std::sqrt(6.0f / static_cast<float>(widths[layer] + widths[layer + 1]));
    std::uniform_real_distribution<float> uniform(-limit, limit);
    out.kernel[layer].resize(static_cast<std::size_t>(widths[layer] * widths[layer + 1]));
    for (float& weight : out.kernel[layer]) weight = uniform(random);
    out.bias[layer].assign(static_cast<std::size_t>(widths[layer + 1]), 0.0f);
  }
  return out;
}

Network::Network(const Weights& initial, std::int64_t batch, Optimizer optimizer, int threads) {
  check(batch > 0, "expected a positive batch, got " + std::to_string(batch));
  check(threads > 0, "expected a positive number of threads, got " + std::to_string(threads));
  state_ = std::make_unique<State>(batch, optimizer, threads);
  each_weight(initial, *state_, [](float plain, float& padded) { padded = plain; });
}

Network::~Network() = default;

Weights Network::weights() const {
  Weights out = initial_weights(0);
  each_weight(out, *state_, [](float& plain, float padded) { plain = padded; });
  return out;
}

Result Network::train(const Data& data, std::int64_t steps, std::span<const std::int64_t> order) {
  check(data.samples() >= state_->batch, "expected at least a batch of samples");
  check(!order.empty() || data.bytes.empty(), "expected an order, for bytes have to become numbers");
  Result result{};
  std::vector<std::thread> team;
  team.reserve(static_cast<std::size_t>(state_->threads));
  for (int i = 0; i < state_->threads; ++i)
    team.emplace_back([&, i] {
      if (state_->threads > 1 && i < machine::cores()) machine::pin_to_core(i);
      const Result mine = walk(*state_, i, data, order, steps);
      if (i == 0) result = mine;
    });
  for (std::thread& thread : team) thread.join();
  state_->steps += steps;
  return result;
}

}  // namespace hand
