#include "cuda/kernel_table.h"

#include "base/check.h"
#include "cuda/kernels/kernels.h"
#include "ops/elementwise.h"

namespace keratin::cuda {
namespace {

std::vector<KernelRow> all_rows() {
  std::vector<KernelRow> rows{
      {"ArgMax", {plan_arg_max}},
      {"Assign", {plan_assign}, true, true},
      {"AveragePool2D", {plan_average_pool2d}},
      {"AveragePool2DGradient", {plan_average_pool2d_gradient}},
      {"Concat", {plan_concat}, false, true},
      {"Conv2D", {plan_conv2d}},
      {"Conv2DInputGradient", {plan_conv2d_input_gradient}},
      {"Conv2DKernelGradient", {plan_conv2d_kernel_gradient}},
      {"Gather", {plan_gather}, true, true},
      {"MatMul", {plan_matmul, plan_matmul_own}, true},
      {"MaxPool2D", {plan_max_pool2d}},
      {"MaxPool2DGradient", {plan_max_pool2d_gradient}},
      {"Pad", {plan_pad}, false, true},
      {"ProductProgram", {plan_product_program}, true},
      {"RandomNormal", {plan_random}},
      {"RandomUniform", {plan_random}},
      {"ReduceMax", {plan_reduce}, true},
      {"ReduceMin", {plan_reduce}, true},
      {"ReduceProd", {plan_reduce}, true},
      {"ReduceSum", {plan_reduce}, true},
      {"ScatterAdd", {plan_scatter_add}, true},
      {"Slice", {plan_slice}, false, true},
      {"Softmax", {plan_softmax}},
      {"SoftmaxCrossentropy", {plan_softmax_crossentropy}},
      {"SparseSoftmaxCrossentropy", {plan_sparse_softmax_crossentropy}},
      {"Transpose", {plan_transpose}, true, true},
      {"ElementwiseProgram", {plan_compiled_elementwise, plan_interpreted_elementwise}, true, true},
      {"Cast", {plan_compiled_elementwise, plan_interpreted_elementwise}, true, true},
      {"Expand", {plan_compiled_elementwise, plan_interpreted_elementwise}, true, true},
  };
  for (int f = 0; f < function_count; ++f)  // ops of the same names
    rows.push_back(
        {row(static_cast<Function>(f)).name, {plan_compiled_elementwise, plan_interpreted_elementwise}, true, true});
  return rows;
}

}  // namespace

void CudaKernel::run(const KernelArguments&) const {
  throw InternalError("cuda: a kernel was run by a thread of the host; please report it");
}

const std::vector<KernelRow>& kernel_table() {
  static const std::vector<KernelRow> table = all_rows();
  return table;
}

}  // namespace keratin::cuda
