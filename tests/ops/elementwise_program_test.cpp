#include "ops/elementwise_program.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <random>

#include "cpu/kernel_table.h"
#include "support/approx.h"
#include "support/interpret.h"
#include "support/op_case.h"
#include "support/reference.h"
#include "support/throws.h"

namespace keratin {
namespace {

using testing::run_op;
using Output = ElementwiseProgram::Output;

/// Register by register, each instruction a program of its own on whole arrays: nothing is shared, broadcast or in
/// place.
std::vector<Array> one_by_one(const ElementwiseProgram& program, const std::vector<Array>& inputs) {
  const Shape shape = program.outputs()[0].spec.shape;
  std::vector<Array> registers;
  for (const Array& input : inputs) {
    Array full = Array::zeros(shape, program.compute());
    full.assign(input.astype(program.compute()));
    registers.push_back(full);
  }
  for (const Instruction& instruction : program.instructions()) {
    const int arity = row(instruction.function).arity;
    Instruction alone{instruction.function, {}};
    std::vector<Array> operands;
    for (int k = 0; k < arity; ++k) {
      alone.operands[static_cast<std::size_t>(k)] = k;
      operands.push_back(registers[static_cast<std::size_t>(instruction.operands[static_cast<std::size_t>(k)])]);
    }
    registers.push_back(run_op(
        ElementwiseProgram(program.compute(), arity, {alone}, {{arity, {program.compute(), shape}}}), operands)[0]);
  }
  std::vector<Array> out;
  for (const Output& output : program.outputs())
    out.push_back(registers[static_cast<std::size_t>(output.source)].astype(output.spec.dtype));
  return out;
}

class RandomProgram {
 public:
  RandomProgram(unsigned seed, DType compute) : random_(seed), compute_(compute) {}

  int below(std::size_t n) { return static_cast<int>(random_() % n); }

  /// The shape with axes dropped or of extent 1, as an operand that is broadcast to it may be.
  Shape operand_of(const Shape& shape) {
    std::vector<std::int64_t> extents(shape.begin(), shape.end());
    for (std::int64_t& extent : extents)
      if (below(3) == 0) extent = 1;
    const int dropped = below(4) == 0 ? below(extents.size() + 1) : 0;
    return Shape(std::vector<std::int64_t>(extents.begin() + dropped, extents.end()));
  }

  std::shared_ptr<const ElementwiseProgram> make(const Shape& shape, int inputs) {
    constexpr Function tried[] = {Function::add,  Function::sub,   Function::mul,        Function::max,
                                  Function::min,  Function::neg,   Function::abs,        Function::relu,
                                  Function::less, Function::where, Function::logical_not};
    std::vector<Instruction> instructions(static_cast<std::size_t>(1 + below(12)));
    for (std::size_t i = 0; i < instructions.size(); ++i) {
      instructions[i].function = tried[below(std::size(tried))];
      for (int k = 0; k < row(instructions[i].function).arity; ++k)
        instructions[i].operands[static_cast<std::size_t>(k)] = below(static_cast<std::size_t>(inputs) + i);
    }
    const DType dtypes[] = {compute_, compute_, compute_, compute_ == int64 ? int32 : float16, boolean};
    std::vector<Output> outputs(static_cast<std::size_t>(1 + below(3)));
    for (Output& output : outputs)
      output = {below(static_cast<std::size_t>(inputs) + instructions.size()),
                {dtypes[below(std::size(dtypes))], shape}};
    return std::make_shared<ElementwiseProgram>(compute_, inputs, instructions, outputs);
  }

  std::vector<Array> inputs(const Shape& shape) {
    const DType dtypes[] = {compute_, compute_, int32, uint8, boolean};
    std::vector<Array> out{testing::draw({shape, -9, 9}, compute_, 0)};  // one is of the whole shape
    for (int i = below(5); i > 0; --i)
      out.push_back(
          testing::draw({operand_of(shape), 0, 9}, dtypes[below(std::size(dtypes))], static_cast<std::uint64_t>(i)));
    std::shuffle(out.begin(), out.end(), random_);
    return out;
  }

