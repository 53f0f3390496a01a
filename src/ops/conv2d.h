// Conv2D: a convolution (cross-correlation) of images, and its two gradients, which are each other's gradients, too.
#pragma once

#include "graph/op.h"
#include "ops/window.h"

namespace KERATIN_INTERNAL_EXPORT keratin {

/// x (n, h, w, c), kernel (kh, kw, c / groups, filters) → (n, rows, columns, filters): at every position of the window
/// the sum over it and over a group's channels. Group i has its share of the channels and of the filters.
class Conv2D final : public Op {
 public:
  Conv2D(const Window& window, std::int64_t groups) : window_(window), groups_(groups) {}
  std::string_view name() const override { return "Conv2D"; }
  void fields(FieldWriter& write) const override;
  Specs infer(std::span<const Spec> inputs) const override;
  Tensors expand(std::span<const Tensor> inputs) const override;
  Tensors gradient(const GradientRequest& request) const override;
  void to_onnx(OnnxNode& node) const override;
  Traits traits() const override { return {.gradient = true, .onnx = true, .expansion = true}; }
  const Window& window() const { return window_; }
  std::int64_t groups() const { return groups_; }

 private:
  Window window_;
  std::int64_t groups_;
};

/// Conv2D's gradient by x: g (n, rows, columns, filters), kernel (kh, kw, c / groups, filters) → (n, h, w, c).
class Conv2DInputGradient final : public Op {
 public:
  Conv2DInputGradient(const Window& window, std::int64_t groups, Shape x)
      : window_(window), groups_(groups), x_(std::move(x)) {}
  std::string_view name() const override { return "Conv2DInputGradient"; }
  void fields(FieldWriter& write) const override;
  Specs infer(std::span<const Spec> inputs) const override;
  Tensors expand(std::span<const Tensor> inputs) const override;
  Tensors gradient(const GradientRequest& request) const override;
  Traits traits() const override { return {.gradient = true, .expansion = true}; }
  const Window& window() const { return window_; }
  std::int64_t groups() const { return groups_; }

 private:
  Window window_;
  std::int64_t groups_;
  Shape x_;
};

/// Conv2D's gradient by the kernel: x (n, h, w, c), g (n, rows, columns, filters) → (kh, kw, c / groups, filters).
class Conv2DKernelGradient final : public Op {
 public:
  Conv2DKernelGradient(const Window& window, std::int64_t groups) : window_(window), groups_(groups) {}
  std::string_view name() const override { return "Conv2DKernelGradient"; }
  void fields(FieldWriter& write) const override;
  Specs infer(std::span<const Spec> inputs) const override;
  Tensors expand(std::span<const Tensor> inputs) const override;
  Tensors gradient(const GradientRequest& request) const override;
  Traits traits() const override { return {.gradient = true, .expansion = true}; }
  const Window& window() const { return window_; }
  std::int64_t groups() const { return groups_; }

 private:
  Window window_;
  std::int64_t groups_;
};

}  // namespace keratin
