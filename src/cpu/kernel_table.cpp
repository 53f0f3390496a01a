#include "cpu/kernel_table.h"

#include "cpu/kernels/kernels.h"

namespace keratin::cpu {

const std::vector<KernelRow>& kernel_table() {
  static const std::vector<KernelRow> table{
      {"ArgMax", {plan_arg_max}},
      {"Assign", {plan_assign}, true},
      {"Concat", {plan_concat}},
      {"Gather", {plan_gather}, true},
      {"MatMul", {plan_matmul_tiles, plan_matmul_eigen}, true},
      {"Pad", {plan_pad}},
      {"ProductProgram", {plan_product_program}, true},
      {"RandomNormal", {plan_random}},
      {"RandomUniform", {plan_random}},
      {"ReduceMax", {plan_reduce}, true},
      {"ReduceMin", {plan_reduce}, true},
      {"ReduceProd", {plan_reduce}, true},
      {"ReduceSum", {plan_reduce}, true},
      {"ScatterAdd", {plan_scatter_add}, true},
      {"Slice", {plan_slice}},
      {"Softmax", {plan_softmax}},
      {"SoftmaxCrossentropy", {plan_softmax_crossentropy}},
      {"SparseSoftmaxCrossentropy", {plan_sparse_softmax_crossentropy}},
      {"Transpose", {plan_transpose}, true},
      // Elementwise, all by one kernel.
      {"ElementwiseProgram", {plan_compiled_elementwise, plan_elementwise}, true},
      {"Cast", {plan_elementwise}, true},
      {"Expand", {plan_elementwise}, true},
      {"Identity", {plan_elementwise}, true},
      {"Neg", {plan_elementwise}, true},
      {"Abs", {plan_elementwise}, true},
      {"Sign", {plan_elementwise}, true},
      {"Square", {plan_elementwise}, true},
      {"Sqrt", {plan_elementwise}, true},
      {"Exp", {plan_elementwise}, true},
      {"Log", {plan_elementwise}, true},
      {"Log1p", {plan_elementwise}, true},
      {"Expm1", {plan_elementwise}, true},
      {"Sin", {plan_elementwise}, true},
      {"Cos", {plan_elementwise}, true},
      {"Tanh", {plan_elementwise}, true},
      {"Erf", {plan_elementwise}, true},
      {"Floor", {plan_elementwise}, true},
      {"Ceil", {plan_elementwise}, true},
      {"Round", {plan_elementwise}, true},
      {"Sigmoid", {plan_elementwise}, true},
      {"Relu", {plan_elementwise}, true},
      {"IsFinite", {plan_elementwise}, true},
      {"Not", {plan_elementwise}, true},
      {"Add", {plan_elementwise}, true},
      {"Sub", {plan_elementwise}, true},
      {"Mul", {plan_elementwise}, true},
      {"Div", {plan_elementwise}, true},
      {"Max", {plan_elementwise}, true},
      {"Min", {plan_elementwise}, true},
      {"Pow", {plan_elementwise}, true},
      {"Equal", {plan_elementwise}, true},
      {"Less", {plan_elementwise}, true},
      {"LessOrEqual", {plan_elementwise}, true},
      {"And", {plan_elementwise}, true},
      {"Or", {plan_elementwise}, true},
      {"Where", {plan_elementwise}, true},
  };
  return table;
}

}  // namespace keratin::cpu