 private:
  std::mt19937 random_;
  DType compute_;
};

const std::vector<Shape> shapes{{},       {1},       {7},         {1500},      {3, 5},       {40, 30},
                                {3, 700}, {2, 3, 4}, {2, 3, 300}, {300, 2, 3}, {2, 3, 4, 5}, {0, 3}};

TEST(ElementwiseProgram, ComputesWhatItsInstructionsComputeOneByOne) {
  for (const DType compute : {float32, float64, int64})
    for (unsigned seed = 0; seed < 40; ++seed)
      for (const Shape& shape : shapes) {
        RandomProgram random(seed, compute);
        const std::vector<Array> inputs = random.inputs(shape);
        const auto program = random.make(shape, static_cast<int>(inputs.size()));
        SCOPED_TRACE(concat("seed ", seed, ", ", to_string(*program)));
        const std::vector<Array> got = run_op(*program, inputs), want = one_by_one(*program, inputs);
        for (std::size_t i = 0; i < want.size(); ++i) EXPECT_CLOSE(got[i], want[i], 0.0);
        if (::testing::Test::HasFailure()) return;
      }
}

/// Runs the program with output i written over input over[i] (-1: elsewhere) and returns what is there afterwards.
std::vector<Array> run_in_place(const ElementwiseProgram& program, const std::vector<Array>& inputs,
                                const std::vector<int>& over) {
  Specs specs, output_specs;
  for (const Array& input : inputs) specs.push_back({input.dtype(), input.shape()});
  output_specs = program.infer(specs);
  std::vector<Array> own, results;
  std::vector<const void*> from;
  std::vector<void*> to;
  for (const Array& input : inputs) from.push_back(own.emplace_back(input.copy()).bytes().data());
  for (std::size_t i = 0; i < over.size(); ++i) {
    results.push_back(over[i] < 0 ? Array::zeros(output_specs[i].shape, output_specs[i].dtype)
                                  : own[static_cast<std::size_t>(over[i])]);
    to.push_back(results.back().bytes().data());
  }
  for (const cpu::KernelRow& row : cpu::kernel_table()) {
    if (row.op != program.name()) continue;
    const KernelPlan plan = row.implementations.back()({program, specs, output_specs});
    std::vector<std::byte> workspace(plan.workspace_bytes + 64);
    const std::size_t skipped = 64 - reinterpret_cast<std::uintptr_t>(workspace.data()) % 64;
    plan.kernel->run({from, to, workspace.data() + skipped, {0, plan.division.rows, 0, plan.division.columns}});
  }
  return results;
}

TEST(ElementwiseProgram, MayWriteOverInputsOfTheSameSpec) {
  int tried = 0;
  for (const DType compute : {float32, int64})
    for (unsigned seed = 0; seed < 60; ++seed)
      for (const Shape& shape : std::vector<Shape>{{}, {7}, {1500}, {3, 5}, {40, 30}, {3, 700}}) {
        RandomProgram random(seed, compute);
        const std::vector<Array> inputs = random.inputs(shape);
        const auto program = random.make(shape, static_cast<int>(inputs.size()));
        std::vector<int> over;
        for (const Output& output : program->outputs()) {
          over.push_back(-1);
          for (std::size_t k = 0; k < inputs.size(); ++k) {
            const bool taken = std::find(over.begin(), over.end(), static_cast<int>(k)) != over.end();
            if (!taken && Spec{inputs[k].dtype(), inputs[k].shape()} == output.spec) over.back() = static_cast<int>(k);
          }
          tried += over.back() >= 0 ? 1 : 0;
        }
        SCOPED_TRACE(concat("seed ", seed, ", ", to_string(*program), " over inputs ", join(over, ", ")));
        const std::vector<Array> got = run_in_place(*program, inputs, over), want = one_by_one(*program, inputs);
        for (std::size_t i = 0; i < want.size(); ++i) EXPECT_CLOSE(got[i], want[i], 0.0);
        if (::testing::Test::HasFailure()) return;
      }
  EXPECT_GT(tried, 500);
}

TEST(ElementwiseProgram, ExchangesItsInputsInPlace) {
  const Spec spec{float32, {1500}};
  const ElementwiseProgram program(float32, 2, {}, {{1, spec}, {0, spec}});
  const std::vector<Array> inputs{testing::draw({{1500}}, float32, 0), testing::draw({{1500}}, float32, 1)};
  const std::vector<Array> got = run_in_place(program, inputs, {0, 1});
  EXPECT_CLOSE(got[0], inputs[1], 0.0);
  EXPECT_CLOSE(got[1], inputs[0], 0.0);
}

TEST(ElementwiseProgram, PrintsItsInstructions) {
  const ElementwiseProgram program(float32, 2, {{Function::mul, {0, 1, -1}}, {Function::add, {2, 0, -1}}},
                                   {{3, {float32, {4}}}});
  EXPECT_EQ(to_string(program),
            "ElementwiseProgram(compute=float32, r2=Mul r0 r1, r3=Add r2 r0, output=r3 float32(4,))");
}

TEST(ElementwiseProgram, RefusesInputsThatDoNotReachItsShape) {
  const ElementwiseProgram program(float32, 1, {}, {{0, {float32, {4}}}});
  EXPECT_THROWS(ShapeError, program.infer(Specs{{float32, {5}}}), "expected shapes that broadcast, got (5,) and (4,)");
  EXPECT_THROWS(ShapeError, program.infer(Specs{{float32, {3, 4}}}),
                "expected inputs that broadcast to (4,), got (3, 4)");
}

TEST(ComputeDtype, IsTheNarrowestThatHoldsAll) {
  EXPECT_EQ(compute_dtype(Specs{{int32, {}}}, Specs{{boolean, {}}}), int64);
  EXPECT_EQ(compute_dtype(Specs{{int64, {}}}, Specs{{float16, {}}}), float32);
  EXPECT_EQ(compute_dtype(Specs{{boolean, {}}, {float32, {}}}, Specs{{float32, {}}}), float32);
  EXPECT_EQ(compute_dtype(Specs{{float64, {}}}, Specs{{int8, {}}}), float64);
}

}  // namespace
}  // namespace keratin
