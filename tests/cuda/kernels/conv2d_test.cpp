// Convolutions on our kernels for CUDA, so large that every kind of tile, and several parts of a sum, are used; smaller
// ones are in tests/ops/conv2d_test.cpp.
#include "ops/conv2d.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <memory>

#include "cuda/cuda_backend.h"
#include "ops/functions.h"
#include "support/approx.h"
#include "support/interpret.h"
#include "support/op_case.h"

namespace keratin {
namespace {

using OpRef = std::shared_ptr<const Op>;

struct Convolution {
  Shape x;  // (n, h, w, c)
  std::int64_t filters;
  Window window;
  std::int64_t groups = 1;

  Shape kernel() const { return {window.size[0], window.size[1], x[3] / groups, filters}; }
  Shape y() const { return window.positions(x, filters); }
  OpRef forward() const { return std::make_shared<Conv2D>(window, groups); }
  OpRef input_gradient() const { return std::make_shared<Conv2DInputGradient>(window, groups, x); }
  OpRef kernel_gradient() const { return std::make_shared<Conv2DKernelGradient>(window, groups); }
};

std::vector<Convolution> convolutions() {
  const auto same = [](const Shape& x, Pair size, Pair strides) { return Window::padded(x, "same", size, strides); };
  return {
      {{2, 20, 22, 1}, 6, {{5, 5}}},                                      // tiles of 8 channels
      {{2, 17, 19, 6}, 16, {{3, 4}}},                                     // of 16
      {{1, 18, 19, 3}, 30, same({1, 18, 19, 3}, {3, 3}, {1, 1})},         // of 32
      {{3, 18, 18, 8}, 40, {{3, 3}}},                                     // of 64
      {{2, 31, 30, 33}, 70, same({2, 31, 30, 33}, {2, 3}, {2, 3})},       // classes of unlike numbers of pixels
      {{2, 18, 17, 18}, 36, same({2, 18, 17, 18}, {3, 3}, {2, 1}), 2},    // groups
      {{2, 20, 19, 12}, 24, same({2, 20, 19, 12}, {3, 3}, {1, 1}), 12},   // groups of one channel
      {{1, 25, 24, 4}, 20, {{2, 3}, {2, 4}, {3, 2}, {3, 1}, {2, 0}}, 1},  // pixels that nobody sees
  };
}

/// Of the op on CUDA's kernels and on the CPU's.
void expect_as_on_the_cpu(const OpRef& op, const Shape& a, const Shape& b, std::int64_t terms) {
  SCOPED_TRACE(to_string(*op));
  for (const DType dtype : {float32, float64}) {
    const std::vector<Array> inputs{testing::draw({a}, dtype, 0), testing::draw({b}, dtype, 1)};
    const Tensor on_the_cpu = keratin::apply(op, {inputs[0], inputs[1]})[0];
    EXPECT_CLOSE(testing::run_op(*op, inputs)[0], on_the_cpu.evaluate(), testing::tolerance_of(dtype, terms));
  }
}

TEST(CudaConv2D, IsThatOfTheCpu) {
  for (const Convolution& c : convolutions())
    expect_as_on_the_cpu(c.forward(), c.x, c.kernel(), c.kernel().size() / c.filters);
}
TEST(CudaConv2DInputGradient, IsThatOfTheCpu) {
  for (const Convolution& c : convolutions())
    expect_as_on_the_cpu(c.input_gradient(), c.y(), c.kernel(), c.kernel().size());
}
TEST(CudaConv2DKernelGradient, IsThatOfTheCpu) {
  for (const Convolution& c : convolutions())
    expect_as_on_the_cpu(c.kernel_gradient(), c.x, c.y(), c.y().size() / c.filters);
}

/// What a device of so many multiprocessors makes of the op.
Array made_by(int multiprocessors, const Op& op, const Array& a, const Array& b) {
  const cuda::CudaBackend backend({.multiprocessors = multiprocessors});
  const Specs inputs{{a.dtype(), a.shape()}, {b.dtype(), b.shape()}}, outputs = op.infer(inputs);
  const KernelPlan plan = backend.plan({op, inputs, outputs});
  Array made = Array::zeros(outputs[0].shape, outputs[0].dtype);
  std::vector<std::byte> workspace(plan.workspace_bytes);
  const void* const from[] = {a.bytes().data(), b.bytes().data()};
  void* const to[] = {made.bytes().data()};
  static_cast<const cuda::CudaKernel&>(*plan.kernel).enqueue({from, to, workspace.data()}, nullptr);
  return made;
}

TEST(CudaConv2D, HasTheSameBitsWhateverTheDevice) {
  for (const Convolution& c : convolutions()) {
    const Array x = testing::draw({c.x}, float32, 0), y = testing::draw({c.y()}, float32, 1);
    const Array kernel = testing::draw({c.kernel()}, float32, 2);
    const auto expect_same = [&](const OpRef& op, const Array& a, const Array& b) {
      SCOPED_TRACE(to_string(*op));
      const Array large = made_by(1, *op, a, b), small = made_by(1 << 20, *op, a, b);  // tiles
      EXPECT_TRUE(std::ranges::equal(large.bytes(), small.bytes()));
    };
    expect_same(c.forward(), x, kernel);
    expect_same(c.input_gradient(), y, kernel);
    expect_same(c.kernel_gradient(), x, y);
  }
}

}  // namespace
}  // namespace keratin
