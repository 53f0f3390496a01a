// The factories of the CPU's kernels, one per file of this folder, and what they share. kernel_table.cpp lists them.
#pragma once

#include <cstdint>

#include "cpu/kernel_table.h"

namespace KERATIN_INTERNAL_EXPORT keratin {
namespace cpu {

KernelPlan plan_arg_max(const KernelRequest& request);
KernelPlan plan_assign(const KernelRequest& request);
KernelPlan plan_average_pool2d(const KernelRequest& request);
KernelPlan plan_average_pool2d_gradient(const KernelRequest& request);
KernelPlan plan_compiled_elementwise(const KernelRequest& request);
KernelPlan plan_concat(const KernelRequest& request);
KernelPlan plan_conv2d(const KernelRequest& request);
KernelPlan plan_conv2d_input_gradient(const KernelRequest& request);
KernelPlan plan_conv2d_kernel_gradient(const KernelRequest& request);
KernelPlan plan_elementwise(const KernelRequest& request);
KernelPlan plan_gather(const KernelRequest& request);
KernelPlan plan_max_pool2d(const KernelRequest& request);
KernelPlan plan_max_pool2d_gradient(const KernelRequest& request);
KernelPlan plan_matmul_eigen(const KernelRequest& request);
KernelPlan plan_matmul_tiles(const KernelRequest& request);
KernelPlan plan_pad(const KernelRequest& request);
KernelPlan plan_product_program(const KernelRequest& request);
KernelPlan plan_random(const KernelRequest& request);
KernelPlan plan_reduce(const KernelRequest& request);
KernelPlan plan_scatter_add(const KernelRequest& request);
KernelPlan plan_slice(const KernelRequest& request);
KernelPlan plan_softmax(const KernelRequest& request);
KernelPlan plan_softmax_crossentropy(const KernelRequest& request);
KernelPlan plan_sparse_softmax_crossentropy(const KernelRequest& request);
KernelPlan plan_transpose(const KernelRequest& request);

/// make(T{}) for the C++ type of a floating-point dtype; no kernel for the others.
template <class Make> KernelPlan with_floating(DType dtype, const Make& make) {
  switch (dtype) {
    case DType::float32: return make(float{});
    case DType::float64: return make(double{});
    default: return {};
  }
}

/// The same for floating-point numbers and integers.
template <class Make> KernelPlan with_number(DType dtype, const Make& make) {
  switch (dtype) {
    case DType::int8: return make(std::int8_t{});
    case DType::uint8: return make(std::uint8_t{});
    case DType::int32: return make(std::int32_t{});
    case DType::int64: return make(std::int64_t{});
    default: return with_floating(dtype, make);
  }
}

}  // namespace cpu
}  // namespace keratin
