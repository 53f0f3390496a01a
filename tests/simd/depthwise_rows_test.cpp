// The loops of every instruction set against sums in double, for channels that are one less and one more than a vector.
#include "simd/depthwise_rows.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <vector>

#include "simd/product_tiles.h"
#include "support/integer_generator.h"

namespace keratin::cpu {
namespace {

constexpr float nan = std::numeric_limits<float>::quiet_NaN();
constexpr std::int64_t gap = 3;  // elements of NaN behind what is read or written of a position

std::vector<float> numbers(const char* stream, std::int64_t count) {
  return testing::IntegerGenerator(stream).uniform_values<float>(static_cast<std::size_t>(count), 1.0);
}
/// (rows, channels) with the gap behind each row.
std::vector<float> apart(const std::vector<float>& dense, std::int64_t channels) {
  std::vector<float> out;
  for (std::size_t i = 0; i < dense.size(); ++i) {
    out.push_back(dense[i]);
    if ((static_cast<std::int64_t>(i) + 1) % channels == 0) out.insert(out.end(), gap, nan);
  }
  return out;
}

struct Case {
  std::int64_t positions, channels, elements, stride;
};

/// Position p sees the pixels p · stride + element.
struct Row {
  explicit Row(const Case& x) : pitch(x.channels + gap) {
    for (std::int64_t t = 0; t < x.elements; ++t) offsets.push_back(t * pitch);
    row = {x.positions, x.channels, x.stride * pitch, pitch, x.elements, offsets.data()};
    pixels = (x.positions - 1) * x.stride + x.elements;
  }
  std::int64_t pitch, pixels;
  std::vector<std::int64_t> offsets;
  DepthwiseRow row;
};

std::size_t at(std::int64_t index) { return static_cast<std::size_t>(index); }

void expect_sum(const DepthwiseRows& loops, const Case& x) {
  const Row r(x);
  const std::vector<float> from = apart(numbers("depthwise/x", r.pixels * x.channels), x.channels),
                           kernel = numbers("depthwise/kernel", x.elements * x.channels);
  std::vector<float> to(at(x.positions * r.pitch), nan);
  loops.sum(r.row, from.data(), kernel.data(), to.data());
  for (std::int64_t p = 0; p < x.positions; ++p)
    for (std::int64_t c = 0; c < r.pitch; ++c) {
      const float got = to[at(p * r.pitch + c)];
      if (c >= x.channels) {
        ASSERT_TRUE(std::isnan(got)) << "writes beside position " << p;
        continue;
      }
      double sum = 0;
      for (std::int64_t t = 0; t < x.elements; ++t)
        sum += double{from[at((p * x.stride + t) * r.pitch + c)]} * double{kernel[at(t * x.channels + c)]};
      ASSERT_NEAR(double{got}, sum, 1e-6 * static_cast<double>(x.elements)) << p << ", " << c;
    }
}

void expect_correlation(const DepthwiseRows& loops, const Case& x) {
  const Row r(x);
  const std::vector<float> from = apart(numbers("depthwise/x", r.pixels * x.channels), x.channels),
                           g = apart(numbers("depthwise/g", x.positions * x.channels), x.channels);
  std::vector<float> to(at(x.elements * x.channels), 0.5f);
  to.push_back(nan);
  loops.correlate(r.row, from.data(), g.data(), to.data());
  ASSERT_TRUE(std::isnan(to.back()));
  for (std::int64_t t = 0; t < x.elements; ++t)
    for (std::int64_t c = 0; c < x.channels; ++c) {
      double sum = 0.5;
      for (std::int64_t p = 0; p < x.positions; ++p)
        sum += double{from[at((p * x.stride + t) * r.pitch + c)]} * double{g[at(p * r.pitch + c)]};
      ASSERT_NEAR(double{to[at(t * x.channels + c)]}, sum, 1e-6 * static_cast<double>(x.positions)) << t << ", " << c;
    }
}

TEST(DepthwiseRows, SumAndCorrelateOnEveryInstructionSet) {
  for (const InstructionSet set : instruction_sets()) {
    const std::int64_t lanes = product_tiles(set).lanes;
    for (const std::int64_t channels : {std::int64_t{1}, std::int64_t{3}, lanes - 1, lanes, lanes + 1, 2 * lanes + 1})
      for (const std::int64_t positions : {1, 3, 4, 7, 8, 13})
        for (const std::int64_t elements : {1, 2, 9, 10, 11, 25})
          for (const std::int64_t stride : {1, 2}) {
            SCOPED_TRACE(::testing::Message() << "set " << static_cast<int>(set) << ", " << channels << " channels, "
                                              << positions << " positions, " << elements << " elements");
            expect_sum(depthwise_rows(set), {positions, channels, elements, stride});
            expect_correlation(depthwise_rows(set), {positions, channels, elements, stride});
            if (::testing::Test::HasFatalFailure()) return;
          }
  }
}

TEST(DepthwiseRows, CarryNanToItsChannelAlone) {
  const Case x{5, 9, 3, 1};
  const Row r(x);
  for (const InstructionSet set : instruction_sets()) {
    std::vector<float> from(at(r.pixels * r.pitch), 1.0f), to(at(x.positions * r.pitch), 0.0f);
    from[at(2 * r.pitch + 4)] = nan;
    const std::vector<float> kernel(at(x.elements * x.channels), 1.0f);
    depthwise_rows(set).sum(r.row, from.data(), kernel.data(), to.data());
    for (std::int64_t p = 0; p < x.positions; ++p)
      for (std::int64_t c = 0; c < x.channels; ++c)
        EXPECT_EQ(std::isnan(to[at(p * r.pitch + c)]), c == 4 && p <= 2) << p << ", " << c;
  }
}

}  // namespace
}  // namespace keratin::cpu
