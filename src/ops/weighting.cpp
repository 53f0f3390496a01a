#include "ops/weighting.h"

#include "ops/functions.h"

namespace keratin {

std::pair<Tensor, Tensor> to_same_rank(const Tensor& a, const Tensor& b) {
  const int rank_a = a.shape().rank(), rank_b = b.shape().rank();
  if (rank_a == rank_b + 1 && a.shape().back() == 1) {
    if (rank_b == 1) return {a, ops::expand_dims(b, -1)};
    return {ops::squeeze(a, -1), b};
  }
  if (rank_b == rank_a + 1 && b.shape().back() == 1) {
    if (rank_a == 1) return {ops::expand_dims(a, -1), b};
    return {a, ops::squeeze(b, -1)};
  }
  return {a, b};
}

Tensor divide_no_nan(const Tensor& a, const Tensor& b) {
  const Tensor is_zero = ops::equal(b, 0.0);
  return ops::where(is_zero, 0.0, a / ops::where(is_zero, 1.0, b));
}

std::optional<Tensor> mask_of(const Tensor& tensor) {
  const Trace* trace = Trace::current();
  const Tensor mask = trace != nullptr ? trace->mask(tensor) : Tensor();
  return mask ? std::optional(mask) : std::nullopt;
}

std::optional<Tensor> merge_mask(const std::optional<Tensor>& sample_weight, const std::optional<Tensor>& mask,
                                 DType dtype, bool preserve_mean) {
  std::optional<Tensor> weight;
  if (sample_weight) weight = cast_to(*sample_weight, dtype);
  if (!mask) return weight;
  Tensor counts = cast_to(*mask, dtype);  // 1 where the mask is true
  if (preserve_mean) {
    const Tensor total = element_count(mask->shape(), dtype), valid = ops::sum(counts);
    counts *= divide_no_nan(total, valid);
  }
  if (!weight) return counts;
  const auto [a, b] = to_same_rank(counts, *weight);
  return a * b;
}

}  // namespace keratin
