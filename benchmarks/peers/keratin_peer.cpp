// Keratin as one of the peers, on its public API alone: fit on arrays in memory, shuffled by fit, timed from call to
// return. Images stay uint8 and are scaled by the network's first layer.
#include <keratin/layers.h>
#include <keratin/losses.h>
#include <keratin/model.h>

#include <algorithm>
#include <cstdio>
#include <exception>

#include "protocol.h"

namespace {

namespace layers = keratin::layers;
using keratin::Array;

void run(const protocol::Flags& flags) {
  const protocol::Digits digits = protocol::read_digits(flags);
  const auto samples = static_cast<std::int64_t>(digits.classes.size()), batch = static_cast<std::int64_t>(flags.batch);
  const Array x = Array::view(digits.pixels, {samples, 784}), y = Array::view(digits.classes, {samples});

  keratin::Sequential model({keratin::Input({784}), layers::Rescaling(1.0 / 255),
                             layers::Dense(300, {.activation = "relu"}), layers::Dense(100, {.activation = "relu"}),
                             layers::Dense(10)});
  model.compile({.optimizer = flags.optimizer,
                 .loss = keratin::losses::SparseCategoricalCrossentropy({.from_logits = true}),
                 .threads = flags.threads,
                 .seed = 0});
  if (flags.first) {
    protocol::serve(flags, [&](std::size_t) { return model.train_on_batch(x, y).at("loss"); });
    return;
  }
  protocol::serve(flags, [&](std::size_t steps) {
    double loss = 0;
    const std::int64_t epoch = samples / batch;
    for (auto left = static_cast<std::int64_t>(steps); left > 0; left -= epoch) {
      const std::int64_t used = std::min(left, epoch) * batch;
      const auto history = model.fit(x.slice(0, used), y.slice(0, used), {.batch_size = batch, .verbose = 0});
      loss = history.at("loss").back();
    }
    return loss;
  });
}

}  // namespace

int main(int count, char** words) try { run(protocol::read_flags(count, words)); } catch (const std::exception& error) {
  std::fprintf(stderr, "%s\n", error.what());
  return 1;
}
