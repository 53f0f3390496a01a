// SoftmaxCrossentropy and SparseSoftmaxCrossentropy: what is asked of rows of logits, in one launch.
#include "cuda/device_code.cuh"
#include "cuda/softmax_rows.cuh"

#include "ops/softmax_crossentropy.h"

#include <limits>
#include <type_traits>

#include "base/convert.h"
#include "cuda/kernels/kernels.h"

namespace keratin::cuda {
namespace {

template <class T> constexpr T nan = std::numeric_limits<T>::quiet_NaN();

/// A row of logits, and of what its softmax is made of.
template <class T> struct Row {
  const T* z;  // (classes)
  std::int64_t classes;
  T top, log_sum;

  __device__ T log_probability(std::int64_t c) const { return (z[c] - top) - log_sum; }
};

/// The loss −Σ t·log softmax(z) of a row's targets t, and Σ t.
template <class T> struct Compared { T loss, total; };

/// Targets as probabilities t (classes).
template <class T>
__device__ Compared<T> compare(const Row<T>& row, const T* t, const Tile& tile, T* shared) {  // shared (block_threads)
  Accumulator<Sum<T>, T> sum, total;
  for (std::int64_t c = tile.slice(); c < row.classes; c += tile.slices) {
    sum.add(t[c] * row.log_probability(c));
    total.add(t[c]);
  }
  const T all = combine_slices<Sum<T>>(sum.result(), tile, shared);
  return {-all, combine_slices<Sum<T>>(total.result(), tile, shared)};
}

/// A class, or a NaN for one that does not exist.
template <class T, class I>
__device__ Compared<T> compare(const Row<T>& row, const I* chosen, const Tile&, T*) {  // chosen (1)
  if (row.classes == 0) return {nan<T>, nan<T>};
  const auto c = static_cast<std::int64_t>(*chosen);
  return c >= 0 && c < row.classes ? Compared<T>{-row.log_probability(c), T(1)} : Compared<T>{nan<T>, nan<T>};
}

/// The c-th of a row's targets, which y begins with.
template <class T, class Y> __device__ T target(const Y* y, std::int64_t c) {
  if constexpr (std::is_same_v<T, Y>)
    return y[c];
  else
    return static_cast<std::int64_t>(*y) == c ? T(1) : T(0);
}

/// What nobody asks for is null.
template <class T> struct Results {
  T *loss, *gradient, *probabilities;  // (rows), (rows, classes), (rows, classes)
};

/// y: probabilities (rows, classes), or classes (rows).
template <class T, class Y> __global__ void crossentropy(Lines rows, const T* z, const Y* y, Results<T> results) {
  __shared__ T shared[block_threads];
  const Tile& tile = rows.tile;
  const std::int64_t stride = static_cast<std::int64_t>(gridDim.x) * tile.results;
  for (std::int64_t from = static_cast<std::int64_t>(blockIdx.x) * tile.results; from < rows.count; from += stride) {
    const std::int64_t index = from + tile.result(), first = index * rows.length;
    const bool exists = index < rows.count;
    const std::int64_t n = exists ? rows.length : 0;
    const Y* const own = y + (std::is_same_v<T, Y> ? first : index);
    const Exponentials<T> all = exponentials_of(z + first, n, 1, tile, shared);
    const Compared<T> compared = compare(Row<T>{z + first, n, all.top, Log(all.sum)}, own, tile, shared);
    if (exists && tile.slice() == 0 && results.loss != nullptr) results.loss[index] = compared.loss;
    if (results.gradient == nullptr && results.probabilities == nullptr) continue;
    const T scale = T(1) / all.sum;
    for (std::int64_t c = tile.slice(); c < n; c += tile.slices) {
      const T p = Exp(z[first + c] - all.top) * scale;
      if (results.probabilities != nullptr) results.probabilities[first + c] = p;
      if (results.gradient != nullptr) results.gradient[first + c] = p * compared.total - target<T>(own, c);
    }
  }
}

/// Y: T for targets as probabilities, or the integers of classes.
template <class T, class Y> KernelPlan plan(const KernelRequest& request) {
  const Shape& logits = request.inputs[0].shape;
  const CrossentropyResults asked = static_cast<const CrossentropyOp&>(request.op).results();
  const Lines rows = lines_along(logits, logits.rank() - 1);
  if (rows.count == 0) return make_kernel([](const KernelArguments&, cudaStream_t) {});
  return make_kernel([asked, rows](const KernelArguments& arguments, cudaStream_t stream) {
    std::size_t next = 0;
    const auto output = [&](bool wanted) { return wanted ? arguments.output<T>(next++) : nullptr; };
    Results<T> results;
    results.loss = output(asked.loss);
    results.gradient = output(asked.gradient);
    results.probabilities = output(asked.probabilities);
    launch(crossentropy<T, Y>, rows.grid(), block_threads, stream, rows, arguments.input<T>(0), arguments.input<Y>(1),
           results);
  });
}

}  // namespace

KernelPlan plan_softmax_crossentropy(const KernelRequest& request, const Planning&) {
  switch (request.inputs[0].dtype) {
    case DType::float32: return plan<float, float>(request);
    case DType::float64: return plan<double, double>(request);
    default: return {};
  }
}

KernelPlan plan_sparse_softmax_crossentropy(const KernelRequest& request, const Planning&) {
  const DType classes = request.inputs[1].dtype == boolean ? uint8 : request.inputs[1].dtype;
  return with_type(classes, [&](auto index) -> KernelPlan {
    using I = decltype(index);
    if constexpr (std::is_integral_v<I>) {
      if (request.inputs[0].dtype == float32) return plan<float, I>(request);
      if (request.inputs[0].dtype == float64) return plan<double, I>(request);
    }
    return {};
  });
}

}  // namespace keratin::cuda
