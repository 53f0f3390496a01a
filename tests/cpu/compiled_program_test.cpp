// Programs compiled ahead of time give the bits of interpretation, and the built-in optimizers and activations use
// them.
#include "cpu/compiled_program.h"

#include <gtest/gtest.h>

#include <cctype>
#include <cstring>
#include <functional>

#include "compiler/compile.h"
#include "cpu/cpu_backend.h"
#include "cpu/kernels/elementwise_geometry.h"
#include "cpu/kernels/kernels.h"
#include "cpu/program_list.h"
#include "keratin/keratin.h"
#include "ops/product_program.h"
#include "support/integer_generator.h"
#include "training/step.h"

namespace keratin::cpu {
namespace {

struct Listed {
  std::shared_ptr<const ElementwiseProgram> program;
  std::uint32_t fixed;
};

template <class... P> std::vector<Listed> listed(ProgramList<P...>) {
  const auto listed_one = [](const auto& constant) {
    std::vector<ElementwiseProgram::Output> outputs;
    for (const int source : constant.sources) outputs.push_back({source, {float32, {37, 41}}});
    return Listed{std::make_shared<ElementwiseProgram>(
                      float32, constant.inputs,
                      std::vector<Instruction>(std::begin(constant.code), std::end(constant.code)), std::move(outputs)),
                  constant.fixed};
  };
  return {listed_one(P::program)...};
}

Specs input_specs(const Listed& one) {
  Specs specs;
  for (int k = 0; k < one.program->inputs(); ++k)
    specs.push_back({float32, (one.fixed >> k & 1u) != 0 ? Shape{} : Shape{37, 41}});
  return specs;
}

using Results = std::vector<std::vector<float>>;

/// What run(inputs, outputs) writes, for the same operands at every call.
Results results_of(const Listed& one,
                   const std::function<void(const std::vector<const float*>&, const std::vector<float*>&)>& run) {
  std::vector<std::vector<float>> operands;
  std::vector<const float*> from;
  for (int k = 0; k < one.program->inputs(); ++k)
    operands.push_back(testing::IntegerGenerator(concat("compiled/", k)).uniform_values<float>(37 * 41, 3.0));
  operands[0][5] = std::numeric_limits<float>::quiet_NaN();
  for (const auto& operand : operands) from.push_back(operand.data());
  Results results(one.program->outputs().size(), std::vector<float>(37 * 41));
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
  for (const Listed& one : listed(CompiledPrograms{})) {
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
                                    ProgramRows rows;
                                    std::copy(from.begin(), from.end(), rows.inputs.begin());
                                    std::copy(to.begin(), to.end(), rows.outputs.begin());
                                    compiled(1, 37 * 41, rows);
                                  }),
                       want);
    }
  }
}

/// Nearly as the enumeration spells it: the compiler will tell.
std::string spelled(Function function) {
  std::string name(row(function).name);
  name[0] = static_cast<char>(std::tolower(name[0]));
  return concat("Function::", name);
}

/// The program in the words of program_list.h.
std::string constant_of(const ElementwiseProgram& program, std::uint32_t fixed) {
  std::string code, sources;
  for (const Instruction& instruction : program.instructions()) {
    std::vector<int> operands(instruction.operands.begin(),
                              instruction.operands.begin() + row(instruction.function).arity);
    code += concat(code.empty() ? "" : ", ", "{", spelled(instruction.function), ", {", join(operands, ", "), "}}");
  }
  for (const auto& output : program.outputs()) sources += concat(sources.empty() ? "" : ", ", output.source);
  return concat("static constexpr ConstantProgram<", program.inputs(), ", ", program.instructions().size(), ", ",
                program.outputs().size(), "> program{", fixed, ", {", code, "}, {", sources, "}};");
}

/// Expects the programs of the model's training step that run over whole weights or activations to be compiled.
void expect_compiled(Sequential& model) {
  const Array x = Array::zeros({2, 40}), y = Array::zeros({2}, int32);
  model.train_on_batch(x, y);
  const TracedStep step = trace_step(model, Mode::train, {{{float32, {unknown, 40}}}, {{int32, {unknown}}}, false});
  const CpuBackend backend;
  int programs = 0;
  const Program compiled = compile(step.graph, 2, backend);
  for (const Launch& launch : compiled.launches) {
    const bool on_product = launch.op->name() == "ProductProgram";
    if (!on_product && launch.op->name() != "ElementwiseProgram") continue;
    Specs inputs;
    for (const int input : launch.inputs) inputs.push_back(compiled.value(input).spec);
    const auto& product = static_cast<const ProductProgram&>(*launch.op);
    const auto& program = on_product ? product.program() : static_cast<const ElementwiseProgram&>(*launch.op);
    if (on_product) inputs = product.program_inputs(inputs);
    const Spec& output = compiled.value(launch.outputs[0]).spec;
    if (output.shape.size() < 60) continue;
    std::uint32_t fixed = 0;
    const Geometry geometry = plan_geometry({program, inputs, {&output, 1}});
    for (std::size_t k = 0; k < inputs.size(); ++k) fixed |= geometry.fixed(k) ? 1u << k : 0u;
    ++programs;
    EXPECT_NE(compiled_program(program, fixed), nullptr) << "in " << launch.scope << ": program_list.h lacks\n"
                                                         << constant_of(program, fixed);
  }
  EXPECT_GT(programs, 0);
}

Sequential network(const std::string& activation) {
  return Sequential({Input({40}), layers::Dense(30, {.activation = activation}), layers::Dense(10)});
}

TEST(CompiledPrograms, AreThereForBuiltInOptimizers) {
  namespace o = optimizers;
  for (const Ref<Optimizer>& optimizer :
       {o::SGD(), o::SGD({.momentum = 0.9}), o::SGD({.momentum = 0.9, .nesterov = true}), o::RMSprop(),
        o::RMSprop({.keras2_epsilon = true}), o::RMSprop({.momentum = 0.9}), o::RMSprop({.centered = true}), o::Adam(),
        o::Adam({.amsgrad = true}), o::AdamW(), o::Adagrad()}) {
    Sequential model = network("relu");
    model.compile({.optimizer = optimizer, .loss = losses::SparseCategoricalCrossentropy({.from_logits = true})});
    expect_compiled(model);
  }
}

TEST(CompiledPrograms, AreThereForActivations) {
  for (const char* activation : {"linear", "relu", "sigmoid", "tanh"}) {
    SCOPED_TRACE(activation);
    Sequential model = network(activation);
    model.compile({.optimizer = "sgd", .loss = losses::SparseCategoricalCrossentropy({.from_logits = true})});
    expect_compiled(model);
  }
}

}  // namespace
}  // namespace keratin::cpu
