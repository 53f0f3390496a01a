// The elementwise programs that are compiled ahead of time: the updates of the built-in optimizers and the activations
// of the built-in layers. tests/cpu/compiled_program_test.cpp tells what is missing here, in these words.
#pragma once

#include <cstddef>
#include <cstdint>

#include "ops/elementwise_program.h"

namespace keratin::cpu {

/// An ElementwiseProgram as a constant. Bit k of `fixed`: input k is one number for all elements.
template <std::size_t input_count, std::size_t instruction_count, std::size_t output_count> struct ConstantProgram {
  static constexpr int inputs = input_count, instructions = instruction_count, outputs = output_count;
  std::uint32_t fixed;
  Instruction code[instruction_count];
  int sources[output_count];  // the registers that are written
};

namespace programs {
using enum Function;

/// X + bias.
struct Bias {
  static constexpr ConstantProgram<2, 1, 1> program{0b00, {{add, {0, 1}}}, {2}};
};

/// Relu(x + bias).
struct BiasRelu {
  static constexpr ConstantProgram<2, 2, 1> program{0b00, {{add, {0, 1}}, {relu, {2}}}, {3}};
};

/// Where relu's argument is above 0, the gradient passes.
struct ReluGradient {
  static constexpr ConstantProgram<3, 2, 1> program{0b001, {{less, {0, 1}}, {where, {3, 2, 0}}}, {4}};
};

/// SGD.
struct SgdUpdate {
  static constexpr ConstantProgram<3, 2, 1> program{0b010, {{mul, {0, 1}}, {sub, {2, 3}}}, {4}};
};

/// SGD with momentum.
struct MomentumUpdate {
  static constexpr ConstantProgram<5, 4, 2> program{
      0b01010, {{mul, {0, 1}}, {mul, {2, 3}}, {sub, {6, 5}}, {add, {4, 7}}}, {7, 8}};
};

/// SGD with Nesterov's momentum.
struct NesterovUpdate {
  static constexpr ConstantProgram<5, 6, 2> program{
      0b01010, {{mul, {0, 1}}, {mul, {2, 3}}, {sub, {6, 5}}, {mul, {7, 3}}, {sub, {8, 5}}, {add, {4, 9}}}, {7, 10}};
};

/// RMSprop.
struct RmspropUpdate {
  static constexpr ConstantProgram<7, 9, 2> program{0b0110110,
                                                    {{square, {0}},
                                                     {mul, {1, 7}},
                                                     {mul, {2, 3}},
                                                     {add, {9, 8}},
                                                     {add, {10, 4}},
                                                     {sqrt, {11}},
                                                     {mul, {5, 0}},
                                                     {div, {13, 12}},
                                                     {sub, {6, 14}}},
                                                    {10, 15}};
};

/// RMSprop with Keras 2.3's epsilon.
struct Keras2RmspropUpdate {
  static constexpr ConstantProgram<7, 9, 2> program{0b0110110,
                                                    {{square, {0}},
                                                     {mul, {1, 7}},
                                                     {mul, {2, 3}},
                                                     {add, {9, 8}},
                                                     {sqrt, {10}},
                                                     {add, {11, 4}},
                                                     {mul, {5, 0}},
                                                     {div, {13, 12}},
                                                     {sub, {6, 14}}},
                                                    {10, 15}};
};

/// RMSprop with momentum.
struct RmspropMomentumUpdate {
  static constexpr ConstantProgram<8, 11, 3> program{0b00110110,
                                                     {{square, {0}},
                                                      {mul, {1, 8}},
                                                      {mul, {2, 3}},
                                                      {add, {10, 9}},
                                                      {add, {11, 4}},
                                                      {sqrt, {12}},
                                                      {mul, {5, 0}},
                                                      {div, {14, 13}},
                                                      {mul, {2, 6}},
                                                      {add, {16, 15}},
                                                      {sub, {7, 17}}},
                                                     {11, 17, 18}};
};

/// Centered RMSprop.
struct CenteredRmspropUpdate {
  static constexpr ConstantProgram<8, 14, 3> program{0b01100110,
                                                     {{square, {0}},
                                                      {mul, {1, 8}},
                                                      {mul, {2, 3}},
                                                      {add, {10, 9}},
                                                      {mul, {1, 0}},
                                                      {mul, {2, 4}},
                                                      {add, {13, 12}},
                                                      {square, {14}},
                                                      {sub, {11, 15}},
                                                      {add, {16, 5}},
                                                      {sqrt, {17}},
                                                      {mul, {6, 0}},
                                                      {div, {19, 18}},
                                                      {sub, {7, 20}}},
                                                     {11, 14, 21}};
};

/// Adam.
struct AdamUpdate {
  static constexpr ConstantProgram<8, 12, 3> program{0b01110100,
                                                     {{sub, {0, 1}},
                                                      {mul, {8, 2}},
                                                      {add, {1, 9}},
                                                      {square, {0}},
                                                      {sub, {11, 3}},
                                                      {mul, {12, 4}},
                                                      {add, {3, 13}},
                                                      {sqrt, {14}},
                                                      {add, {15, 5}},
                                                      {mul, {10, 6}},
                                                      {div, {17, 16}},
                                                      {sub, {7, 18}}},
                                                     {10, 14, 19}};
};

/// Adam with amsgrad.
struct AmsgradUpdate {
  static constexpr ConstantProgram<9, 13, 4> program{0b011010100,
                                                     {{sub, {0, 1}},
                                                      {mul, {9, 2}},
                                                      {add, {1, 10}},
                                                      {square, {0}},
                                                      {sub, {12, 3}},
                                                      {mul, {13, 4}},
                                                      {add, {3, 14}},
                                                      {max, {5, 15}},
                                                      {sqrt, {16}},
                                                      {add, {17, 6}},
                                                      {mul, {11, 7}},
                                                      {div, {19, 18}},
                                                      {sub, {8, 20}}},
                                                     {11, 15, 16, 21}};
};

/// AdamW.
struct AdamwUpdate {
  static constexpr ConstantProgram<10, 15, 3> program{0b1110100110,
                                                      {{mul, {0, 1}},
                                                       {mul, {10, 2}},
                                                       {sub, {0, 11}},
                                                       {sub, {3, 4}},
                                                       {mul, {13, 5}},
                                                       {add, {4, 14}},
                                                       {square, {3}},
                                                       {sub, {16, 6}},
                                                       {mul, {17, 7}},
                                                       {add, {6, 18}},
                                                       {sqrt, {19}},
                                                       {add, {20, 8}},
                                                       {mul, {15, 9}},
                                                       {div, {22, 21}},
                                                       {sub, {12, 23}}},
                                                      {15, 19, 24}};
};

/// Adagrad.
struct AdagradUpdate {
  static constexpr ConstantProgram<5, 7, 2> program{
      0b01100,
      {{square, {0}}, {add, {1, 5}}, {add, {6, 2}}, {sqrt, {7}}, {mul, {3, 0}}, {div, {9, 8}}, {sub, {4, 10}}},
      {6, 11}};
};

/// A gradient times an activation's derivative.
struct Product {
  static constexpr ConstantProgram<2, 1, 1> program{0b00, {{mul, {0, 1}}}, {2}};
};

/// Sigmoid(x + bias), and its derivative there.
struct BiasSigmoid {
  static constexpr ConstantProgram<3, 4, 2> program{
      0b100, {{add, {0, 1}}, {sigmoid, {3}}, {sub, {2, 4}}, {mul, {4, 5}}}, {4, 6}};
};

/// Tanh(x + bias), and its derivative there.
struct BiasTanh {
  static constexpr ConstantProgram<3, 4, 2> program{
      0b100, {{add, {0, 1}}, {tanh, {3}}, {mul, {4, 4}}, {sub, {2, 5}}}, {4, 6}};
};

}  // namespace programs

template <class... P> struct ProgramList {};
using CompiledPrograms =
    ProgramList<programs::Bias, programs::Product, programs::BiasRelu, programs::ReluGradient, programs::SgdUpdate,
                programs::MomentumUpdate, programs::NesterovUpdate, programs::RmspropUpdate,
                programs::Keras2RmspropUpdate, programs::RmspropMomentumUpdate, programs::CenteredRmspropUpdate,
                programs::AdamUpdate, programs::AmsgradUpdate, programs::AdamwUpdate, programs::AdagradUpdate,
                programs::BiasSigmoid, programs::BiasTanh>;

}  // namespace keratin::cpu
