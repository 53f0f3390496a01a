#include "cpu/kernel_table.h"

#include "cpu/kernels/kernels.h"
#include "ops/elementwise.h"

namespace keratin::cpu {

namespace {

std::vector<KernelRow> all_rows() {
  std::vector<KernelRow> rows{
      {"ArgMax", {plan_arg_max}},
      {"Assign", {plan_assign}, true, Numbers::all},
      {"AveragePool2D", {plan_average_pool2d}, false, Numbers::float32_alone},
      {"AveragePool2DGradient", {plan_average_pool2d_gradient}, false, Numbers::float32_alone},
      {"Concat", {plan_concat}, false, Numbers::all},
      {"Conv2D", {plan_conv2d}, false, Numbers::float32_alone},
      {"Conv2DInputGradient", {plan_conv2d_input_gradient}, false, Numbers::float32_alone},
      {"Conv2DKernelGradient", {plan_conv2d_kernel_gradient}, false, Numbers::float32_alone},
      {"Gather", {plan_gather}, true},
      {"MatMul", {plan_matmul_tiles, plan_matmul_eigen}, true},
      {"MaxPool2D", {plan_max_pool2d}, false, Numbers::float32_alone},
      {"MaxPool2DGradient", {plan_max_pool2d_gradient}, false, Numbers::float32_alone},
      {"Pad", {plan_pad}, false, Numbers::all},
      {"ProductProgram", {plan_product_program}, true},
      {"RandomNormal", {plan_random}},
      {"RandomUniform", {plan_random}},
      {"ReduceMax", {plan_reduce}, true},
      {"ReduceMin", {plan_reduce}, true},
      {"ReduceProd", {plan_reduce}, true},
      {"ReduceSum", {plan_reduce}, true},
      {"ScatterAdd", {plan_scatter_add}, true},
      {"Slice", {plan_slice}, false, Numbers::all},
      {"Softmax", {plan_softmax}},
      {"SoftmaxCrossentropy", {plan_softmax_crossentropy}},
      {"SparseSoftmaxCrossentropy", {plan_sparse_softmax_crossentropy}},
      {"Transpose", {plan_transpose}, true, Numbers::all},
      {"ElementwiseProgram", {plan_compiled_elementwise, plan_elementwise}, true, Numbers::all},
      {"Cast", {plan_elementwise}, true, Numbers::all},
      {"Expand", {plan_elementwise}, true, Numbers::all},
  };
  for (int f = 0; f < function_count; ++f)  // ops of the same names
    rows.push_back({row(static_cast<Function>(f)).name, {plan_elementwise}, true, Numbers::all});
  return rows;
}

}  // namespace

const std::vector<KernelRow>& kernel_table() {
  static const std::vector<KernelRow> table = all_rows();
  return table;
}

}  // namespace keratin::cpu
