// Which programs become part of a product's kernel, and that all programs give the numbers of their parts.
#include "ops/product_program.h"

#include <gtest/gtest.h>

#include <functional>
#include <vector>

#include "cuda/cublaslt/products.h"
#include "cuda/elementwise/program_compiler.h"
#include "cuda/kernels/kernels.h"
#include "stand_in/cublaslt.h"
#include "support/approx.h"
#include "support/interpret.h"
#include "support/op_case.h"

namespace keratin::cuda {
namespace {

using enum Function;

const CublasLt& none() { throw UnsupportedError("cuBLASLt: there is none"); }

struct Case {
  const char* name;
  std::vector<Instruction> code;
  std::vector<int> outputs;
  std::vector<Shape> others;  // what the program reads beside the product
  int place = 0;
  bool fused = true;
};

constexpr std::int64_t m = 50, n = 33, k = 64;  // large enough for cuBLASLt
const Case cases[] = {
    {"bias", {{add, {0, 1}}}, {2}, {{n}}},
    {"bias before the product", {{add, {0, 1}}}, {2}, {{n}}, 1},
    {"bias, turned round", {{add, {1, 0}}}, {2}, {{1, n}}},
    {"bias and relu", {{add, {0, 1}}, {relu, {2}}}, {3}, {{n}}},
    {"relu", {{relu, {0}}}, {1}, {}},
    {"a number for each row", {{add, {0, 1}}}, {2}, {{m, 1}}, 0, false},
    {"a number for all", {{add, {0, 1}}}, {2}, {Shape{}}, 0, false},
    {"a matrix", {{add, {0, 1}}}, {2}, {{m, n}}, 0, false},
    {"the product twice", {{add, {0, 0}}}, {2}, {{n}}, 0, false},
    {"relu of the bias", {{add, {0, 1}}, {relu, {1}}}, {3}, {{n}}, 0, false},
    {"both sums", {{add, {0, 1}}, {relu, {2}}}, {2, 3}, {{n}}, 0, false},
    {"the sum before relu", {{add, {0, 1}}, {relu, {2}}}, {2}, {{n}}, 0, false},
    {"tanh", {{add, {0, 1}}, {Function::tanh, {2}}}, {3}, {{n}}, 0, false},
    {"SGD's update", {{mul, {0, 1}}, {sub, {2, 3}}}, {4}, {Shape{}, {m, n}}, 0, false},
    {"relu's gradient", {{less, {0, 1}}, {where, {3, 2, 0}}}, {4}, {Shape{}, {m, n}}, 2, false},
};

std::shared_ptr<const ProductProgram> op_of(const Case& c, bool transpose_a, bool transpose_b) {
  std::vector<ElementwiseProgram::Output> outputs;
  for (const int source : c.outputs) outputs.push_back({source, {float32, {m, n}}});
  return std::make_shared<const ProductProgram>(
      transpose_a, transpose_b,
      std::make_shared<const ElementwiseProgram>(float32, 1 + static_cast<int>(c.others.size()), c.code, outputs),
      c.place);
}

std::vector<Array> inputs_of(const Case& c, bool transpose_a, bool transpose_b) {
  std::vector<Array> inputs{testing::draw({transpose_a ? Shape{k, m} : Shape{m, k}}, float32, 1),
                            testing::draw({transpose_b ? Shape{n, k} : Shape{k, n}}, float32, 2)};
  for (const Shape& shape : c.others) inputs.push_back(testing::draw({shape}, float32, 2 + inputs.size()));
  return inputs;
}

/// One launch after the other, as the reference evaluator runs them.
std::vector<Array> in_parts(const ProductProgram& op, const std::vector<Array>& inputs) {
  std::vector<Array> read(inputs.begin() + 2, inputs.end());
  const Array product =
      testing::run_op(MatMul(op.product().transpose_a(), op.product().transpose_b()), {inputs[0], inputs[1]})[0];
  read.insert(read.begin() + op.place(), product);
  return testing::run_op(op.program(), read);
}

/// Of dense operands. In a workspace of its size.
std::vector<Array> run(const KernelPlan& plan, const std::vector<Array>& inputs, const Specs& outputs) {
  std::vector<const void*> from;
  std::vector<void*> to;
  std::vector<Array> made;
  for (const Array& input : inputs) from.push_back(input.bytes().data());
  for (const Spec& spec : outputs) made.push_back(Array::uninitialized(spec.shape, spec.dtype));
  for (Array& array : made) to.push_back(array.bytes().data());
  struct alignas(64) Line {
    std::byte bytes[64];
  };
  std::vector<Line> workspace(plan.workspace_bytes / sizeof(Line) + 1);
  const auto& kernel = static_cast<const CudaKernel&>(*plan.kernel);
  kernel.prepare();
  kernel.enqueue({from, to, workspace.data()}, nullptr);
  return made;
}

void expect_numbers_of_parts(const Case& c, const Planning& planning) {
  SCOPED_TRACE(c.name);
  for (const bool transpose_a : {false, true})
    for (const bool transpose_b : {false, true}) {
      const auto op = op_of(c, transpose_a, transpose_b);
      const std::vector<Array> inputs = inputs_of(c, transpose_a, transpose_b);
      Specs specs;
      for (const Array& input : inputs) specs.push_back({input.dtype(), input.shape()});
      const Specs outputs = op->infer(specs);
      const KernelPlan plan = plan_product_program({*op, specs, outputs}, planning);
      ASSERT_NE(plan.kernel, nullptr);
      const std::size_t product_bytes = static_cast<std::size_t>(m * n) * sizeof(float);
      const std::size_t library_bytes =
          planning.products.usable() ? product_workspace_bytes({.m = m, .n = n, .k = k}, 90) : 0;
      EXPECT_EQ(plan.workspace_bytes < library_bytes + product_bytes, c.fused);
      const std::vector<Array> got = run(plan, inputs, outputs), want = in_parts(*op, inputs);
      for (std::size_t i = 0; i < want.size(); ++i) EXPECT_CLOSE(got[i], want[i], 1e-5);
    }
}

class ProductPrograms : public ::testing::TestWithParam<const CublasLt& (*)()> {};

TEST_P(ProductPrograms, HaveTheNumbersOfTheirParts) {
  const DeviceProperties device;
  ProgramCompiler programs(device, CodeCache({}));
  Products products(GetParam());
  for (const Case& c : cases) expect_numbers_of_parts(c, {device, programs, products});
}

INSTANTIATE_TEST_SUITE_P(By, ProductPrograms, ::testing::Values(&stand_in::host_cublaslt, &none),
                         [](const auto& tested) { return tested.index == 0 ? "cublaslt" : "own_kernel"; });

TEST(ProductPrograms, KeepABiasApartThatTheResultMayOverwrite) {
  const auto op = std::make_shared<const ProductProgram>(
      false, false,
      std::make_shared<const ElementwiseProgram>(float32, 2, std::vector<Instruction>{{add, {0, 1}}},
                                                 std::vector<ElementwiseProgram::Output>{{2, {float32, {1, 300}}}}),
      0);
  const Specs inputs{{float32, {1, 400}}, {float32, {400, 300}}, {float32, {1, 300}}}, outputs{{float32, {1, 300}}};
  const DeviceProperties device;
  ProgramCompiler programs(device, CodeCache({}));
  Products products(&none);
  EXPECT_GE(plan_product_program({*op, inputs, outputs}, {device, programs, products}).workspace_bytes,
            300 * sizeof(float));
}

}  // namespace
}  // namespace keratin::cuda
