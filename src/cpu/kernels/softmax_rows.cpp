// The loops of softmax_rows.h. Compiled once for each instruction set, with KERATIN_INSTRUCTION_SET its namespace:
// nothing in here may have another namespace and external linkage, or the linker would mix the sets.
#include "cpu/softmax_rows.h"

#include <limits>

#include "cpu/lanes.h"

namespace keratin::cpu {
inline namespace KERATIN_INSTRUCTION_SET {
namespace {

constexpr std::int64_t width = 16;   // numbers at a time, in every set: so that sums have the same bits
constexpr std::int64_t narrow = 32;  // classes at most of rows that are taken `width` at a time
template <class T> constexpr T lowest = -std::numeric_limits<T>::infinity();

template <class T> [[gnu::always_inline]] inline void fill(T* to, T value) {
  for (std::int64_t i = 0; i < width; ++i) to[i] = value;
}
template <class T> [[gnu::always_inline]] inline void raise(T* top, const T* z) {
  for (std::int64_t i = 0; i < width; ++i) top[i] = scalar::max(top[i], z[i]);
}
/// e may be z.
template <class T> [[gnu::always_inline]] inline void exponentials(T* e, T* sum, const T* z, const T* top) {
  KERATIN_INDEPENDENT
  for (std::int64_t i = 0; i < width; ++i) e[i] = scalar::exp_(z[i] - top[i]);
  for (std::int64_t i = 0; i < width; ++i) sum[i] += e[i];
}

/// n <= width rows side by side: of each a number per vector.
template <class T> void narrow_rows(const T* z, std::int64_t n, std::int64_t classes, T* p, T* top, T* sum) {
  alignas(64) T turned[narrow * width] = {};
  for (std::int64_t i = 0; i < n; ++i)
    for (std::int64_t c = 0; c < classes; ++c) turned[c * width + i] = z[i * classes + c];
  fill(top, lowest<T>);
  fill(sum, T(0));
  for (std::int64_t c = 0; c < classes; ++c) raise(top, turned + c * width);
  for (std::int64_t c = 0; c < classes; ++c) exponentials(turned + c * width, sum, turned + c * width, top);
  if (p == nullptr) return;
  alignas(64) T scale[width];
  for (std::int64_t i = 0; i < width; ++i) scale[i] = T(1) / sum[i];
  for (std::int64_t c = 0; c < classes; ++c)
    for (std::int64_t i = 0; i < width; ++i) turned[c * width + i] *= scale[i];
  for (std::int64_t i = 0; i < n; ++i)
    for (std::int64_t c = 0; c < classes; ++c) p[i * classes + c] = turned[c * width + i];
}

/// A row, vector after vector; the last is filled up with what adds nothing.
template <class T> void wide_row(const T* z, std::int64_t classes, T* p, T& top, T& sum) {
  alignas(64) T tops[width], sums[width], last[width], e[width];
  const std::int64_t whole = classes / width * width, rest = classes - whole;
  fill(last, lowest<T>);
  for (std::int64_t i = 0; i < rest; ++i) last[i] = z[whole + i];
  for (std::int64_t i = 0; i < width; ++i) tops[i] = last[i];
  for (std::int64_t j = 0; j < whole; j += width) raise(tops, z + j);
  top = tops[0];
  for (std::int64_t i = 1; i < width; ++i) top = scalar::max(top, tops[i]);
  fill(tops, top);
  fill(sums, T(0));
  for (std::int64_t j = 0; j < whole; j += width) exponentials(p == nullptr ? e : p + j, sums, z + j, tops);
  exponentials(last, sums, last, tops);
  sum = 0;
  for (std::int64_t i = 0; i < width; ++i) sum += sums[i];
  if (p == nullptr) return;
  for (std::int64_t i = 0; i < rest; ++i) p[whole + i] = last[i];
  const T scale = T(1) / sum;
  for (std::int64_t j = 0; j < classes; ++j) p[j] *= scale;
}

template <class T> void rows_of(const T* z, std::int64_t rows, std::int64_t classes, T* p, T* top, T* log_sum) {
  alignas(64) T tops[width], sums[width];
  for (std::int64_t row = 0; row < rows; row += width) {
    const std::int64_t n = rows - row < width ? rows - row : width;
    const T* const from = z + row * classes;
    T* const to = p == nullptr ? nullptr : p + row * classes;
    if (classes <= narrow) {
      narrow_rows(from, n, classes, to, tops, sums);
    } else {
      fill(sums, T(1));
      for (std::int64_t i = 0; i < n; ++i)
        wide_row(from + i * classes, classes, to == nullptr ? nullptr : to + i * classes, tops[i], sums[i]);
    }
    if (top == nullptr) continue;
    for (std::int64_t i = 0; i < width; ++i) sums[i] = scalar::log_(sums[i]);
    for (std::int64_t i = 0; i < n; ++i) {
      top[row + i] = tops[i];
      log_sum[row + i] = sums[i];
    }
  }
}

}  // namespace

template <class T> SoftmaxRows<T> softmax_rows_in_set() { return rows_of<T>; }
template SoftmaxRows<float> softmax_rows_in_set();
template SoftmaxRows<double> softmax_rows_in_set();

}  // namespace KERATIN_INSTRUCTION_SET
}  // namespace keratin::cpu
