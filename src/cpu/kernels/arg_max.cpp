// ArgMax along one axis: the first of equals; NaN counts as the largest, as NumPy's.
#include "ops/arg_max.h"

#include <algorithm>
#include <cstdint>

#include "cpu/division.h"
#include "cpu/kernels/kernels.h"

namespace keratin::cpu {
namespace {

constexpr std::int64_t strip = 64;  // columns at a time

/// Whether x comes after `best` in NumPy's order. The first NaN stays.
template <class T> bool better(T x, T best) { return (x > best || x != x) && best == best; }

/// x (n).
template <class T> std::int32_t arg_max(const T* x, std::int64_t n) {
  std::int64_t found = 0;
  for (std::int64_t i = 1; i < n; ++i)
    if (better(x[i], x[found])) found = i;
  return static_cast<std::int32_t>(found);
}

/// x (n, inner), of which `columns` <= strip; index (columns).
template <class T>
void arg_max(const T* x, std::int32_t* index, std::int64_t n, std::int64_t inner, std::int64_t columns) {
  T best[strip];
  std::copy_n(x, columns, best);
  std::fill_n(index, columns, 0);
  for (std::int64_t i = 1; i < n; ++i) {
    x += inner;
    for (std::int64_t j = 0; j < columns; ++j) {
      const bool replace = better(x[j], best[j]);
      best[j] = replace ? x[j] : best[j];
      index[j] = replace ? static_cast<std::int32_t>(i) : index[j];
    }
  }
}

template <class T> KernelPlan plan_of(const KernelRequest& request, int axis) {
  const Shape& shape = request.inputs[0].shape;
  const std::int64_t outer = shape.until(axis).size(), n = shape[axis], inner = shape.from(axis + 1).size();
  if (axis == shape.rank() - 1)
    return make_kernel(
        [n](const KernelArguments& arguments) {
          for (std::int64_t o = arguments.part.row; o < arguments.part.row_end; ++o)
            arguments.output<std::int32_t>(0)[o] = arg_max(arguments.input<T>(0) + o * n, n);
        },
        0, row_division(request, static_cast<double>(shape.size())));
  return make_kernel([outer, n, inner](const KernelArguments& arguments) {
    for (std::int64_t o = 0; o < outer; ++o)
      for (std::int64_t j = 0; j < inner; j += strip)
        arg_max(arguments.input<T>(0) + o * n * inner + j, arguments.output<std::int32_t>(0) + o * inner + j, n, inner,
                std::min(strip, inner - j));
  });
}

}  // namespace

KernelPlan plan_arg_max(const KernelRequest& request) {
  const int axis = static_cast<const ArgMax&>(request.op).axis();
  const DType stored = request.inputs[0].dtype == boolean ? uint8 : request.inputs[0].dtype;
  return with_number(stored, [&](auto tag) { return plan_of<decltype(tag)>(request, axis); });
}

}  // namespace keratin::cpu
