// The step written by hand against its reference, on what bench_step (floats) and hand_peer (bytes) train on.
#include <gtest/gtest.h>

#include <random>
#include <tuple>
#include <vector>

#include "hand_reference.h"
#include "hand_step.h"

namespace {

using Case = std::tuple<hand::Optimizer, int, bool>;  // threads; whether pixels are bytes

class HandStep : public ::testing::TestWithParam<Case> {};

TEST_P(HandStep, DoesWhatItsReferenceDoes) {
  const auto [optimizer, threads, bytes] = GetParam();
  constexpr std::int64_t batch = 10, samples = 3 * batch;
  std::mt19937 random(0);
  std::vector<std::uint8_t> pixels(samples * hand::pixels), labels(samples);
  for (std::uint8_t& pixel : pixels) pixel = random() % 4 == 0 ? static_cast<std::uint8_t>(random()) : 0;
  for (std::uint8_t& label : labels) label = static_cast<std::uint8_t>(random() % hand::classes);
  const std::vector<float> images = [&] {
    std::vector<float> out;
    for (const std::uint8_t pixel : pixels) out.push_back(static_cast<float>(pixel) / 255.0F);
    return out;
  }();
  hand::Data data{.labels = labels};
  if (bytes)
    data.bytes = pixels;
  else
    data.images = images;
  EXPECT_LE(hand::error_of(data, batch, optimizer, threads, 3), hand::tolerated_error);
}

INSTANTIATE_TEST_SUITE_P(All, HandStep,
                         ::testing::Combine(::testing::Values(hand::Optimizer::sgd, hand::Optimizer::rmsprop,
                                                              hand::Optimizer::adam),
                                            ::testing::Values(1, 2), ::testing::Bool()));

}  // namespace
