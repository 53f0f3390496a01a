// SoftmaxCrossentropy and SparseSoftmaxCrossentropy: one number for each row of logits.
#include "ops/softmax_crossentropy.h"

#include <limits>

#include "cpu/convert.h"
#include "cpu/division.h"
#include "cpu/kernels/kernels.h"
#include "cpu/lanes.h"

namespace keratin::cpu {
namespace {

/// The largest logit of a row, and log Σ e^(z − top).
template <class T> struct Normalizer {
  T top = -std::numeric_limits<T>::infinity();
  T log_sum = 0;
  Normalizer(const T* z, std::int64_t classes) {
    for (std::int64_t j = 0; j < classes; ++j) top = scalar::max(top, z[j]);
    T sum = 0;
    constexpr std::int64_t block = 64;  // the exponentials of a block are a loop of their own: vectorised
    T e[block];
    for (std::int64_t j = 0; j < classes; j += block) {
      const std::int64_t n = classes - j < block ? classes - j : block;
      for (std::int64_t i = 0; i < n; ++i) e[i] = scalar::exp_(z[j + i] - top);
      for (std::int64_t i = 0; i < n; ++i) sum += e[i];
    }
    log_sum = scalar::log_(sum);
  }
};

/// z, y (rows, classes); loss (rows).
template <class T> void crossentropy(const T* z, const T* y, T* loss, std::int64_t rows, std::int64_t classes) {
  for (std::int64_t r = 0; r < rows; ++r, z += classes, y += classes) {
    const Normalizer<T> row(z, classes);
    T sum = 0;
    for (std::int64_t j = 0; j < classes; ++j) sum += y[j] * ((z[j] - row.top) - row.log_sum);
    loss[r] = -sum;
  }
}

/// z (rows, classes), index (rows) below classes; loss (rows).
template <class T, class I>
void sparse_crossentropy(const T* z, const I* index, T* loss, std::int64_t rows, std::int64_t classes) {
  for (std::int64_t r = 0; r < rows; ++r, z += classes) {
    const auto chosen = static_cast<std::int64_t>(index[r]);
    if (chosen < 0 || chosen >= classes) {
      loss[r] = std::numeric_limits<T>::quiet_NaN();
      continue;
    }
    const Normalizer<T> row(z, classes);
    loss[r] = -((z[chosen] - row.top) - row.log_sum);
  }
}

}  // namespace

KernelPlan plan_softmax_crossentropy(const KernelRequest& request) {
  const Shape& logits = request.inputs[0].shape;
  const std::int64_t classes = logits.back();
  return with_floating(request.inputs[0].dtype, [&](auto tag) {
    using T = decltype(tag);
    return make_kernel(
        [classes](const KernelArguments& arguments) {
          const Region& part = arguments.part;
          crossentropy(static_cast<const T*>(arguments.inputs[0]) + part.row * classes,
                       static_cast<const T*>(arguments.inputs[1]) + part.row * classes,
                       static_cast<T*>(arguments.outputs[0]) + part.row, part.rows(), classes);
        },
        0, row_division(request, flops_of_exponential * static_cast<double>(logits.size())));
  });
}

KernelPlan plan_sparse_softmax_crossentropy(const KernelRequest& request) {
  const Shape& logits = request.inputs[0].shape;
  const std::int64_t classes = logits.back();
  return with_floating(request.inputs[0].dtype, [&](auto tag) {
    using T = decltype(tag);
    return with_any(request.inputs[1].dtype, [&](auto index) -> KernelPlan {
      using Tag = decltype(index);
      using I = std::conditional_t<std::is_same_v<Tag, bool>, std::uint8_t, Tag>;  // the bytes of a bool may be any
      if constexpr (std::is_integral_v<I>) {
        return make_kernel(
            [classes](const KernelArguments& arguments) {
              const Region& part = arguments.part;
              sparse_crossentropy(static_cast<const T*>(arguments.inputs[0]) + part.row * classes,
                                  static_cast<const I*>(arguments.inputs[1]) + part.row,
                                  static_cast<T*>(arguments.outputs[0]) + part.row, part.rows(), classes);
            },
            0, row_division(request, flops_of_exponential * static_cast<double>(logits.size())));
      } else {
        return {};
      }
    });
  });
}

}  // namespace keratin::cpu
