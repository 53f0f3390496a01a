// ReduceSum, ReduceMax, ReduceMin, ReduceProd over any set of axes.
#pragma once

#include <vector>

#include "graph/op.h"

namespace KERATIN_INTERNAL_EXPORT keratin {

enum class Reduction : std::uint8_t { sum, max, min, prod };

class Reduce final : public Op {
 public:
  /// axes: ascending, non-negative.
  Reduce(Reduction reduction, std::vector<int> axes, bool keepdims)
      : reduction_(reduction), axes_(std::move(axes)), keepdims_(keepdims) {}
  std::string_view name() const override;
  void fields(FieldWriter& write) const override;
  Specs infer(std::span<const Spec> inputs) const override;
  Tensors gradient(const GradientRequest& request) const override;
  void to_onnx(OnnxNode& node) const override;
  Traits traits() const override { return {.gradient = true, .onnx = true}; }
  Reduction reduction() const { return reduction_; }
  const std::vector<int>& axes() const { return axes_; }
  bool keepdims() const { return keepdims_; }

 private:
  void emit_reduction(OnnxNode& node, const std::string& from, const std::string& to) const;

  Reduction reduction_;
  std::vector<int> axes_;
  bool keepdims_;
};

/// The shape with extent 1 along the axes.
Shape with_ones(const Shape& shape, const std::vector<int>& axes);

}  // namespace keratin
