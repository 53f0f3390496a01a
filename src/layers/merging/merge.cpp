#include "layers/merging/merge.h"

#include <algorithm>

#include "keratin/ops.h"

namespace keratin {

Tensors Merge::call_many(const Tensors& xs, const CallContext&) {
  check_argument(!xs.empty(), who(), ": expected at least one input, got none");
  int rank = 0;
  for (const Tensor& x : xs) rank = std::max(rank, x.shape().rank());
  Tensors wide;
  for (Tensor x : xs) {
    while (x.shape().rank() < rank) x = ops::expand_dims(x, std::min(1, x.shape().rank()));
    wide.push_back(std::move(x));
  }
  return merge(wide);
}

std::optional<Tensor> Merge::compute_mask(const Tensors&, const CallContext& context) {
  std::optional<Tensor> merged;
  for (const std::optional<Tensor>& mask : context.masks) {
    if (!mask) return std::nullopt;
    merged = merged ? ops::logical_or(*merged, *mask) : *mask;
  }
  return merged;
}

}  // namespace keratin
