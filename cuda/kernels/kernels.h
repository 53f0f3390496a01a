// The factories of the kernels that are our own, one family a file.
#pragma once

#include "cuda/kernel_table.h"

namespace keratin::cuda {

KernelPlan plan_arg_max(const KernelRequest& request, const Planning& planning);
KernelPlan plan_assign(const KernelRequest& request, const Planning& planning);
KernelPlan plan_average_pool2d(const KernelRequest& request, const Planning& planning);
KernelPlan plan_average_pool2d_gradient(const KernelRequest& request, const Planning& planning);
KernelPlan plan_concat(const KernelRequest& request, const Planning& planning);
KernelPlan plan_conv2d(const KernelRequest& request, const Planning& planning);
KernelPlan plan_conv2d_input_gradient(const KernelRequest& request, const Planning& planning);
KernelPlan plan_conv2d_kernel_gradient(const KernelRequest& request, const Planning& planning);
/// Runs a program instruction by instruction: for where nothing can be compiled at run time.
KernelPlan plan_interpreted_elementwise(const KernelRequest& request, const Planning& planning);
/// Writes the program as CUDA C and compiles it; declines where NVRTC is not there.
KernelPlan plan_compiled_elementwise(const KernelRequest& request, const Planning& planning);
KernelPlan plan_gather(const KernelRequest& request, const Planning& planning);
/// By cuBLASLt.
KernelPlan plan_matmul(const KernelRequest& request, const Planning& planning);
/// By a kernel of our own, for where cuBLASLt is not there.
KernelPlan plan_matmul_own(const KernelRequest& request, const Planning& planning);
KernelPlan plan_max_pool2d(const KernelRequest& request, const Planning& planning);
KernelPlan plan_max_pool2d_gradient(const KernelRequest& request, const Planning& planning);
KernelPlan plan_pad(const KernelRequest& request, const Planning& planning);
KernelPlan plan_product_program(const KernelRequest& request, const Planning& planning);
KernelPlan plan_random(const KernelRequest& request, const Planning& planning);
KernelPlan plan_reduce(const KernelRequest& request, const Planning& planning);
KernelPlan plan_scatter_add(const KernelRequest& request, const Planning& planning);
KernelPlan plan_slice(const KernelRequest& request, const Planning& planning);
KernelPlan plan_softmax(const KernelRequest& request, const Planning& planning);
KernelPlan plan_softmax_crossentropy(const KernelRequest& request, const Planning& planning);
KernelPlan plan_sparse_softmax_crossentropy(const KernelRequest& request, const Planning& planning);
KernelPlan plan_transpose(const KernelRequest& request, const Planning& planning);

}  // namespace keratin::cuda
