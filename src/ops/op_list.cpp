#include "ops/op_list.h"

namespace keratin {
namespace {

using enum OpKind;

constexpr OpRow rows[] = {
    {"Input", leaf},
    {"Placeholder", leaf},
    {"Constant", leaf},
    {"BatchSize", leaf},
    {"ReadVariable", leaf},
    {"Reshape", view},
    {"StopGradient", view},
    {"Identity", elementwise},
    {"Neg", elementwise},
    {"Abs", elementwise},
    {"Sign", elementwise},
    {"Square", elementwise},
    {"Sqrt", elementwise},
    {"Exp", elementwise},
    {"Log", elementwise},
    {"Log1p", elementwise},
    {"Expm1", elementwise},
    {"Sin", elementwise},
    {"Cos", elementwise},
    {"Tanh", elementwise},
    {"Erf", elementwise},
    {"Floor", elementwise},
    {"Ceil", elementwise},
    {"Round", elementwise},
    {"Sigmoid", elementwise},
    {"Relu", elementwise},
    {"IsFinite", elementwise},
    {"Not", elementwise},
    {"Add", elementwise},
    {"Sub", elementwise},
    {"Mul", elementwise},
    {"Div", elementwise},
    {"Max", elementwise},
    {"Min", elementwise},
    {"Pow", elementwise},
    {"Equal", elementwise},
    {"Less", elementwise},
    {"LessOrEqual", elementwise},
    {"And", elementwise},
    {"Or", elementwise},
    {"Where", elementwise},
    {"Cast", elementwise},
    {"Expand", elementwise},
    {"ElementwiseProgram", elementwise},
    {"ProductProgram", elementwise},
    {"ArgMax", kernel},
    {"Assign", kernel},
    {"Concat", kernel},
    {"Gather", kernel},
    {"MatMul", kernel},
    {"Pad", kernel},
    {"RandomNormal", kernel},
    {"RandomUniform", kernel},
    {"ReduceMax", kernel},
    {"ReduceMin", kernel},
    {"ReduceProd", kernel},
    {"ReduceSum", kernel},
    {"ScatterAdd", kernel},
    {"Slice", kernel},
    {"Transpose", kernel},
    {"Softmax", expansion},
    {"SoftmaxCrossentropy", expansion},
    {"SparseSoftmaxCrossentropy", expansion},
};

}  // namespace

std::span<const OpRow> op_list() { return rows; }

}  // namespace keratin
