// Keratin as one of the peers, on its public API alone: fit on arrays in memory, shuffled by fit, timed from call to
// return. Images stay uint8 and are scaled by the network's first layer. Beside each round it measures the machine's
// peak with as many threads, which gives the tables a share.
#include <keratin/layers.h>
#include <keratin/losses.h>
#include <keratin/model.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <exception>
#include <string>

#include "machine_peak.h"
#include "protocol.h"

namespace {

namespace layers = keratin::layers;
using keratin::Array;
using keratin::Shape;

Shape shape_of(const std::string& model) { return model == "lenet5" ? Shape({28, 28, 1}) : Shape({784}); }

keratin::Sequential network(const std::string& model) {
  keratin::Sequential out({keratin::Input(shape_of(model)), layers::Rescaling(1.0 / 255)});
  if (model == "lenet5") {
    out.add(layers::Conv2D(6, 5, {.padding = "same", .activation = "relu"}));
    out.add(layers::MaxPooling2D(2));
    out.add(layers::Conv2D(16, 5, {.activation = "relu"}));
    out.add(layers::MaxPooling2D(2));
    out.add(layers::Flatten());
  }
  for (const int neurons : model == "lenet5" ? std::array{120, 84} : std::array{300, 100})
    out.add(layers::Dense(neurons, {.activation = "relu"}));
  out.add(layers::Dense(10));
  return out;
}

void run(const protocol::Flags& flags) {
  const protocol::Digits digits = protocol::read_digits(flags);
  const auto samples = static_cast<std::int64_t>(digits.classes.size()), batch = static_cast<std::int64_t>(flags.batch);
  const Array y = Array::view(digits.classes, {samples});
  const Array x = flags.model == "lenet5" ? Array::view(digits.pixels, {samples, 28, 28, 1})
                                          : Array::view(digits.pixels, {samples, 784});

  keratin::Sequential model = network(flags.model);
  model.compile({.optimizer = flags.optimizer,
                 .loss = keratin::losses::SparseCategoricalCrossentropy({.from_logits = true}),
                 .threads = flags.threads,
                 .seed = 0});
  if (flags.first) {
    protocol::serve(flags, [&](std::size_t) { return model.train_on_batch(x, y).at("loss"); });
    return;
  }
  const auto train = [&](std::size_t steps) {
    double loss = 0;
    const std::int64_t epoch = samples / batch;
    for (auto left = static_cast<std::int64_t>(steps); left > 0; left -= epoch) {
      const std::int64_t used = std::min(left, epoch) * batch;
      const auto history = model.fit(x.slice(0, used), y.slice(0, used), {.batch_size = batch, .verbose = 0});
      loss = history.at("loss").back();
    }
    return loss;
  };
  protocol::serve(flags, train, [&] { return machine::peak_gflops(flags.threads); });
}

}  // namespace

int main(int count, char** words) try { run(protocol::read_flags(count, words)); } catch (const std::exception& error) {
  std::fprintf(stderr, "%s\n", error.what());
  return 1;
}
