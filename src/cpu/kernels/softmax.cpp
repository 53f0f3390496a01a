// Softmax along one axis.
#include "ops/softmax.h"

#include <algorithm>
#include <limits>

#include "cpu/division.h"
#include "cpu/kernels/kernels.h"
#include "cpu/lanes.h"
#include "cpu/softmax_rows.h"

namespace keratin::cpu {
namespace {

constexpr std::int64_t strip = 64;  // columns at a time

/// An axis before the last: x, y (classes, inner), of which n <= strip columns.
template <class T> void softmax_columns(const T* x, T* y, std::int64_t classes, std::int64_t inner, std::int64_t n) {
  T top[strip], sum[strip];
  std::fill_n(top, n, -std::numeric_limits<T>::infinity());
  std::fill_n(sum, n, T(0));
  for (std::int64_t c = 0; c < classes; ++c)
    for (std::int64_t j = 0; j < n; ++j) top[j] = scalar::max(top[j], x[c * inner + j]);
  for (std::int64_t c = 0; c < classes; ++c) {
    T* const row = y + c * inner;
    KERATIN_INDEPENDENT
    for (std::int64_t j = 0; j < n; ++j) row[j] = scalar::exp_(x[c * inner + j] - top[j]);
    for (std::int64_t j = 0; j < n; ++j) sum[j] += row[j];
  }
  for (std::int64_t c = 0; c < classes; ++c)
    for (std::int64_t j = 0; j < n; ++j) y[c * inner + j] /= sum[j];
}

}  // namespace

KernelPlan plan_softmax(const KernelRequest& request) {
  const Shape& shape = request.inputs[0].shape;
  if (shape.size() == 0) return make_kernel([](const KernelArguments&) {});
  const int axis = static_cast<const Softmax&>(request.op).axis();
  const std::int64_t outer = shape.until(axis).size(), classes = shape[axis], inner = shape.from(axis + 1).size();
  return with_floating(request.inputs[0].dtype, [&](auto tag) {
    using T = decltype(tag);
    if (axis == shape.rank() - 1)
      return make_kernel(
          [classes, softmax = softmax_rows<T>()](const KernelArguments& arguments) {
            const std::int64_t first = arguments.part.row * classes;
            softmax(static_cast<const T*>(arguments.inputs[0]) + first, arguments.part.rows(), classes,
                    static_cast<T*>(arguments.outputs[0]) + first, nullptr, nullptr);
          },
          0, row_division(request, flops_of_exponential * static_cast<double>(shape.size())));
    return make_kernel([outer, classes, inner](const KernelArguments& arguments) {
      const T* const x = static_cast<const T*>(arguments.inputs[0]);
      T* const y = static_cast<T*>(arguments.outputs[0]);
      for (std::int64_t o = 0; o < outer; ++o)
        for (std::int64_t j = 0; j < inner; j += strip)
          softmax_columns(x + o * classes * inner + j, y + o * classes * inner + j, classes, inner,
                          std::min(strip, inner - j));
    });
  });
}

}  // namespace keratin::cpu
