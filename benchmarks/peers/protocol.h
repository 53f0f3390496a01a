// What the C++ peers share: flags, real data in memory, and the line protocol of README.md.
#pragma once

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <iostream>
#include <stdexcept>
#include <string>

#include "npy.h"

namespace protocol {

struct Flags {
  std::string model = "mnist_mlp";  // or lenet5: README.md
  std::size_t batch = 0;
  std::string optimizer;
  int threads = 0;
  std::string data;    // the folder with images.npy and labels.npy
  bool first = false;  // train one step on the first batch, say so, and end
};

inline Flags read_flags(int count, char** words) {
  Flags flags;
  for (int i = 1; i < count; ++i) {
    const std::string name = words[i];
    if (name == "--first") {
      flags.first = true;
      continue;
    }
    const std::string value = ++i < count ? words[i] : "";
    if (name == "--model") {
      flags.model = value;
    } else if (name == "--batch") {
      flags.batch = std::stoul(value);
    } else if (name == "--optimizer") {
      flags.optimizer = value;
    } else if (name == "--threads") {
      flags.threads = std::stoi(value);
    } else if (name == "--data") {
      flags.data = value;
    } else {
      throw std::runtime_error("expected --model, --batch, --optimizer, --threads, --data or --first, got " + name);
    }
  }
  if (flags.model != "mnist_mlp" && flags.model != "lenet5")
    throw std::runtime_error("--model: expected mnist_mlp or lenet5, got " + flags.model);
  return flags;
}

/// Pixels (n, 784) and classes (n): all of them, or a batch where only the first step is asked for.
struct Digits {
  std::vector<std::uint8_t> pixels, classes;
};
inline Digits read_digits(const Flags& flags) {
  const std::size_t rows = flags.first ? flags.batch : 0;
  return {read_npy(flags.data + "/images.npy", 784, rows), read_npy(flags.data + "/labels.npy", 1, rows)};
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
