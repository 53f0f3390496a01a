// Programs compiled ahead of time give the bits of interpretation, and the built-in optimizers and activations use
// them.
#include "simd/compiled_program.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <functional>
#include <limits>
#include <sstream>

#include "compiler/compile.h"
#include "cpu/cpu_backend.h"
#include "cpu/kernels/kernels.h"
#include "keratin/keratin.h"
#include "ops/product_program.h"
#include "runtime/elementwise_geometry.h"
#include "simd/product_tiles.h"
#include "support/integer_generator.h"
#include "training/step.h"

namespace keratin::cpu {
namespace {

constexpr float nan = std::numeric_limits<float>::quiet_NaN(), infinity = std::numeric_limits<float>::infinity();
constexpr float specials[] = {nan,
                              infinity,
                              -infinity,
                              -0.0f,
                              std::numeric_limits<float>::denorm_min(),
                              std::numeric_limits<float>::max(),
                              std::numeric_limits<float>::lowest()};

struct Listed {
  std::shared_ptr<const ElementwiseProgram> program;
  std::uint32_t fixed;
  int place;
  bool is_fixed(std::size_t input) const { return (fixed >> input & 1u) != 0; }
};

/// Those with tiles, or with a loop.
std::vector<Listed> listed(std::int64_t rows, std::int64_t columns, bool with_tiles = false) {
  std::vector<Listed> out;
  for (const KnownProgram& known : known_programs()) {
    if ((known.place >= 0) != with_tiles) continue;
    std::vector<ElementwiseProgram::Output> outputs;
    for (const int source : known.sources) outputs.push_back({source, {float32, {rows, columns}}});
    const std::vector<Instruction> code(known.instructions.begin(), known.instructions.end());
    out.push_back({std::make_shared<ElementwiseProgram>(float32, known.inputs, code, std::move(outputs)), known.fixed,
                   known.place});
  }
  return out;
}

using Values = std::vector<std::vector<float>>;  // of each operand

/// All pairs of special numbers among what is not fixed, then usual ones.
Values operands_of(const Listed& one, std::size_t count) {
  Values operands;
  for (std::size_t k = 0; k < static_cast<std::size_t>(one.program->inputs()); ++k) {
    operands.push_back(testing::IntegerGenerator(concat("compiled/", k)).uniform_values<float>(count, 3.0));
    for (std::size_t i = 0; i < std::size(specials) * std::size(specials) && !one.is_fixed(k); ++i)
      operands[k][i] = specials[(k % 2 == 0 ? i : i / std::size(specials)) % std::size(specials)];
  }
  return operands;
}

/// for_each_row: what is fixed is a number for each row, not one for all.
Values interpreted(const Listed& one, const Values& operands, const Shape& shape, bool for_each_row = false) {
  Specs inputs;
  std::vector<const void*> from;
  for (std::size_t k = 0; k < operands.size(); ++k) {
    inputs.push_back({float32, !one.is_fixed(k) ? shape : for_each_row ? Shape{shape[0], 1} : Shape{}});
    from.push_back(operands[k].data());
  }
  const Specs outputs = one.program->infer(inputs);
  Values results(outputs.size(), std::vector<float>(static_cast<std::size_t>(shape.size())));
  std::vector<void*> to;
  for (auto& result : results) to.push_back(result.data());
  const KernelPlan plan = plan_elementwise({*one.program, inputs, outputs});
  std::vector<std::byte> workspace(plan.workspace_bytes + 64);
  const std::size_t skipped = 64 - reinterpret_cast<std::uintptr_t>(workspace.data()) % 64;
  plan.kernel->run({from, to, workspace.data() + skipped, {0, plan.division.rows, 0, plan.division.columns}});
  return results;
}

/// The operands, rows of which lie `pitch` apart; what is fixed, `fixed_step`.
ProgramRows rows_of(const Listed& one, const Values& from, std::int64_t fixed_step, Values& to, std::int64_t pitch) {
  ProgramRows rows;
  for (std::size_t k = 0; k < from.size(); ++k) {
    rows.inputs[k] = from[k].data();
    rows.input_steps[k] = one.is_fixed(k) ? fixed_step : pitch;
  }
  for (std::size_t o = 0; o < to.size(); ++o) {
    rows.outputs[o] = to[o].data();
    rows.output_steps[o] = pitch;
  }
  return rows;
}

bool same(float a, float b) { return std::memcmp(&a, &b, sizeof a) == 0 || (a != a && b != b); }

void expect_same_bits(const Values& got, const Values& want) {
  for (std::size_t o = 0; o < want.size(); ++o)
    for (std::size_t i = 0; i < want[o].size(); ++i)
      ASSERT_TRUE(same(got[o][i], want[o][i]))
          << "output " << o << ", element " << i << ": " << got[o][i] << " instead of " << want[o][i];
}

TEST(CompiledPrograms, GiveTheBitsOfInterpretationOnEveryInstructionSet) {
  constexpr std::int64_t elements = 37 * 41;
  for (const Listed& one : listed(37, 41)) {
    SCOPED_TRACE(to_string(*one.program));
    Values operands = operands_of(one, elements);
    const auto expect_same = [&] {
      const Values want = interpreted(one, operands, {37, 41});
      for (const InstructionSet set : instruction_sets()) {
        const CompiledProgram compiled = compiled_program(*one.program, one.fixed, set);
        ASSERT_NE(compiled, nullptr);
        Values got(want.size(), std::vector<float>(elements));
        compiled(1, elements, rows_of(one, operands, 0, got, elements));
        expect_same_bits(got, want);
      }
    };
    expect_same();
    for (std::size_t k = 0; k < operands.size(); ++k)  // and what is fixed special, one after the other
      for (const float special : specials) {
        if (!one.is_fixed(k) || ::testing::Test::HasFatalFailure()) continue;
        const float usual = std::exchange(operands[k][0], special);
        expect_same();
        operands[k][0] = usual;
      }
    if (::testing::Test::HasFatalFailure()) return;
  }
}

/// `columns` of the rows of `want`, which are `pitch` long: written over what they are made of if in_place, and nothing
/// beside them.
void expect_narrow(const Listed& one, const Values& operands, const Values& want, CompiledProgram compiled,
                   std::int64_t rows, std::int64_t columns, std::int64_t pitch, bool for_each_row, bool in_place) {
  Values from = operands, to;
  std::vector<std::size_t> over;  // per output: which input it overwrites
  for (std::size_t k = 0; k < from.size() && over.size() < want.size() && in_place; ++k)
    if (!one.is_fixed(k)) over.push_back(k);
  to.assign(want.size(), std::vector<float>(static_cast<std::size_t>(rows * pitch), nan));
  ProgramRows all = rows_of(one, from, for_each_row ? 1 : 0, to, pitch);
  for (std::size_t o = 0; o < over.size(); ++o) all.outputs[o] = from[over[o]].data();
  compiled(rows, columns, all);
  for (std::size_t o = 0; o < want.size(); ++o)
    for (std::int64_t i = 0; i < rows * pitch; ++i) {
      const auto at = static_cast<std::size_t>(i);
      const float untouched = o < over.size() ? operands[over[o]][at] : nan;
      ASSERT_TRUE(same(all.outputs[o][i], i % pitch < columns ? want[o][at] : untouched))
          << "output " << o << ", row " << i / pitch << ", column " << i % pitch << " of " << columns
          << (in_place ? ", in place" : "") << (for_each_row ? ", a number for each row" : "");
    }
}

TEST(CompiledPrograms, WriteRowsOfAnyWidthAndNothingBeside) {
  for (const InstructionSet set : instruction_sets()) {
    const std::int64_t widest = 3 * product_tiles(set).lanes + 1, rows = 19;  // more rows than buffers hold
    for (const Listed& one : listed(rows, widest)) {
      SCOPED_TRACE(to_string(*one.program));
      const CompiledProgram compiled = compiled_program(*one.program, one.fixed, set);
      const Values operands = operands_of(one, static_cast<std::size_t>(rows * widest));
      for (const bool for_each_row : {false, true}) {
        const Values want = interpreted(one, operands, {rows, widest}, for_each_row);
        for (std::int64_t columns = 1; columns <= widest; ++columns)
          for (const bool in_place : {false, true})
            expect_narrow(one, operands, want, compiled, columns % 2 == 0 ? rows : rows - 2, columns, widest,
                          for_each_row, in_place);
      }
      if (::testing::Test::HasFatalFailure()) return;
    }
  }
}

/// One tile of `width` vectors, whose program writes over what it reads.
void expect_tile(const Listed& one, const CompiledTile tile, InstructionSet set, int width) {
  const ProductTiles& tiles = product_tiles(set);
  const std::int64_t height = tiles.tallest[widest_tile], depth = 17, pitch = 3 * tiles.lanes,
                     columns = width * tiles.lanes;
  const auto place = static_cast<std::size_t>(one.place);
  Values from = operands_of(one, static_cast<std::size_t>(height * pitch)), to;
  const Values a = operands_of(one, static_cast<std::size_t>(depth * height));  // of special numbers, too
  const Values b = operands_of(one, static_cast<std::size_t>(depth * pitch));
  to.assign(one.program->outputs().size(), std::vector<float>(static_cast<std::size_t>(height * pitch), nan));
  std::fill(from[place].begin(), from[place].end(), nan);
  const std::int64_t start = 0;
  tiles.tile[width][height]({a[place].data(), 1, height, depth, 1, &start}, b[place].data(), pitch, from[place].data(),
                            pitch, static_cast<int>(columns), false);
  compiled_program(*one.program, one.fixed, set)(height, columns, rows_of(one, from, 0, to, pitch));

  Values over = from;
  std::fill(over[place].begin(), over[place].end(), nan);  // is not looked at
  Values got(to.size(), std::vector<float>(to[0].size(), nan));
  ProgramRows rows = rows_of(one, over, 0, got, pitch);
  for (std::size_t k = 0, o = 0; k < over.size() && o < got.size(); ++k) {
    if (one.is_fixed(k) || k == place) continue;
    for (std::int64_t i = 0; i < height * pitch; ++i)  // beside the tile is what must stay
      if (i % pitch >= columns) over[k][static_cast<std::size_t>(i)] = nan;
    rows.outputs[o++] = over[k].data();
  }
  tile(a[place].data(), height, b[place].data(), pitch, depth, rows);
  for (std::size_t o = 0; o < to.size(); ++o)
    for (std::int64_t i = 0; i < height * pitch; ++i)
      ASSERT_TRUE(same(rows.outputs[o][i], to[o][static_cast<std::size_t>(i)]))
          << "output " << o << ", row " << i / pitch << ", column " << i % pitch << " of " << columns << ": "
          << rows.outputs[o][i] << " instead of " << to[o][static_cast<std::size_t>(i)];
}

TEST(CompiledTiles, GiveTheBitsOfTheProgramAfterTheProductAndWriteNothingBeside) {
  int tested = 0;
  for (const InstructionSet set : instruction_sets())
    for (const Listed& one : listed(1, 1, true)) {
      SCOPED_TRACE(to_string(*one.program));
      const CompiledTiles* const tiles = compiled_tiles(*one.program, one.fixed, one.place, set);
      ASSERT_NE(tiles, nullptr);
      for (const int width : {1, 2}) {
        const CompiledTile tile = tiles->of_width[static_cast<std::size_t>(width)];
        if (tile == nullptr) continue;  // of sets whose tiles are narrower than a cache line
        expect_tile(one, tile, set, width);
        ++tested;
      }
      if (::testing::Test::HasFatalFailure()) return;
    }
  EXPECT_GE(tested, instruction_sets().size() > 1 ? 24 : 0);
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
    const Geometry geometry({*program, inputs, {&compiled.value(launch.outputs[0]).spec, 1}});
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
