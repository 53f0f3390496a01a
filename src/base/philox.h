// Philox4x32-10: random bits as a pure function of a key and a counter, and the distributions drawn from them.
// Salmon, Moraes, Dror, Shaw: Parallel random numbers: as easy as 1, 2, 3 (SC 2011). Includes nothing but <cstdint> and
// <cmath>, so that device code can use the integer part.
#pragma once

#include <cmath>
#include <cstdint>

namespace keratin {

struct PhiloxKey {
  std::uint32_t words[2];
};
struct PhiloxBlock {
  std::uint32_t words[4];
};

constexpr PhiloxKey philox_key(std::uint64_t seed) {
  return {{static_cast<std::uint32_t>(seed), static_cast<std::uint32_t>(seed >> 32)}};
}
constexpr PhiloxBlock philox_counter(std::uint64_t low, std::uint64_t high) {
  return {{static_cast<std::uint32_t>(low), static_cast<std::uint32_t>(low >> 32), static_cast<std::uint32_t>(high),
           static_cast<std::uint32_t>(high >> 32)}};
}

/// 128 random bits.
constexpr PhiloxBlock philox(PhiloxKey key, PhiloxBlock counter) {
  constexpr std::uint64_t multiplier_0 = 0xD2511F53, multiplier_1 = 0xCD9E8D57;
  constexpr std::uint32_t weyl_0 = 0x9E3779B9, weyl_1 = 0xBB67AE85;  // the golden ratio's and √3 − 1's bits
  for (int round = 0; round < 10; ++round) {
    const std::uint64_t product_0 = multiplier_0 * counter.words[0];
    const std::uint64_t product_1 = multiplier_1 * counter.words[2];
    counter = {{static_cast<std::uint32_t>(product_1 >> 32) ^ counter.words[1] ^ key.words[0],
                static_cast<std::uint32_t>(product_1),
                static_cast<std::uint32_t>(product_0 >> 32) ^ counter.words[3] ^ key.words[1],
                static_cast<std::uint32_t>(product_0)}};
    key.words[0] += weyl_0;
    key.words[1] += weyl_1;
  }
  return counter;
}

/// Bits as a number in [0, 1): 24 of them for a float, 53 for a double. Every result is exact.
constexpr float unit_float(std::uint32_t bits) { return static_cast<float>(bits >> 8) * 0x1p-24f; }
constexpr double unit_double(std::uint32_t high, std::uint32_t low) {
  const std::uint64_t bits = (static_cast<std::uint64_t>(high) << 32) | low;
  return static_cast<double>(bits >> 11) * 0x1p-53;
}

/// Another seed for each stream of a seed: how one seed serves many weights and generators.
constexpr std::uint64_t derive_seed(std::uint64_t seed, std::uint64_t stream) {
  const PhiloxBlock block = philox(philox_key(seed), philox_counter(stream, 0x73656564));  // "seed"
  return (static_cast<std::uint64_t>(block.words[1]) << 32) | block.words[0];
}

// The numbers of a seed are streams (a call, an epoch, a layer: whatever is told apart) of elements, each a pure
// function of (seed, stream, element). A block serves four elements of 32 bits, or two of 64.

constexpr std::uint32_t random_word(std::uint64_t seed, std::uint64_t stream, std::uint64_t element) {
  return philox(philox_key(seed), philox_counter(element / 4, stream)).words[element % 4];
}
/// Uniform in [0, 1).
constexpr float uniform_float(std::uint64_t seed, std::uint64_t stream, std::uint64_t element) {
  return unit_float(random_word(seed, stream, element));
}
constexpr double uniform_double(std::uint64_t seed, std::uint64_t stream, std::uint64_t element) {
  const PhiloxBlock block = philox(philox_key(seed), philox_counter(element / 2, stream));
  const std::uint64_t half = 2 * (element % 2);
  return unit_double(block.words[half], block.words[half + 1]);
}
/// Mean 0, variance 1 (Box and Muller 1958: elements 2k and 2k + 1 are the cosine and the sine of one draw).
inline double normal_double(std::uint64_t seed, std::uint64_t stream, std::uint64_t element) {
  const PhiloxBlock block = philox(philox_key(seed), philox_counter(element / 2, stream));
  const double radius = std::sqrt(-2.0 * std::log(1.0 - unit_double(block.words[0], block.words[1])));  // of (0, 1]
  const double angle = 6.283185307179586 * unit_double(block.words[2], block.words[3]);
  return radius * (element % 2 == 0 ? std::cos(angle) : std::sin(angle));
}
inline float normal_float(std::uint64_t seed, std::uint64_t stream, std::uint64_t element) {
  return static_cast<float>(normal_double(seed, stream, element));
}

}  // namespace keratin
