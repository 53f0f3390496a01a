#include "cpu/kernel_table.h"

#include "cpu/kernels/kernels.h"

namespace keratin::cpu {

const std::vector<KernelRow>& kernel_table() {
  static const std::vector<KernelRow> table{
      {"ArgMax", {plan_arg_max}},
      {"Assign", {plan_assign}},
      {"Concat", {plan_concat}},
      {"Gather", {plan_gather}},
      {"MatMul", {plan_matmul_tiles, plan_matmul_eigen}},
      {"Pad", {plan_pad}},
      {"ProductProgram", {plan_product_program}},
      {"RandomNormal", {plan_random}},
      {"RandomUniform", {plan_random}},
      {"ReduceMax", {plan_reduce}},
      {"ReduceMin", {plan_reduce}},
      {"ReduceProd", {plan_reduce}},
      {"ReduceSum", {plan_reduce}},
      {"ScatterAdd", {plan_scatter_add}},
      {"Slice", {plan_slice}},
      {"Softmax", {plan_softmax}},
      {"SoftmaxCrossentropy", {plan_softmax_crossentropy}},
      {"SparseSoftmaxCrossentropy", {plan_sparse_softmax_crossentropy}},
      {"Transpose", {plan_transpose}},
      // Elementwise, all by one kernel.
      {"ElementwiseProgram", {plan_compiled_elementwise, plan_elementwise}},
      {"Cast", {plan_elementwise}},
      {"Expand", {plan_elementwise}},
      {"Identity", {plan_elementwise}},
      {"Neg", {plan_elementwise}},
      {"Abs", {plan_elementwise}},
      {"Sign", {plan_elementwise}},
      {"Square", {plan_elementwise}},
      {"Sqrt", {plan_elementwise}},
      {"Exp", {plan_elementwise}},
      {"Log", {plan_elementwise}},
      {"Log1p", {plan_elementwise}},
      {"Expm1", {plan_elementwise}},
      {"Sin", {plan_elementwise}},
      {"Cos", {plan_elementwise}},
      {"Tanh", {plan_elementwise}},
      {"Erf", {plan_elementwise}},
      {"Floor", {plan_elementwise}},
      {"Ceil", {plan_elementwise}},
      {"Round", {plan_elementwise}},
      {"Sigmoid", {plan_elementwise}},
      {"Relu", {plan_elementwise}},
      {"IsFinite", {plan_elementwise}},
      {"Not", {plan_elementwise}},
      {"Add", {plan_elementwise}},
      {"Sub", {plan_elementwise}},
      {"Mul", {plan_elementwise}},
      {"Div", {plan_elementwise}},
      {"Max", {plan_elementwise}},
      {"Min", {plan_elementwise}},
      {"Pow", {plan_elementwise}},
      {"Equal", {plan_elementwise}},
      {"Less", {plan_elementwise}},
      {"LessOrEqual", {plan_elementwise}},
      {"And", {plan_elementwise}},
      {"Or", {plan_elementwise}},
      {"Where", {plan_elementwise}},
  };
  return table;
}

}  // namespace keratin::cpu
