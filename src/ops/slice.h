// Slice: a part of a tensor along every axis.
#pragma once

#include <cstdint>
#include <vector>

#include "graph/op.h"

namespace KERATIN_INTERNAL_EXPORT keratin {

/// Output element (i, j, …) is input element (start_0 + i·step_0, start_1 + j·step_1, …). Steps are positive. A start
/// of -k is k·batch, as an extent of -k is: what a concatenation of batches is taken apart with. (Slice is the public
/// start:stop:step.)
class StridedSlice final : public Op {
 public:
  StridedSlice(std::vector<std::int64_t> starts, Shape extents, std::vector<std::int64_t> steps)
      : starts_(std::move(starts)), extents_(std::move(extents)), steps_(std::move(steps)) {}
  std::string_view name() const override { return "Slice"; }
  void fields(FieldWriter& write) const override;
  Specs infer(std::span<const Spec> inputs) const override;
  Tensors gradient(const GradientRequest& request) const override;
  void to_onnx(OnnxNode& node) const override;
  Traits traits() const override { return {.gradient = true, .onnx = true}; }
  const std::vector<std::int64_t>& starts() const { return starts_; }
  const Shape& extents() const { return extents_; }
  const std::vector<std::int64_t>& steps() const { return steps_; }

 private:
  std::vector<std::int64_t> starts_;
  Shape extents_;
  std::vector<std::int64_t> steps_;
};

/// The gradient of a StridedSlice: value (i, j, …) at element (start_0 + i·step_0, …) of zeros of that shape.
Tensor put_apart(const Tensor& values, const Shape& whole, const std::vector<std::int64_t>& starts,
                 const std::vector<std::int64_t>& steps);

}  // namespace keratin
