// The yardstick among the peers: the step written by hand (hand_step.h), on bytes gathered in a random order, a new one
// each epoch. Beside each round it measures the machine's peak with as many threads, which gives the tables a share.
#include <algorithm>
#include <cstdio>
#include <exception>
#include <numeric>
#include <random>
#include <stdexcept>

#include "hand_step.h"
#include "machine_peak.h"
#include "protocol.h"

namespace {

void run(const protocol::Flags& flags) {
  if (flags.model != "mnist_mlp")
    throw std::invalid_argument("--model: only mnist_mlp is written by hand, got " + flags.model);
  const protocol::Digits digits = protocol::read_digits(flags);
  const hand::Data data{.bytes = digits.pixels, .labels = digits.classes};
  hand::Network network(hand::initial_weights(0), static_cast<std::int64_t>(flags.batch),
                        hand::optimizer_called(flags.optimizer), flags.threads);
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
