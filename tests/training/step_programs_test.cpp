// What the compiler makes of training steps: no boolean in memory, programs that are compiled ahead of time, and few
// barriers.
#include <gtest/gtest.h>

#include <cstdint>
#include <vector>

#include "compiler/compile.h"
#include "cpu/cpu_backend.h"
#include "keratin/layers.h"
#include "keratin/model.h"
#include "models/lenet5.h"
#include "models/mnist_mlp.h"
#include "models/vgg_small.h"
#include "ops/product_program.h"
#include "runtime/elementwise_geometry.h"
#include "simd/compiled_program.h"
#include "training/step.h"

namespace keratin {
namespace {

Graph step_of(Model model, const Shape& x, Mode mode = Mode::train, const char* optimizer = "sgd") {
  model.compile({.optimizer = optimizer, .loss = "sparse_categorical_crossentropy"});
  Feeds feeds{{{float32, x}}, {}, false};
  if (mode != Mode::predict) feeds.y = {{int32, {unknown}}};
  return apply_passes(trace_step(model, mode, feeds).graph, cpu::CpuBackend());
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

/// All that compute for each sample or weight; no boolean is kept in memory.
void expect_compiled(const Graph& graph, int least) {
  int programs = 0;
  for (const Node& node : graph.nodes()) {
    for (const Spec& output : node.outputs) EXPECT_NE(output.dtype, boolean) << to_string(*node.op);
    const ElementwiseProgram* const program = program_of(node);
    if (program == nullptr) continue;
    ++programs;
    EXPECT_TRUE(is_compiled(*program)) << to_string(*node.op);
  }
  EXPECT_GE(programs, least);
}

class StepPrograms : public ::testing::TestWithParam<const char*> {};

TEST_P(StepPrograms, KeepNoBooleanInMemoryAndAreCompiled) {
  const Sequential model({Input({40}), layers::Dense(30, {.activation = GetParam()}), layers::Dropout(0.3),
                          layers::Dense(10, {.activation = "softmax"})});
  expect_compiled(step_of(model, {unknown, 40}), 4);
}

TEST(TutorialStep, WaitsTwiceAndAtItsEnd) {
  for (const char* optimizer : {"sgd", "adam"}) {
    const Graph step = step_of(models::mnist_mlp(), {unknown, 784}, Mode::train, optimizer);
    for (const int members : {2, 3}) {
      const Program program = lower(step, 50, cpu::CpuBackend(), {.threads = members, .least_flops = 0});
      EXPECT_EQ(program.launches.back().epoch, 2) << optimizer << ", " << members << " members\n" << print(program);
    }
  }
}

/// The same of what is planned: with the inputs fixed that are, and of what is computed for each channel, too.
void expect_compiled_as_planned(const Graph& graph) {
  constexpr std::int64_t batch = 50;
  const Program planned = lower(graph, batch, cpu::CpuBackend());
  for (const Launch& launch : planned.launches) {
    const Shape& shape = planned.value(launch.outputs[0]).spec.shape;
    if (launch.op->name() != "ElementwiseProgram" || shape.rank() == 0 || shape == Shape({batch})) continue;
    Specs inputs, outputs;
    std::vector<std::int64_t> pitches;
    for (const int input : launch.inputs) inputs.push_back(planned.value(input).spec);
    for (const int output : launch.outputs) outputs.push_back(planned.value(output).spec);
    for (const int input : launch.inputs) pitches.push_back(planned.value(input).pitch);
    for (const int output : launch.outputs) pitches.push_back(planned.value(output).pitch);
    const Geometry geometry({*launch.op, inputs, outputs, pitches});
    std::uint32_t fixed = 0;
    for (std::size_t k = 0; k < inputs.size(); ++k) fixed |= geometry.fixed(k) ? 1u << k : 0u;
    EXPECT_NE(cpu::compiled_program(static_cast<const ElementwiseProgram&>(*launch.op), fixed), nullptr)
        << to_string(*launch.op) << " of " << join(inputs, ", ");
  }
}

TEST(ReadyMadeNetworks, HaveCompiledPrograms) {
  for (const Mode mode : {Mode::train, Mode::predict}) {
    SCOPED_TRACE(mode == Mode::train ? "training" : "prediction");
    const Graph lenet5 = step_of(models::lenet5(), {unknown, 28, 28, 1}, mode);
    const Graph vgg_small = step_of(models::vgg_small(), {unknown, 32, 32, 3}, mode);
    expect_compiled(lenet5, 4);
    expect_compiled(vgg_small, 7);
    expect_compiled_as_planned(lenet5);
    expect_compiled_as_planned(vgg_small);
  }
}

INSTANTIATE_TEST_SUITE_P(Of, StepPrograms, ::testing::Values("relu", "elu", "leaky_relu", "gelu", "tanh"),
                         [](const auto& tested) { return tested.param; });

}  // namespace
}  // namespace keratin
