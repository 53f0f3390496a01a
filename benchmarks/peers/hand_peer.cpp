// The yardstick among the peers: the step written by hand (hand_step.h), on bytes gathered in a random order, a new one
// each epoch. Beside each round it measures the machine's peak with as many threads, which gives the tables a share.
#include <algorithm>
#include <cstdio>
#include <exception>
#include <numeric>
#include <random>
#include <stdexcept>

#include "hand_reference.h"
#include "hand_step.h"
#include "machine_peak.h"
#include "protocol.h"

namespace {

/// Throws std::runtime_error unless the step does on these bytes what the reference does.
void check(const hand::Data& data, std::int64_t batch, hand::Optimizer optimizer, int threads) {
  const double error = hand::error_of(data, batch, optimizer, threads, 3);
  if (error <= hand::tolerated_error) return;
  char text[128];
  std::snprintf(text, sizeof text,
                "hand_peer: expected at most %.0e off the reference, got %.1e; its times mean nothing",
                hand::tolerated_error, error);
  throw std::runtime_error(text);
}

void run(const protocol::Flags& flags) {
  if (flags.model != "mnist_mlp")
    throw std::invalid_argument("--model: only mnist_mlp is written by hand, got " + flags.model);
  const protocol::Digits digits = protocol::read_digits(flags);
  const hand::Data data{.bytes = digits.pixels, .labels = digits.classes};
  const auto batch = static_cast<std::int64_t>(flags.batch);
  const hand::Optimizer optimizer = hand::optimizer_called(flags.optimizer);
  if (!flags.first) check(data, batch, optimizer, flags.threads);  // a first step is timed from outside
  hand::Network network(hand::initial_weights(0), batch, optimizer, flags.threads);
  std::vector<std::int64_t> order(digits.classes.size());
  std::iota(order.begin(), order.end(), 0);
  std::mt19937 random(0);
  const std::size_t epoch = order.size() / flags.batch;
  protocol::serve(
      flags,
      [&](std::size_t steps) {
        hand::Result last{};
        for (std::size_t done = 0; done < steps; done += epoch) {
          std::shuffle(order.begin(), order.end(), random);
          last = network.train(data, static_cast<std::int64_t>(std::min(epoch, steps - done)), order);
        }
        return last.loss;
      },
      [&] { return machine::peak_gflops(flags.threads); });
}

}  // namespace

int main(int count, char** words) try { run(protocol::read_flags(count, words)); } catch (const std::exception& error) {
  std::fprintf(stderr, "%s\n", error.what());
  return 1;
}
