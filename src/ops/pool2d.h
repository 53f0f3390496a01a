// MaxPool2D and AveragePool2D: the largest number, or the mean, under a window, channel by channel; and their
// gradients.
#pragma once

#include "graph/op.h"
#include "ops/window.h"

namespace KERATIN_INTERNAL_EXPORT keratin {

/// What a window is moved over channel by channel.
class PoolOp : public Op {
 public:
  explicit PoolOp(const Window& window) : window_(window) {}
  void fields(FieldWriter& write) const override { window_.fields(write); }
  const Window& window() const { return window_; }

 protected:
  Window window_;
};

/// x (n, h, w, c) → (n, rows, columns, c). Padding is never the largest; NaN is, wherever there is one.
class MaxPool2D final : public PoolOp {
 public:
  using PoolOp::PoolOp;
  std::string_view name() const override { return "MaxPool2D"; }
  Specs infer(std::span<const Spec> inputs) const override;
  Tensors expand(std::span<const Tensor> inputs) const override;
  Tensors gradient(const GradientRequest& request) const override;
  void to_onnx(OnnxNode& node) const override;
  Traits traits() const override { return {.gradient = true, .onnx = true, .expansion = true}; }
};

/// x, y = its MaxPool2D and y's gradient g → x's gradient: each number of g goes to the first of the largest, row by
/// row: to the first NaN where there is one, and never to padding.
class MaxPool2DGradient final : public PoolOp {
 public:
  using PoolOp::PoolOp;
  std::string_view name() const override { return "MaxPool2DGradient"; }
  Specs infer(std::span<const Spec> inputs) const override;
  Tensors expand(std::span<const Tensor> inputs) const override;
  Tensors gradient(const GradientRequest& request) const override;
  Traits traits() const override { return {.gradient = true, .expansion = true}; }
};

/// x (n, h, w, c) → (n, rows, columns, c): the mean without the padding.
class AveragePool2D final : public PoolOp {
 public:
  using PoolOp::PoolOp;
  std::string_view name() const override { return "AveragePool2D"; }
  Specs infer(std::span<const Spec> inputs) const override;
  Tensors expand(std::span<const Tensor> inputs) const override;
  Tensors gradient(const GradientRequest& request) const override;
  void to_onnx(OnnxNode& node) const override;
  Traits traits() const override { return {.gradient = true, .onnx = true, .expansion = true}; }
};

/// AveragePool2D's gradient: g (n, rows, columns, c) → (n, h, w, c).
class AveragePool2DGradient final : public PoolOp {
 public:
  AveragePool2DGradient(const Window& window, Shape x) : PoolOp(window), x_(std::move(x)) {}
  std::string_view name() const override { return "AveragePool2DGradient"; }
  void fields(FieldWriter& write) const override;
  Specs infer(std::span<const Spec> inputs) const override;
  Tensors expand(std::span<const Tensor> inputs) const override;
  Tensors gradient(const GradientRequest& request) const override;
  Traits traits() const override { return {.gradient = true, .expansion = true}; }

 private:
  Shape x_;
};

}  // namespace keratin
