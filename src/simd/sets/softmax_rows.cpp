// The loops of softmax_rows.h. Compiled once for each instruction set, with KERATIN_INSTRUCTION_SET its namespace:
// nothing in here may have another namespace and external linkage, or the linker would mix the sets.
#include "simd/softmax_rows.h"

#include <limits>

#include "simd/lanes.h"

namespace KERATIN_INTERNAL_EXPORT keratin {  // a template is as visible as where it is instantiated
namespace cpu {
namespace KERATIN_INSTRUCTION_SET {
namespace {

constexpr std::int64_t width = 16;  // numbers at a time, in every set: so that sums have the same bits
template <class T> constexpr T lowest = -std::numeric_limits<T>::infinity();

/// x (count, width) becomes e^(x − top). Each column is a row of logits, or all of it is one.
template <bool one_row, class T> void exponentials(T* x, std::int64_t count, T* top, T* sum) {
  for (std::int64_t i = 0; i < width; ++i) top[i] = lowest<T>;
  for (std::int64_t i = 0; i < width; ++i) sum[i] = 0;
  for (std::int64_t c = 0; c < count; ++c)
    for (std::int64_t i = 0; i < width; ++i) top[i] = scalar::max(top[i], x[c * width + i]);
  if (one_row) {
    for (std::int64_t i = 1; i < width; ++i) top[0] = scalar::max(top[0], top[i]);
    for (std::int64_t i = 1; i < width; ++i) top[i] = top[0];
  }
  for (std::int64_t c = 0; c < count; ++c, x += width) {
    KERATIN_INDEPENDENT
    for (std::int64_t i = 0; i < width; ++i) x[i] = scalar::exp_(x[i] - top[i]);
    for (std::int64_t i = 0; i < width; ++i) sum[i] += x[i];
  }
  if (one_row)
    for (std::int64_t i = 1; i < width; ++i) sum[0] += sum[i];
}

template <class T> void wide_row(const LogitRows& shape, const T* z, T* p, T* top, T* sum, T* x) {
  const std::int64_t count = shape.workspace() / width;
  for (std::int64_t i = 0; i < width; ++i) x[(count - 1) * width + i] = lowest<T>;  // adds nothing
  for (std::int64_t c = 0; c < shape.classes; ++c) x[c] = z[c];
  exponentials<true>(x, count, top, sum);
  if (p == nullptr) return;
  const T scale = T(1) / sum[0];
  for (std::int64_t c = 0; c < shape.classes; ++c) p[c] = x[c] * scale;
}

/// n <= width rows.
template <class T> void narrow_rows(const LogitRows& shape, std::int64_t n, const T* z, T* p, T* top, T* sum, T* x) {
  for (std::int64_t c = 0; c < shape.classes; ++c)
    for (std::int64_t i = 0; i < n; ++i) x[c * width + i] = z[i * shape.row_step + c * shape.class_step];
  exponentials<false>(x, shape.classes, top, sum);
  if (p == nullptr) return;
  T scale[width];
  for (std::int64_t i = 0; i < width; ++i) scale[i] = T(1) / sum[i];
  for (std::int64_t c = 0; c < shape.classes; ++c)
    for (std::int64_t i = 0; i < width; ++i) x[c * width + i] *= scale[i];
  for (std::int64_t c = 0; c < shape.classes; ++c)
    for (std::int64_t i = 0; i < n; ++i) p[i * shape.row_step + c * shape.class_step] = x[c * width + i];
}

template <class T> void rows_of(const LogitRows& shape, const T* z, T* p, T* top, T* log_sum, T* workspace) {
  T tops[width], sums[width];
  const std::int64_t side = shape.wide() ? 1 : width;
  for (std::int64_t row = 0; row < shape.rows; row += side, z += side * shape.row_step) {
    const std::int64_t n = shape.rows - row < side ? shape.rows - row : side;
    if (n < side)
      for (std::int64_t j = 0; j < shape.workspace(); ++j) workspace[j] = 0;
    shape.wide() ? wide_row(shape, z, p, tops, sums, workspace) : narrow_rows(shape, n, z, p, tops, sums, workspace);
    if (p != nullptr) p += side * shape.row_step;
    if (top == nullptr) continue;
    for (std::int64_t i = 0; i < n; ++i) top[row + i] = tops[i];
    for (std::int64_t i = 0; i < n; ++i) log_sum[row + i] = sums[i];
  }
  if (top == nullptr) return;
  for (std::int64_t row = 0; row < shape.rows; ++row) log_sum[row] = scalar::log_(log_sum[row]);
}

}  // namespace

template <class T> SoftmaxRows<T> softmax_rows_in_set() { return rows_of<T>; }
template SoftmaxRows<float> softmax_rows_in_set();
template SoftmaxRows<double> softmax_rows_in_set();

}  // namespace KERATIN_INSTRUCTION_SET
}  // namespace cpu
}  // namespace keratin
