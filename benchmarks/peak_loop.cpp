// The loop of machine_peak.cpp, compiled once for each width of vectors: chains of multiply-adds that stay in registers
// and do not wait for each other, so that nothing but the arithmetic units limits them.
#include "peak_loop.h"

#include "register_bytes.h"

namespace machine::KERATIN_INSTRUCTION_SET {
namespace {

/// As wide as the instruction set's registers.
using Floats __attribute__((vector_size(register_bytes))) = float;
constexpr int lanes = sizeof(Floats) / sizeof(float);
/// Two units with a latency of four need eight, without fused ones twelve; scale and offset need registers too.
constexpr int chains = lanes == 16 ? 24 : 14;

float run(std::int64_t rounds, float scale, float offset) {
  const Floats a = Floats{} + scale, b = Floats{} + offset;
  Floats sums[chains];
  for (int i = 0; i < chains; ++i) sums[i] = b * static_cast<float>(i);
  for (std::int64_t round = 0; round < rounds; ++round)
#pragma GCC unroll 32
    for (int i = 0; i < chains; ++i) sums[i] = sums[i] * a + b;
  Floats total{};
  for (const Floats& sum : sums) total += sum;
  return total[0];
}

}  // namespace

extern const PeakLoop loop;
constinit const PeakLoop loop{run, 2 * lanes* chains};

}  // namespace machine::KERATIN_INSTRUCTION_SET
