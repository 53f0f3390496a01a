// The loops of pool_rows.h. Compiled once for each instruction set, with KERATIN_INSTRUCTION_SET its namespace: nothing
// in here may have another namespace and external linkage, or the linker would mix the sets.
#include "simd/pool_rows.h"

#include <algorithm>
#include <limits>

#include "simd/vector.h"

namespace keratin::cpu {
namespace KERATIN_INSTRUCTION_SET {
namespace {

/// use(position, elements from the row's first to what it sees first, how many columns it sees, channels) for vectors
/// of channels: a position after the other, as memory lies.
template <class Use> [[gnu::always_inline]] inline void for_each_vector(const PooledRow& row, const Use& use) {
  const auto walk = [&](const auto& for_each_channel) __attribute__((always_inline)) {
    for (std::int64_t position = 0; position < row.columns; ++position) {
      const std::int64_t first = position * row.stride - row.before;
      const std::int64_t begin = first < 0 ? 0 : first;
      const std::int64_t end = first + row.size < row.width ? first + row.size : row.width;
      for_each_channel([&](std::int64_t c, int count) __attribute__((always_inline)) {
        use(position * row.channels + c, begin * row.channels + c, end - begin, count);
      });
    }
  };
  if (row.channels <= lanes) {  // as many in every step, so that nobody asks how many
    const int count = static_cast<int>(row.channels);
    walk([&](const auto& vector) __attribute__((always_inline)) { vector(0, count); });
  } else {
    walk([&](const auto& vector) __attribute__((always_inline)) {
      std::int64_t c = 0;
      for (; c + lanes <= row.channels; c += lanes) vector(c, lanes);
      if (c < row.channels) vector(c, static_cast<int>(row.channels - c));
    });
  }
}

/// NaN is the largest.
Floats larger(Floats a, Floats b) { return a > b ? a : (a == a ? b : a); }

template <class Combine>
[[gnu::always_inline]] inline void combine_seen(const PooledRow& told, const float* x, float* y, float start,
                                                const Combine& combine) {
  const PooledRow row = told;  // what is stored could be the original, for all that the compiler knows
  for_each_vector(row, [&](std::int64_t to, std::int64_t from, std::int64_t columns, int count) {
    Floats result = Floats{} + start;
    for (std::int64_t i = 0; i < row.rows; ++i)
      for (std::int64_t j = 0; j < columns; ++j)
        result = combine(result, load_first(x + from + i * row.line + j * row.channels, count));
    store_first(y + to, result, count);
  });
}

void largest(const PooledRow& row, const float* x, float* y) {
  combine_seen(row, x, y, -std::numeric_limits<float>::infinity(), larger);
}

void sum(const PooledRow& row, const float* x, float* y) {
  combine_seen(row, x, y, 0.0f, [](Floats a, Floats b) { return a + b; });
}

/// x is the largest of numbers of which `most` is the largest; where one of these is NaN, so is `most`.
auto is_largest(Floats x, Floats most) { return (x == most) | (x != x); }

template <bool alone>
[[gnu::always_inline]] inline void give_first(const PooledRow& told, const float* x, const float* y, const float* g,
                                              float* dx) {
  const PooledRow row = told;
  for_each_vector(row, [&](std::int64_t at, std::int64_t from, std::int64_t columns, int count) {
    const Floats most = load_first(y + at, count);
    Floats left = load_first(g + at, count);  // what nobody has been given
    for (std::int64_t i = 0; i < row.rows; ++i)
      for (std::int64_t j = 0; j < columns; ++j) {
        const std::int64_t pixel = from + i * row.line + j * row.channels;
        const auto takes = is_largest(load_first(x + pixel, count), most);
        const Floats given = takes ? left : Floats{};
        left = takes ? Floats{} : left;
        store_first(dx + pixel, alone ? given : load_first(dx + pixel, count) + given, count);
      }
  });
}

void give_to_largest(const PooledRow& row, const float* x, const float* y, const float* g, float* dx, bool alone) {
  alone ? give_first<true>(row, x, y, g, dx) : give_first<false>(row, x, y, g, dx);
}

void give(const PooledRow& told, const float* g, float* dx) {
  const PooledRow row = told;
  for_each_vector(row, [&](std::int64_t at, std::int64_t from, std::int64_t columns, int count) {
    const Floats given = load_first(g + at, count);
    for (std::int64_t i = 0; i < row.rows; ++i)
      for (std::int64_t j = 0; j < columns; ++j) {
        float* const pixel = dx + from + i * row.line + j * row.channels;
        store_first(pixel, load_first(pixel, count) + given, count);
      }
  });
}

}  // namespace

extern const PoolRows pool_loops;
constinit const PoolRows pool_loops{largest, sum, give_to_largest, give};

}  // namespace KERATIN_INSTRUCTION_SET
}  // namespace keratin::cpu
