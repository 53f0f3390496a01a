#include "cuda/elementwise/codegen.h"

#include <gtest/gtest.h>

#include <optional>
#include <string>

#include "base/text.h"
#include "cuda/elementwise/embedded_text.h"
#include "cuda/elementwise/nvrtc.h"
#include "elementwise/generated.h"
#include "keratin/error.h"
#include "stand_in/nvrtc.h"

namespace keratin::cuda::testing {
namespace {

constexpr std::int64_t always = 0, never = std::int64_t{1} << 60;  // elements for vectors

Case bias_and_relu(std::int64_t batch, std::int64_t units) {
  const Shape shape{batch, units};
  return {
      std::make_shared<ElementwiseProgram>(
          float32, 3,
          std::vector<Instruction>{
              {Function::add, {0, 1, -1}}, {Function::relu, {3, -1, -1}}, {Function::mul, {4, 2, -1}}},
          std::vector<ElementwiseProgram::Output>{{5, {float32, shape}}}),
      {Operand::drawn({float32, shape}, 1), Operand::drawn({float32, {units}}, 2), Operand::drawn({float32, {}}, 3)}};
}

TEST(Codegen, WritesOneFunctionWithTheGeometryAsLiterals) {
  const GeneratedKernel kernel = generated_for(bias_and_relu(50, 100), always);
  EXPECT_EQ(kernel.name, "elementwise_Add_Relu_Mul");
  EXPECT_EQ(kernel.width, 4);
  EXPECT_EQ(kernel.groups, 50 * 100 / 4);
  EXPECT_EQ(kernel.text, R"(extern "C" __global__ void __launch_bounds__(128) elementwise_Add_Relu_Mul(
    const float* x0,
    const float* x1,
    const float* x2,
    float* y0,
    long long groups) {
  using namespace keratin::cuda;
  using Index = unsigned;
  const float r2 = converted<float>(*x2);
  const Index count = static_cast<Index>(groups), step = gridDim.x * 128u;
  for (Index i = blockIdx.x * 128u + threadIdx.x; i < count; i += step) {
    const Index column = i % 25 * 4, of_rows = i / 25;
    const Index row = of_rows;
    const auto a0 = read<4>(x0 + (column + row * 100));
    const auto a1 = read<4>(x1 + (column));
    Group<float, 4> b0;
#pragma unroll
    for (int j = 0; j < 4; ++j) {
      const float r0 = converted<float>(a0.of[j]);
      const float r1 = converted<float>(a1.of[j]);
      const float r3 = Add(r0, r1);
      const float r4 = Relu(r3);
      const float r5 = Mul(r4, r2);
      b0.of[j] = converted<float>(r5);
    }
    write(y0 + (column + row * 100), b0);
  }
}
)");
}

TEST(Codegen, WritesTheSameTextForEveryBatch) {
  EXPECT_EQ(generated_for(bias_and_relu(50, 100), always).text, generated_for(bias_and_relu(37, 100), always).text);
  EXPECT_NE(generated_for(bias_and_relu(50, 100), always).text, generated_for(bias_and_relu(50, 96), always).text);
}

TEST(Codegen, TakesAsManyElementsAtOnceAsAllRowsAllow) {
  EXPECT_EQ(generated_for(bias_and_relu(5, 100), always).width, 4);
  EXPECT_EQ(generated_for(bias_and_relu(5, 10), always).width, 2);
  EXPECT_EQ(generated_for(bias_and_relu(5, 7), always).width, 1);
  EXPECT_EQ(generated_for(bias_and_relu(5, 100), 501).width, 1) << "there are more multiprocessors than work";
  Case pitched = bias_and_relu(5, 100);
  pitched.inputs[0] = Operand::drawn({float32, {5, 100}}, 1, 102);
  EXPECT_EQ(generated_for(pitched, always).width, 2);
}

TEST(Codegen, NumbersElementsIn64BitsWhereTheyAreMany) {
  const auto index_of = [](std::int64_t elements) {
    const Specs specs{{float32, {elements}}};
    const auto program = as_program(Elementwise(Function::neg), specs, specs);
    return generate(*program, {*program, specs, specs}, never).text;
  };
  EXPECT_NE(index_of((std::int64_t{1} << 31) - 1).find("using Index = unsigned;"), std::string::npos);
  EXPECT_NE(index_of(std::int64_t{1} << 31).find("using Index = unsigned long long;"), std::string::npos);
}

TEST(Codegen, DeclinesFunctionsThatIntegersDoNotHave) {
  const auto of = [](Function function, DType compute) {
    return can_generate(ElementwiseProgram(compute, 1, {{function, {0, -1, -1}}}, {{1, {compute, {3}}}}));
  };
  EXPECT_FALSE(of(Function::exp, int64));
  EXPECT_TRUE(of(Function::exp, float32));
  EXPECT_TRUE(of(Function::sign, int64));
}

// ---- by NVRTC -------------------------------------------------------------------------------------------------------

/// Skipped where NVRTC is not there; one that is there must have all functions.
class RealNvrtc : public ::testing::Test {
 protected:
  void SetUp() override {
    try {
      open_nvrtc();
    } catch (const UnsupportedError& error) {
      GTEST_SKIP() << error.what();
    }
    nvrtc_ = load_nvrtc();
  }
  Nvrtc nvrtc_ = {};
};

/// All that is different in texts: functions, dtypes, layouts, widths.
std::vector<Case> various() {
  std::vector<Case> out;
  for (const DType compute : {float32, float64, int64}) {
    const Shape shape{3, 8};
    const Operands inputs{Operand({compute, shape}), Operand({compute, shape}), Operand({compute, shape})};
    out.push_back({every_function(compute, shape), inputs});
    out.push_back(every_dtype(compute, shape));
    out.push_back(random_case(1, compute, {2, 3, 4, 8}));
  }
  return out;
}

TEST_F(RealNvrtc, CompilesForEveryGenerationOfDevices) {
  for (const int architecture : {75, 80, 90})
    for (const Case& one : various()) {
      const std::string text = concat(functions_text, generated_for(one, always).text);
      EXPECT_FALSE(compile(nvrtc_, text, {.architecture = architecture}).empty()) << architecture << "\n" << text;
    }
}

TEST_F(RealNvrtc, MovesGroupsByOneAccessAndFusesNoProductWithASum) {
  Case one = bias_and_relu(64, 128);
  one.program = std::make_shared<ElementwiseProgram>(
      float32, 3, std::vector<Instruction>{{Function::mul, {0, 2, -1}}, {Function::add, {3, 1, -1}}},
      std::vector<ElementwiseProgram::Output>{{4, {float32, {64, 128}}}});
  const std::vector<std::byte> code =
      compile(nvrtc_, concat(functions_text, generated_for(one, always).text), {.architecture = 80, .binary = false});
  const std::string ptx(reinterpret_cast<const char*>(code.data()), code.size());
  EXPECT_NE(ptx.find("ld.global.v4"), std::string::npos) << ptx;
  EXPECT_NE(ptx.find("st.global.v4"), std::string::npos) << ptx;
  EXPECT_EQ(ptx.find("fma.rn"), std::string::npos) << ptx;
}

TEST_F(RealNvrtc, SaysWhatIsWrongWithAText) {
  try {
    compile(nvrtc_, "__global__ void f() { nonsense; }", {.architecture = 80});
    FAIL() << "expected DeviceError";
  } catch (const DeviceError& error) {
    EXPECT_NE(std::string(error.what()).find("\"nonsense\" is undefined"), std::string::npos) << error.what();
  }
}

TEST_F(RealNvrtc, TakesTheDevicesOwnCodeOrPtxForItsDriver) {
  const std::optional<Target> hopper = target_for(nvrtc_, 90), beyond = target_for(nvrtc_, 990);
  ASSERT_TRUE(hopper && beyond);
  EXPECT_EQ(hopper->architecture, 90);
  EXPECT_TRUE(hopper->binary);
  EXPECT_GE(beyond->architecture, 90);
  EXPECT_FALSE(beyond->binary);
  EXPECT_FALSE(target_for(nvrtc_, 20));
}

// ---- numbers: by the host's compiler --------------------------------------------------------------------------------

TEST(GeneratedKernels, ComputeEveryFunctionAsTheCpu) {
  for (const DType compute : {float32, float64, int64}) {
    const Shape shape{13, 44};
    const Case one{every_function(compute, shape),
                   {Operand::drawn({compute, shape}, 1), Operand::drawn({compute, shape}, 2),
                    Operand::drawn({compute, shape}, 3)}};
    SCOPED_TRACE(to_string(compute));
    expect_same(run_generated(one, always), run_on_cpu(one), compute == float32 ? 1e-6 : 1e-14);
  }
}

TEST(GeneratedKernels, ConvertEveryDtypeAsTheCpu) {
  for (const DType compute : {float32, float64, int64})
    for (const std::int64_t vectors : {always, never}) {
      SCOPED_TRACE(to_string(compute));
      const Case one = every_dtype(compute, {128});
      expect_same(run_generated(one, vectors), run_on_cpu(one));
    }
}

TEST(GeneratedKernels, BroadcastAsTheCpu) {
  const Shape shapes[] = {{}, {7}, {1500}, {40, 30}, {2, 3, 4}, {30, 2, 8}, {2, 3, 4, 5}, {2, 3, 2, 1, 16}};
  unsigned seed = 0;
  for (const DType compute : {float32, float64, int64})
    for (const Shape& shape : shapes) {
      if (compute == float64 && shape.rank() < 3) continue;
      const Case one = random_case(seed, compute, shape);
      SCOPED_TRACE(concat("seed ", seed, ", ", shape, "\n", generated_for(one, always).text));
      expect_same(run_generated(one, seed % 3 == 0 ? never : always), run_on_cpu(one));
      ++seed;
    }
}

TEST(GeneratedKernels, LeaveWhatLiesBetweenRows) {
  for (const std::int64_t pitch : {112, 102, 101}) {
    Case one = bias_and_relu(9, 100);
    one.inputs[0] = Operand::drawn({float32, {9, 100}}, 4, pitch);
    SCOPED_TRACE(pitch);
    expect_same(run_generated(one, always), run_on_cpu(one));
  }
}

TEST(GeneratedKernels, WriteOverTheirInputs) {
  const Shape shape{9, 100};
  const Case one{
      std::make_shared<ElementwiseProgram>(
          float32, 3, std::vector<Instruction>{{Function::sub, {0, 1, -1}}, {Function::mul, {0, 2, -1}}},
          std::vector<ElementwiseProgram::Output>{{3, {float32, shape}}, {4, {float32, shape}}}),
      {Operand::drawn({float32, shape}, 5), Operand::drawn({float32, shape}, 6), Operand::drawn({float32, {9, 1}}, 7)}};
  for (const std::int64_t vectors : {always, never}) expect_same(run_generated(one, vectors, {1, 0}), run_on_cpu(one));
}

}  // namespace
}  // namespace keratin::cuda::testing
