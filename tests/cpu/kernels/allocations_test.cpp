// No kernel allocates when it runs: counted at malloc, with the sizes of the tutorial's network and others around them.
#include <gtest/gtest.h>

#include <cstdlib>
#include <memory>
#include <vector>

#include "cpu/cpu_backend.h"
#include "graph/leaves.h"
#include "ops/arg_max.h"
#include "ops/concat.h"
#include "ops/conv2d.h"
#include "ops/elementwise.h"
#include "ops/elementwise_program.h"
#include "ops/gather.h"
#include "ops/matmul.h"
#include "ops/pad.h"
#include "ops/pool2d.h"
#include "ops/product_program.h"
#include "ops/random.h"
#include "ops/reduce.h"
#include "ops/slice.h"
#include "ops/softmax.h"
#include "ops/softmax_crossentropy.h"
#include "ops/transpose.h"
#include "simd/compiled_program.h"
#include "support/malloc_counter.h"
#include "support/op_case.h"

namespace keratin {
namespace {

/// How often one run of the kernel that the backend plans allocates.
std::int64_t allocations(const Op& op, const std::vector<Array>& inputs) {
  static const cpu::CpuBackend backend;
  Specs specs;
  for (const Array& input : inputs) specs.push_back({input.dtype(), input.shape()});
  const Specs output_specs = op.name() == "Assign" ? specs : op.infer(specs);
  std::vector<Array> outputs;
  std::vector<const void*> from;
  std::vector<void*> to;
  for (const Spec& spec : output_specs)
    to.push_back(outputs.emplace_back(Array::zeros(spec.shape, spec.dtype)).bytes().data());
  for (const Array& input : inputs) from.push_back(input.bytes().data());
  const KernelPlan plan = backend.plan({op, specs, output_specs});
  std::vector<std::byte> storage(plan.workspace_bytes + 64);
  void* workspace = storage.data();
  std::size_t space = storage.size();
  std::align(64, plan.workspace_bytes, workspace, space);
  const std::int64_t before = testing::allocation_count();
  plan.kernel->run({from, to, workspace, {0, plan.division.rows, 0, plan.division.columns}});
  return testing::allocation_count() - before;
}

std::vector<Array> drawn(const std::vector<Spec>& specs) {
  std::vector<Array> out;
  for (const Spec& spec : specs) out.push_back(testing::draw({spec.shape, 0, 2}, spec.dtype, out.size()));
  return out;
}

TEST(Allocations, AreCounted) {
  const std::int64_t before = testing::allocation_count();
  void* volatile made = std::malloc(1000);  // volatile, or a compiler may do without
  std::free(made);
  EXPECT_EQ(testing::allocation_count() - before, 1);
}

TEST(Allocations, AreNoneInMatMul) {
  for (const std::int64_t batch : {1, 50, 128, 512})
    for (const auto& [in, out] : std::vector<std::pair<std::int64_t, std::int64_t>>{{784, 300}, {300, 100}, {100, 10}})
      for (const DType dtype : {float32, float64}) {
        SCOPED_TRACE(concat(batch, " ", in, " ", out, " ", dtype));
        const Spec x{dtype, {batch, in}}, w{dtype, {in, out}}, g{dtype, {batch, out}};
        EXPECT_EQ(allocations(MatMul(), drawn({x, w})), 0);
        EXPECT_EQ(allocations(MatMul(true, false), drawn({x, g})), 0);
        EXPECT_EQ(allocations(MatMul(false, true), drawn({g, w})), 0);
        EXPECT_EQ(allocations(MatMul(true, true), drawn({{dtype, {in, batch}}, {dtype, {out, in}}})), 0);
      }
  EXPECT_EQ(allocations(MatMul(), drawn({{float32, {50, 1500}}, {float32, {1500, 2048}}})), 0);
}

TEST(Allocations, AreNoneInTheOtherKernels) {
  const Spec x{float32, {50, 300}}, row{float32, {300}}, column{float32, {50, 1}}, number{float32, {}},
      condition{boolean, {50, 300}};
  const Spec cube{float32, {7, 50, 30}}, classes{int32, {50}};
  EXPECT_EQ(allocations(Elementwise(Function::add), drawn({x, row})), 0);
  EXPECT_EQ(allocations(Elementwise(Function::mul), drawn({x, column})), 0);
  EXPECT_EQ(allocations(Elementwise(Function::where), drawn({condition, x, number})), 0);
  EXPECT_EQ(allocations(Elementwise(Function::tanh), drawn({x})), 0);
  EXPECT_EQ(allocations(Elementwise(Function::sub), drawn({cube, {float32, {7, 1, 30}}})), 0);
  EXPECT_EQ(allocations(Cast(float64), drawn({x})), 0);
  EXPECT_EQ(allocations(Broadcast({50, 300}), drawn({row})), 0);
  for (const std::vector<int>& axes : std::vector<std::vector<int>>{{0}, {1}, {2}, {0, 1}, {0, 2}, {1, 2}, {0, 1, 2}})
    for (const Reduction reduction : {Reduction::sum, Reduction::max})
      EXPECT_EQ(allocations(Reduce(reduction, axes, false), drawn({cube})), 0);
  EXPECT_EQ(allocations(Softmax(1), drawn({x})), 0);
  EXPECT_EQ(allocations(Softmax(0), drawn({x})), 0);
  EXPECT_EQ(allocations(SoftmaxCrossentropy(), drawn({x, x})), 0);
  EXPECT_EQ(allocations(SparseSoftmaxCrossentropy(), drawn({x, classes})), 0);
  EXPECT_EQ(allocations(SparseSoftmaxCrossentropy({true, true, true}), drawn({x, classes})), 0);
  EXPECT_EQ(allocations(ArgMax(1), drawn({x})), 0);
  EXPECT_EQ(allocations(ArgMax(0), drawn({x})), 0);
  EXPECT_EQ(allocations(Transpose({2, 0, 1}), drawn({cube})), 0);
  EXPECT_EQ(allocations(Random(Distribution::uniform, x), drawn({{int64, {2}}})), 0);
  EXPECT_EQ(allocations(Random(Distribution::normal, x), drawn({{int64, {2}}})), 0);
  EXPECT_EQ(allocations(Concat(1), drawn({x, x})), 0);
  EXPECT_EQ(allocations(Gather(0), drawn({x, classes})), 0);
  EXPECT_EQ(allocations(ScatterAdd(0, {20, 300}), drawn({x, classes})), 0);
  EXPECT_EQ(allocations(StridedSlice({1, 3}, {20, 90}, {2, 3}), drawn({x})), 0);
  EXPECT_EQ(allocations(Pad({1, 2}, {60, 310}, 1.0), drawn({x})), 0);
}

TEST(Allocations, AreNoneInConvolutionsAndPools) {
  const Shape images{5, 12, 12, 8};
  for (const char* padding : {"valid", "same"})
    for (const std::int64_t groups : {1, 8}) {
      SCOPED_TRACE(concat(padding, ", groups ", groups));
      const Window window = Window::padded(images, padding, {3, 3}, {1, 1});
      const Spec x{float32, images}, kernel{float32, {3, 3, 8 / groups, 16}}, y{float32, window.positions(images, 16)};
      EXPECT_EQ(allocations(Conv2D(window, groups), drawn({x, kernel})), 0);
      EXPECT_EQ(allocations(Conv2DInputGradient(window, groups, images), drawn({y, kernel})), 0);
      EXPECT_EQ(allocations(Conv2DKernelGradient(window, groups), drawn({x, y})), 0);
    }
  const Window window = Window::padded(images, "valid", {2, 2}, {2, 2});
  const Spec x{float32, images}, y{float32, window.positions(images, 8)};
  EXPECT_EQ(allocations(MaxPool2D(window), drawn({x})), 0);
  EXPECT_EQ(allocations(MaxPool2DGradient(window), drawn({x, y, y})), 0);
  EXPECT_EQ(allocations(AveragePool2D(window), drawn({x})), 0);
  EXPECT_EQ(allocations(AveragePool2DGradient(window, images), drawn({y})), 0);
}

TEST(Allocations, AreNoneInAssignments) {
  const auto state = std::make_shared<VariableState>();
  state->spec = {float32, {50, 300}};
  EXPECT_EQ(allocations(Assign(state), drawn({state->spec})), 0);
}

/// exp(product) + bias: not compiled ahead of time.
TEST(Allocations, AreNoneInAProductWithAProgramThatIsInterpreted) {
  const auto program = std::make_shared<ElementwiseProgram>(
      float32, 2, std::vector<Instruction>{{Function::exp, {0}}, {Function::add, {2, 1}}},
      std::vector<ElementwiseProgram::Output>{{3, {float32, {50, 100}}}});
  EXPECT_EQ(allocations(ProductProgram(false, false, program, 0),
                        drawn({{float32, {50, 300}}, {float32, {300, 100}}, {float32, {100}}})),
            0);
}

TEST(Allocations, AreNoneInProgramsThatAreCompiled) {
  for (const cpu::KnownProgram& known : cpu::known_programs())
    for (const std::int64_t columns : {10, 300}) {
      const Shape shape{50, columns};
      std::vector<ElementwiseProgram::Output> outputs;
      for (const int source : known.sources) outputs.push_back({source, {float32, shape}});
      const auto program = std::make_shared<ElementwiseProgram>(
          float32, known.inputs, std::vector<Instruction>(known.instructions.begin(), known.instructions.end()),
          std::move(outputs));
      std::vector<Spec> inputs;
      for (int k = 0; k < known.inputs; ++k)
        if (k != known.place) inputs.push_back({float32, (known.fixed >> k & 1u) != 0 ? Shape() : shape});
      SCOPED_TRACE(to_string(*program));
      if (known.place < 0) {
        EXPECT_EQ(allocations(*program, drawn(inputs)), 0);
      } else {
        inputs.insert(inputs.begin(), {{float32, {40, 50}}, {float32, {40, columns}}});
        EXPECT_EQ(allocations(ProductProgram(true, false, program, known.place), drawn(inputs)), 0);
      }
    }
}

}  // namespace
}  // namespace keratin
