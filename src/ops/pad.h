// Pad: a tensor with a constant around it.
#pragma once

#include <cstdint>
#include <vector>

#include "graph/op.h"

namespace KERATIN_INTERNAL_EXPORT keratin {

/// The input from `before` on (along every axis) in a tensor of the shape `to`, whose other elements are `value`. A
/// before of -k is k·batch.
class Pad final : public Op {
 public:
  Pad(std::vector<std::int64_t> before, Shape to, double value)
      : before_(std::move(before)), to_(std::move(to)), value_(value) {}
  std::string_view name() const override { return "Pad"; }
  void fields(FieldWriter& write) const override;
  Specs infer(std::span<const Spec> inputs) const override;
  Tensors gradient(const GradientRequest& request) const override;
  void to_onnx(OnnxNode& node) const override;
  Traits traits() const override { return {.gradient = true, .onnx = true}; }
  const std::vector<std::int64_t>& before() const { return before_; }
  const Shape& to() const { return to_; }
  double value() const { return value_; }

 private:
  std::vector<std::int64_t> before_;
  Shape to_;
  double value_;
};

}  // namespace keratin
