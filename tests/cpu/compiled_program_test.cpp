// Programs compiled ahead of time give the bits of interpretation, and the built-in optimizers and activations use
// them.
#include "cpu/compiled_program.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <functional>
#include <sstream>

#include "compiler/compile.h"
#include "cpu/cpu_backend.h"
#include "cpu/kernels/elementwise_geometry.h"
#include "cpu/kernels/kernels.h"
#include "keratin/keratin.h"
#include "ops/product_program.h"
#include "support/integer_generator.h"
#include "training/step.h"

namespace keratin::cpu {
namespace {

constexpr std::int64_t rows = 37, columns = 41, elements = rows * columns;

struct Listed {
  std::shared_ptr<const ElementwiseProgram> program;
  std::uint32_t fixed;
};

std::vector<Listed> listed() {
  std::vector<Listed> out;
  for (const KnownProgram& known : known_programs()) {
    std::vector<ElementwiseProgram::Output> outputs;
    for (const int source : known.sources) outputs.push_back({source, {float32, {rows, columns}}});
    const std::vector<Instruction> code(known.instructions.begin(), known.instructions.end());
    out.push_back({std::make_shared<ElementwiseProgram>(float32, known.inputs, code, std::move(outputs)), known.fixed});
  }
  return out;
}

Specs input_specs(const Listed& one) {
  Specs specs;
  for (int k = 0; k < one.program->inputs(); ++k)
    specs.push_back({float32, (one.fixed >> k & 1u) != 0 ? Shape{} : Shape{rows, columns}});
  return specs;
}

using Results = std::vector<std::vector<float>>;

/// What run(inputs, outputs) writes, for the same operands at every call.
Results results_of(const Listed& one,
                   const std::function<void(const std::vector<const float*>&, const std::vector<float*>&)>& run) {
  std::vector<std::vector<float>> operands;
  std::vector<const float*> from;
  for (int k = 0; k < one.program->inputs(); ++k)
    operands.push_back(testing::IntegerGenerator(concat("compiled/", k)).uniform_values<float>(elements, 3.0));
  operands[0][5] = std::numeric_limits<float>::quiet_NaN();
  for (const auto& operand : operands) from.push_back(operand.data());
  Results results(one.program->outputs().size(), std::vector<float>(elements));
  std::vector<float*> to;
  for (auto& result : results) to.push_back(result.data());
  run(from, to);
  return results;
}

void expect_same_bits(const Results& got, const Results& want) {
  for (std::size_t o = 0; o < want.size(); ++o)
    for (std::size_t i = 0; i < want[o].size(); ++i)
      ASSERT_TRUE(std::memcmp(&got[o][i], &want[o][i], sizeof(float)) == 0 ||
                  (got[o][i] != got[o][i] && want[o][i] != want[o][i]))
          << "output " << o << ", element " << i << ": " << got[o][i] << " instead of " << want[o][i];
}

TEST(CompiledPrograms, GiveTheBitsOfInterpretationOnEveryInstructionSet) {
  for (const Listed& one : listed()) {
    SCOPED_TRACE(to_string(*one.program));
    const Specs inputs = input_specs(one), outputs = one.program->infer(inputs);
    const Results want = results_of(one, [&](const auto& from, const auto& to) {
      const KernelPlan plan = plan_elementwise({*one.program, inputs, outputs});
      std::vector<std::byte> workspace(plan.workspace_bytes + 64);
      const std::size_t skipped = 64 - reinterpret_cast<std::uintptr_t>(workspace.data()) % 64;
      const std::vector<const void*> sources(from.begin(), from.end());
      const std::vector<void*> targets(to.begin(), to.end());
      plan.kernel->run(
          {sources, targets, workspace.data() + skipped, {0, plan.division.rows, 0, plan.division.columns}});
    });
    for (const InstructionSet set : instruction_sets()) {
      const CompiledProgram compiled = compiled_program(*one.program, one.fixed, set);
      ASSERT_NE(compiled, nullptr);
      expect_same_bits(results_of(one,
                                  [&](const auto& from, const auto& to) {
                                    ProgramRows operands;
                                    std::copy(from.begin(), from.end(), operands.inputs.begin());
                                    std::copy(to.begin(), to.end(), operands.outputs.begin());
                                    compiled(1, elements, operands);
                                  }),
                       want);
    }
  }
}

/// What is in the list that a registry's message for an unknown name gives.
std::vector<std::string> names_in(const std::function<void()>& ask) {
  std::string message;
  try {
    ask();
  } catch (const ValueError& error) {
    message = error.what();
  }
  const std::string before = "expected one of ", after = ", got";
  const std::size_t begin = message.find(before), end = message.find(after);
  if (begin == std::string::npos || end == std::string::npos) return {};
  std::istringstream list(message.substr(begin + before.size(), end - begin - before.size()));
  std::vector<std::string> names;
  for (std::string name; list >> name; names.push_back(name))
    if (name.back() == ',') name.pop_back();
  return names;
}

/// A launch's program and what it reads; null if it runs none over whole weights or activations of float32.
std::pair<const ElementwiseProgram*, Specs> program_of(const Program& compiled, const Launch& launch) {
  const bool on_product = launch.op->name() == "ProductProgram";
  if (!on_product && launch.op->name() != "ElementwiseProgram") return {};
  Specs inputs;
  for (const int input : launch.inputs) inputs.push_back(compiled.value(input).spec);
  const ElementwiseProgram* program = nullptr;
  if (on_product) {
    const auto& product = static_cast<const ProductProgram&>(*launch.op);
    program = &product.program();
    inputs = product.program_inputs(inputs);
  } else {
    program = static_cast<const ElementwiseProgram*>(launch.op.get());
  }
  if (compiled.value(launch.outputs[0]).spec.shape.size() < 60) return {};
  const auto is_float32 = [](const Spec& spec) { return spec.dtype == float32; };
  // A mask that two programs read is stored as booleans, and these programs are interpreted.
  if (!std::all_of(inputs.begin(), inputs.end(), is_float32)) return {};
  for (const auto& output : program->outputs())
    if (!is_float32(output.spec)) return {};
  return {program, inputs};
}

/// Expects such programs of the model's training step to be compiled.
void expect_compiled(Sequential& model) {
  const TracedStep step = trace_step(model, Mode::train, {{{float32, {unknown, 40}}}, {{int32, {unknown}}}, false});
  const CpuBackend backend;
  int programs = 0;
  const Program compiled = compile(step.graph, 2, backend);
  for (const Launch& launch : compiled.launches) {
    const auto [program, inputs] = program_of(compiled, launch);
    if (program == nullptr) continue;
    std::uint32_t fixed = 0;
    const Geometry geometry = plan_geometry({*program, inputs, {&compiled.value(launch.outputs[0]).spec, 1}});
    for (std::size_t k = 0; k < inputs.size(); ++k) fixed |= geometry.fixed(k) ? 1u << k : 0u;
    ++programs;
    EXPECT_NE(compiled_program(*program, fixed), nullptr)
        << "in " << launch.scope << ": tools/generate_programs.cpp does not meet " << to_string(*program);
  }
  EXPECT_GT(programs, 0);
}

Sequential network(const std::string& activation) {
  return Sequential({Input({40}), layers::Dense(30, {.activation = activation}), layers::Dense(10)});
}

void expect_compiled(const Ref<Optimizer>& optimizer) {
  Sequential model = network("relu");
  model.compile({.optimizer = optimizer, .loss = losses::SparseCategoricalCrossentropy({.from_logits = true})});
  expect_compiled(model);
}

TEST(CompiledPrograms, AreThereForEveryBuiltInOptimizer) {
  const std::vector<std::string> names = names_in([] { Optimizer::from_name("?"); });
  EXPECT_GE(names.size(), 5u);
  for (const std::string& name : names) {
    SCOPED_TRACE(name);
    expect_compiled(name);
  }
  namespace o = optimizers;
  for (const Ref<Optimizer>& optimizer :
       {o::SGD({.momentum = 0.9}), o::SGD({.momentum = 0.9, .nesterov = true}), o::RMSprop({.momentum = 0.9}),
        o::RMSprop({.centered = true}), o::RMSprop({.keras2_epsilon = true}), o::Adam({.amsgrad = true}),
        o::Adam({.clipnorm = 1.0}), o::SGD({.weight_decay = 0.1}), o::Adagrad({.keras2_epsilon = true})})
    expect_compiled(optimizer);
}

TEST(CompiledPrograms, AreThereForEveryBuiltInActivation) {
  const std::vector<std::string> names = names_in([] { ActivationFunction::from_name("?"); });
  EXPECT_GE(names.size(), 30u);
  for (const std::string& name : names) {
    SCOPED_TRACE(name);
    Sequential model = network(name);
    model.compile({.optimizer = "sgd", .loss = losses::SparseCategoricalCrossentropy({.from_logits = true})});
    expect_compiled(model);
  }
}

}  // namespace
}  // namespace keratin::cpu
