// Conv2D: a convolution (cross-correlation) of images, and its two gradients, which are each other's gradients, too.
#pragma once

#include "graph/op.h"
#include "ops/window.h"

namespace KERATIN_INTERNAL_EXPORT keratin {

/// A window over images, and groups: group i has its share of the channels and of the filters.
class ConvolutionOp : public Op {
 public:
  ConvolutionOp(const Window& window, std::int64_t groups) : window_(window), groups_(groups) {}
  void fields(FieldWriter& write) const override;
  const Window& window() const { return window_; }
  std::int64_t groups() const { return groups_; }

 protected:
  Window window_;
  std::int64_t groups_;
};

/// x (n, h, w, c), kernel (kh, kw, c / groups, filters) → (n, rows, columns, filters): at every position of the window
/// the sum over it and over a group's channels.
class Conv2D final : public ConvolutionOp {
 public:
  using ConvolutionOp::ConvolutionOp;
  std::string_view name() const override { return "Conv2D"; }
  Specs infer(std::span<const Spec> inputs) const override;
  Tensors expand(std::span<const Tensor> inputs) const override;
  Tensors gradient(const GradientRequest& request) const override;
  void to_onnx(OnnxNode& node) const override;
  Traits traits() const override { return {.gradient = true, .onnx = true, .expansion = true}; }
};

/// Conv2D's gradient by x: g (n, rows, columns, filters), kernel (kh, kw, c / groups, filters) → (n, h, w, c).
class Conv2DInputGradient final : public ConvolutionOp {
 public:
  Conv2DInputGradient(const Window& window, std::int64_t groups, Shape x)
      : ConvolutionOp(window, groups), x_(std::move(x)) {}
  std::string_view name() const override { return "Conv2DInputGradient"; }
  void fields(FieldWriter& write) const override;
  Specs infer(std::span<const Spec> inputs) const override;
  Tensors expand(std::span<const Tensor> inputs) const override;
  Tensors gradient(const GradientRequest& request) const override;
  Traits traits() const override { return {.gradient = true, .expansion = true}; }

 private:
  Shape x_;
};

/// Conv2D's gradient by the kernel: x (n, h, w, c), g (n, rows, columns, filters) → (kh, kw, c / groups, filters).
class Conv2DKernelGradient final : public ConvolutionOp {
 public:
  using ConvolutionOp::ConvolutionOp;
  std::string_view name() const override { return "Conv2DKernelGradient"; }
  Specs infer(std::span<const Spec> inputs) const override;
  Tensors expand(std::span<const Tensor> inputs) const override;
  Tensors gradient(const GradientRequest& request) const override;
  Traits traits() const override { return {.gradient = true, .expansion = true}; }
};

}  // namespace keratin
