// What the compiler makes of training steps that decide element by element: no boolean in memory, and programs that are
// compiled ahead of time.
#include <gtest/gtest.h>

#include <algorithm>

#include "compiler/compile.h"
#include "cpu/cpu_backend.h"
#include "keratin/layers.h"
#include "keratin/model.h"
#include "ops/product_program.h"
#include "simd/compiled_program.h"
#include "training/step.h"

namespace keratin {
namespace {

Graph step_of(const char* activation) {
  Sequential model({Input({40}), layers::Dense(30, {.activation = activation}), layers::Dropout(0.3),
                    layers::Dense(10, {.activation = "softmax"})});
  model.compile({.optimizer = "sgd", .loss = "sparse_categorical_crossentropy"});
  const Feeds feeds{{{float32, {unknown, 40}}}, {{int32, {unknown}}}, false};
  return apply_passes(trace_step(model, Mode::train, feeds).graph, cpu::CpuBackend());
}

/// The program of the node; null if it has none, or computes one number for each sample or step.
const ElementwiseProgram* program_of(const Node& node) {
  if (node.outputs.empty() || node.outputs[0].shape.rank() < 2) return nullptr;
  if (node.op->name() == "ElementwiseProgram") return static_cast<const ElementwiseProgram*>(node.op.get());
  if (node.op->name() == "ProductProgram") return &static_cast<const ProductProgram&>(*node.op).program();
  return nullptr;
}

bool is_compiled(const ElementwiseProgram& program) {
  for (std::uint32_t fixed = 0; fixed < (1u << program.inputs()); ++fixed)
    if (cpu::compiled_program(program, fixed) != nullptr) return true;
  return false;
}

class StepPrograms : public ::testing::TestWithParam<const char*> {};

TEST_P(StepPrograms, KeepNoBooleanInMemoryAndAreCompiled) {
  const Graph graph = step_of(GetParam());
  int programs = 0;
  for (const Node& node : graph.nodes()) {
    for (const Spec& output : node.outputs) EXPECT_NE(output.dtype, boolean) << to_string(*node.op);
    const ElementwiseProgram* const program = program_of(node);
    if (program == nullptr) continue;
    ++programs;
    EXPECT_TRUE(is_compiled(*program)) << to_string(*node.op);
  }
  EXPECT_GE(programs, 4);
}

INSTANTIATE_TEST_SUITE_P(Of, StepPrograms, ::testing::Values("relu", "elu", "leaky_relu", "gelu", "tanh"),
                         [](const auto& tested) { return tested.param; });

}  // namespace
}  // namespace keratin
