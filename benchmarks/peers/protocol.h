// What the C++ peers share: flags, real data in memory, and the line protocol of README.md.
#pragma once

#include <chrono>
#include <cstdio>
#include <functional>
#include <iostream>
#include <stdexcept>
#include <string>
#include <vector>

#include "npy.h"
#include "options.h"

namespace protocol {

struct Flags {
  std::string model = "mnist_mlp";  // or lenet5: README.md
  std::size_t batch = 0;
  std::string optimizer;  // sgd, rmsprop or adam
  int threads = 0;
  std::string data;    // the folder with images.npy and labels.npy
  bool first = false;  // train one step on the first batch, say so, and end
};

/// Throws std::invalid_argument for what no peer is to be asked.
inline Flags read_flags(int count, char** words) {
  Flags out;
  for (options::Flags flags(count, words); flags.next();) {
    const std::string& name = flags.name();
    if (name == "--first") {
      out.first = true;
    } else if (name == "--model") {
      out.model = flags.one_of({"mnist_mlp", "lenet5"});
    } else if (name == "--batch") {
      out.batch = flags.number<std::size_t>();
    } else if (name == "--optimizer") {
      out.optimizer = flags.one_of({"sgd", "rmsprop", "adam"});
    } else if (name == "--threads") {
      out.threads = flags.number<int>();
    } else if (name == "--data") {
      out.data = flags.value();
    } else {
      throw std::invalid_argument("expected --model, --batch, --optimizer, --threads, --data or --first, got " + name);
    }
  }
  if (out.batch == 0 || out.optimizer.empty() || out.threads == 0 || out.data.empty())
    throw std::invalid_argument("expected --batch, --optimizer, --threads and --data");
  return out;
}

/// Pixels (n, 784) and classes (n): all of them, or a batch where only the first step is asked for.
struct Digits {
  std::vector<std::uint8_t> pixels, classes;
};
/// Throws std::runtime_error for files that are missing, of different lengths, or less than a batch.
inline Digits read_digits(const Flags& flags) {
  const std::size_t rows = flags.first ? flags.batch : 0;
  Digits out{read_npy(flags.data + "/images.npy", 784, rows), read_npy(flags.data + "/labels.npy", 1, rows)};
  if (out.pixels.size() != 784 * out.classes.size())
    throw std::runtime_error(flags.data + ": expected as many images as labels, got " +
                             std::to_string(out.pixels.size()) + " pixels and " + std::to_string(out.classes.size()) +
                             " labels; remove the folder, it is written anew");
  if (out.classes.size() < flags.batch)
    throw std::runtime_error("--batch: expected at most " + std::to_string(out.classes.size()) + ", got " +
                             std::to_string(flags.batch));
  return out;
}

/// train(steps) trains as many steps on shuffled samples and returns the last loss it knows. peak(): GFLOP/s of the
/// machine's cores, measured after a round and not counted in it; none where a peer has no such thing.
inline void serve(const Flags& flags, const std::function<double(std::size_t)>& train,
                  const std::function<double()>& peak = {}) {
  if (flags.first) {
    std::printf("first loss %.4f\n", train(1));
    return;
  }
  std::printf("ready\n");
  std::fflush(stdout);
  std::string command;
  while (std::cin >> command && command != "quit") {
    std::size_t steps = 0;
    if (command != "run" || !(std::cin >> steps)) {
      throw std::runtime_error("expected 'run STEPS' or 'quit', got " + command);
    }
    const auto started = std::chrono::steady_clock::now();
    const double loss = train(steps);
    const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - started;
    std::printf("seconds %.6f loss %.4f", seconds.count(), loss);
    if (peak) std::printf(" peak_gflops %.1f", peak());
    std::printf("\n");
    std::fflush(stdout);
  }
}

}  // namespace protocol
