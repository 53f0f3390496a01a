// The loops of depthwise_rows.h. Compiled once for each instruction set, with KERATIN_INSTRUCTION_SET its namespace:
// nothing in here may have another namespace and external linkage, or the linker would mix the sets.
#include "simd/depthwise_rows.h"

#include <cstddef>
#include <utility>

#include "simd/vector.h"

namespace keratin::cpu {
namespace KERATIN_INSTRUCTION_SET {
namespace {

constexpr std::size_t most_sums = 10;  // in registers, beside what they are made of

/// Whole vectors without asking.
template <bool whole> [[gnu::always_inline]] inline Floats load_lanes(const float* from, int count) {
  return whole ? load(from) : load_first(from, count);
}
template <bool whole> [[gnu::always_inline]] inline void store_lanes(float* to, Floats value, int count) {
  whole ? store(to, value) : store_first(to, value, count);
}

/// `n` positions, a vector of channels.
template <std::size_t n, bool whole>
[[gnu::always_inline]] inline void sum_positions(const DepthwiseRow& row, const float* from, const float* kernel,
                                                 float* to, int count) {
  Floats sums[n] = {};
  for (std::int64_t t = 0; t < row.elements; ++t, kernel += row.channels) {
    const Floats weight = load_lanes<whole>(kernel, count);
    const float* seen = from + row.offsets[t];
#pragma GCC unroll 16
    for (std::size_t i = 0; i < n; ++i, seen += row.step)
      sums[i] = multiply_add(load_lanes<whole>(seen, count), weight, sums[i]);
  }
#pragma GCC unroll 16
  for (std::size_t i = 0; i < n; ++i, to += row.made) store_lanes<whole>(to, sums[i], count);
}

template <bool whole>
[[gnu::always_inline]] inline void sum_row(const DepthwiseRow& row, const float* from, const float* kernel, float* to,
                                           int count) {
  std::int64_t p = 0;
  const auto walk = [&]<std::size_t n>(std::integral_constant<std::size_t, n>) {
    for (; p + static_cast<std::int64_t>(n) <= row.positions; p += static_cast<std::int64_t>(n))
      sum_positions<n, whole>(row, from + p * row.step, kernel, to + p * row.made, count);
  };
  walk(std::integral_constant<std::size_t, 8>{});
  walk(std::integral_constant<std::size_t, 4>{});
  walk(std::integral_constant<std::size_t, 1>{});
}

/// `n` elements of the window, a vector of channels.
template <std::size_t n, bool whole>
void correlate_elements(const DepthwiseRow& row, const float* from, const float* g, float* to, int count) {
  Floats sums[n];
  const float* seen[n];
#pragma GCC unroll 16
  for (std::size_t t = 0; t < n; ++t) {
    sums[t] = load_lanes<whole>(to + static_cast<std::int64_t>(t) * row.channels, count);
    seen[t] = from + row.offsets[t];
  }
  for (std::int64_t p = 0, at = 0; p < row.positions; ++p, at += row.step, g += row.made) {
    const Floats given = load_lanes<whole>(g, count);
#pragma GCC unroll 16
    for (std::size_t t = 0; t < n; ++t) sums[t] = multiply_add(load_lanes<whole>(seen[t] + at, count), given, sums[t]);
  }
#pragma GCC unroll 16
  for (std::size_t t = 0; t < n; ++t)
    store_lanes<whole>(to + static_cast<std::int64_t>(t) * row.channels, sums[t], count);
}

using Correlate = void (*)(const DepthwiseRow& row, const float* from, const float* g, float* to, int count);
template <bool whole, std::size_t... n> constexpr auto correlations(std::index_sequence<n...>) {
  struct Table {
    Correlate of[sizeof...(n)];
  };
  return Table{{correlate_elements<n + 1, whole>...}};
}

/// use(first channel, how many) for vectors of channels.
template <class Use> [[gnu::always_inline]] inline void for_each_vector(std::int64_t channels, const Use& use) {
  for (std::int64_t c = 0; c < channels; c += lanes)
    use(c, static_cast<int>(channels - c < lanes ? channels - c : lanes));
}

void sum(const DepthwiseRow& told, const float* from, const float* kernel, float* to) {
  const DepthwiseRow row = told;  // what is stored could be the original, for all that the compiler knows
  for_each_vector(row.channels, [&](std::int64_t c, int count) {
    count == lanes ? sum_row<true>(row, from + c, kernel + c, to + c, count)
                   : sum_row<false>(row, from + c, kernel + c, to + c, count);
  });
}

void correlate(const DepthwiseRow& told, const float* from, const float* g, float* to) {
  constexpr auto all = correlations<true>(std::make_index_sequence<most_sums>{});
  constexpr auto first = correlations<false>(std::make_index_sequence<most_sums>{});
  const auto most = static_cast<std::int64_t>(most_sums);
  const std::int64_t pieces = (told.elements + most - 1) / most;
  for_each_vector(told.channels, [&](std::int64_t c, int count) {
    DepthwiseRow row = told;
    for (std::int64_t piece = 0, begin = 0, end; piece < pieces; ++piece, begin = end) {
      end = told.elements * (piece + 1) / pieces;
      row.offsets = told.offsets + begin;
      const auto n = static_cast<std::size_t>(end - begin - 1);
      (count == lanes ? all.of[n] : first.of[n])(row, from + c, g + c, to + begin * row.channels + c, count);
    }
  });
}

}  // namespace

extern const DepthwiseRows depthwise_loops;
constinit const DepthwiseRows depthwise_loops{sum, correlate};

}  // namespace KERATIN_INSTRUCTION_SET
}  // namespace keratin::cpu
