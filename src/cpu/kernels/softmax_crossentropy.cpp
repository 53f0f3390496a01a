// SoftmaxCrossentropy and SparseSoftmaxCrossentropy: what is asked of rows of logits, from one softmax.
#include "ops/softmax_crossentropy.h"

#include <algorithm>
#include <limits>

#include "base/convert.h"
#include "cpu/division.h"
#include "cpu/kernels/kernels.h"
#include "simd/softmax_rows.h"

namespace keratin::cpu {
namespace {

/// A row of logits and of its softmax. What nobody asks for is null; p may be the gradient.
template <class T> struct Row {
  const T *z, *p;  // (classes)
  std::int64_t classes;
  T top, log_sum;  // the largest logit, and log Σ e^(z − top)
  T *loss, *gradient;

  /// t (classes)
  void compare_with(const T* t) const {
    T sum = 0, total = 0;
    for (std::int64_t j = 0; j < classes; ++j) {
      sum += t[j] * ((z[j] - top) - log_sum);
      total += t[j];
    }
    if (loss != nullptr) *loss = -sum;
    if (gradient != nullptr)
      for (std::int64_t j = 0; j < classes; ++j) gradient[j] = p[j] * total - t[j];
  }
  template <class I> void compare_with(const I* chosen_class) const {
    constexpr T nan = std::numeric_limits<T>::quiet_NaN();
    const auto chosen = static_cast<std::int64_t>(*chosen_class);
    const bool exists = chosen >= 0 && chosen < classes;
    if (loss != nullptr) *loss = exists ? -((z[chosen] - top) - log_sum) : nan;
    if (gradient == nullptr) return;
    if (gradient != p) std::copy_n(p, classes, gradient);
    if (exists)
      gradient[chosen] -= T(1);
    else
      std::fill_n(gradient, classes, nan);
  }
};

/// Y: T for targets as probabilities, or the integers of classes.
template <class T, class Y> KernelPlan plan(const KernelRequest& request) {
  const Shape& logits = request.inputs[0].shape;
  const CrossentropyResults asked = static_cast<const CrossentropyOp&>(request.op).results();
  const std::int64_t classes = logits.back(), target_columns = std::is_same_v<T, Y> ? classes : 1;
  constexpr std::int64_t block = 64;  // rows at a time, so that they are in cache
  const LogitRows shape{block, classes, classes, 1};
  return make_kernel(
      [=, softmax = softmax_rows<T>()](const KernelArguments& arguments) {
        std::size_t next = 0;
        const auto output = [&](bool wanted) { return wanted ? arguments.output<T>(next++) : nullptr; };
        T *const loss = output(asked.loss), *const gradient = output(asked.gradient);
        T* const p = asked.probabilities ? output(true) : gradient;
        const auto at = [](auto* array, std::int64_t index) { return array == nullptr ? nullptr : array + index; };
        const auto* const z = arguments.input<T>(0);
        const auto* const y = arguments.input<Y>(1);
        T top[block], log_sum[block];
        for (std::int64_t begin = arguments.part.row; begin < arguments.part.row_end; begin += block) {
          const std::int64_t n = std::min(block, arguments.part.row_end - begin), first = begin * classes;
          softmax({n, classes, classes, 1}, z + first, at(p, first), top, log_sum,
                  static_cast<T*>(arguments.workspace));
          for (std::int64_t i = 0; i < n; ++i) {
            const std::int64_t here = first + i * classes;
            const Row<T> row{z + here,   at(p, here),         classes,           top[i],
                             log_sum[i], at(loss, begin + i), at(gradient, here)};
            row.compare_with(y + (begin + i) * target_columns);
          }
        }
      },
      static_cast<std::size_t>(shape.workspace()) * sizeof(T),
      row_division(request, flops_of_exponential * static_cast<double>(logits.size())));
}

}  // namespace

KernelPlan plan_softmax_crossentropy(const KernelRequest& request) {
  return with_floating(request.inputs[0].dtype, [&](auto tag) { return plan<decltype(tag), decltype(tag)>(request); });
}

KernelPlan plan_sparse_softmax_crossentropy(const KernelRequest& request) {
  return with_floating(request.inputs[0].dtype, [&](auto tag) {
    return with_type(request.inputs[1].dtype, [&](auto index) -> KernelPlan {
      using Tag = decltype(index);
      using I = std::conditional_t<std::is_same_v<Tag, StoredBool>, std::uint8_t, Tag>;
      if constexpr (std::is_integral_v<I>)
        return plan<decltype(tag), I>(request);
      else
        return {};
    });
  });
}

}  // namespace keratin::cpu
