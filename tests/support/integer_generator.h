// Numbers that C++ and Python agree on to the bit: the twin of tests/golden/integer_generator.py. Initial weights and
// batch orders that golden files do not store come from here.
#pragma once

#include <cstddef>
#include <cstdint>
#include <numeric>
#include <string_view>
#include <utility>
#include <vector>

namespace keratin::testing {

/// A stream of numbers, known by its name. Value k is splitmix64's (Steele, Lea, Flood 2014, "Fast splittable
/// pseudorandom number generators") at position k + 1 from the FNV-1a hash of the name, so that every number can be had
/// alone.
class IntegerGenerator {
 public:
  constexpr explicit IntegerGenerator(std::string_view stream) {
    for (const char c : stream) key_ = (key_ ^ static_cast<unsigned char>(c)) * 0x100000001B3u;
  }

  constexpr std::uint64_t bits(std::size_t k) const {
    std::uint64_t z = key_ + (k + 1) * 0x9E3779B97F4A7C15u;
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
    return z ^ (z >> 31);
  }
  /// In [-1, 1), a multiple of 2^-23: exact in float32.
  constexpr double uniform(std::size_t k) const { return static_cast<double>(bits(k) >> 40) * 0x1p-23 - 1.0; }
  /// In [0, bound), bound up to 2^32.
  constexpr std::int64_t integer(std::size_t k, std::int64_t bound) const {
    return static_cast<std::int64_t>(((bits(k) >> 32) * static_cast<std::uint64_t>(bound)) >> 32);
  }

  /// uniform(0) * scale, uniform(1) * scale, …, multiplied in float64 and then rounded to T.
  template <class T> std::vector<T> uniform_values(std::size_t count, double scale = 1.0) const {
    std::vector<T> values(count);
    for (std::size_t k = 0; k < count; ++k) values[k] = static_cast<T>(uniform(k) * scale);
    return values;
  }
  /// `count` integers in [0, bound), repetitions allowed.
  std::vector<std::int64_t> positions(std::size_t count, std::int64_t bound) const {
    std::vector<std::int64_t> values(count);
    for (std::size_t k = 0; k < count; ++k) values[k] = integer(k, bound);
    return values;
  }
  /// 0, …, count - 1 in a new order: places i = count - 1, …, 1 are swapped with integer count - 1 - i of [0, i].
  std::vector<std::int64_t> permutation(std::size_t count) const {
    std::vector<std::int64_t> order(count);
    std::iota(order.begin(), order.end(), 0);
    for (std::size_t i = count; i-- > 1;)
      std::swap(order[i], order[static_cast<std::size_t>(integer(count - 1 - i, static_cast<std::int64_t>(i + 1)))]);
    return order;
  }

 private:
  std::uint64_t key_ = 0xCBF29CE484222325u;
};

}  // namespace keratin::testing
