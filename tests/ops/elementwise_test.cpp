#include "ops/elementwise.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "graph/differentiate.h"
#include "ops/functions.h"
#include "support/approx.h"
#include "support/check_gradient.h"
#include "support/interpret.h"
#include "support/op_case.h"
#include "support/reference.h"
#include "support/throws.h"

namespace keratin {
namespace {

using testing::Numbers;
using testing::OpCases;
using testing::run_op;

constexpr double nan = std::numeric_limits<double>::quiet_NaN();
constexpr double infinity = std::numeric_limits<double>::infinity();

/// What a function is in float64, and where it is tried.
struct FunctionCase {
  Function function;
  double (*value)(double a, double b, double c);
  double low = -2.0, high = 2.0, gap = 0.0;
  bool integers = false;  // defined for them, too
  bool booleans = false;  // for them alone
};

const std::vector<FunctionCase> functions{
    {Function::identity, [](double a, double, double) { return a; }, -2, 2, 0, true},
    {Function::neg, [](double a, double, double) { return -a; }, -2, 2, 0, true},
    {Function::abs, [](double a, double, double) { return std::abs(a); }, -2, 2, 0.1, true},
    {Function::sign, [](double a, double, double) { return a > 0 ? 1.0 : (a < 0 ? -1.0 : 0.0); }, -2, 2, 0.1, true},
    {Function::square, [](double a, double, double) { return a * a; }, -2, 2, 0, true},
    {Function::sqrt, [](double a, double, double) { return std::sqrt(a); }, 0.1, 4},
    {Function::exp, [](double a, double, double) { return std::exp(a); }},
    {Function::log, [](double a, double, double) { return std::log(a); }, 0.1, 4},
    {Function::log1p, [](double a, double, double) { return std::log1p(a); }, -0.9, 4},
    {Function::expm1, [](double a, double, double) { return std::expm1(a); }},
    {Function::sin, [](double a, double, double) { return std::sin(a); }, -9, 9},
    {Function::cos, [](double a, double, double) { return std::cos(a); }, -9, 9},
    {Function::tanh, [](double a, double, double) { return std::tanh(a); }},
    {Function::erf, [](double a, double, double) { return std::erf(a); }},
    {Function::floor, [](double a, double, double) { return std::floor(a); }, -9, 9},
    {Function::ceil, [](double a, double, double) { return std::ceil(a); }, -9, 9},
    {Function::round, [](double a, double, double) { return std::nearbyint(a); }, -9, 9},
    {Function::sigmoid, [](double a, double, double) { return 1.0 / (1.0 + std::exp(-a)); }, -9, 9},
    {Function::relu, [](double a, double, double) { return a > 0 ? a : 0.0; }, -2, 2, 0.1, true},
    {Function::is_finite, [](double a, double, double) { return std::isfinite(a) ? 1.0 : 0.0; }},
    {Function::logical_not, [](double a, double, double) { return a == 0 ? 1.0 : 0.0; }, 0, 2, 0, false, true},
    {Function::add, [](double a, double b, double) { return a + b; }, -2, 2, 0, true},
    {Function::sub, [](double a, double b, double) { return a - b; }, -2, 2, 0, true},
    {Function::mul, [](double a, double b, double) { return a * b; }, -2, 2, 0, true},
    {Function::div, [](double a, double b, double) { return a / b; }, -2, 2, 0.5},
    {Function::max, [](double a, double b, double) { return std::max(a, b); }, -2, 2, 0, true},
    {Function::min, [](double a, double b, double) { return std::min(a, b); }, -2, 2, 0, true},
    {Function::pow, [](double a, double b, double) { return std::pow(a, b); }, 0.5, 2},
    {Function::equal, [](double a, double b, double) { return a == b ? 1.0 : 0.0; }, -2, 2, 0, true},
    {Function::less, [](double a, double b, double) { return a < b ? 1.0 : 0.0; }, -2, 2, 0, true},
    {Function::less_equal, [](double a, double b, double) { return a <= b ? 1.0 : 0.0; }, -2, 2, 0, true},
    {Function::logical_and, [](double a, double b, double) { return a != 0 && b != 0 ? 1.0 : 0.0; }, 0, 2, 0, false,
     true},
    {Function::logical_or, [](double a, double b, double) { return a != 0 || b != 0 ? 1.0 : 0.0; }, 0, 2, 0, false,
     true},
    {Function::where, [](double a, double b, double c) { return a != 0 ? b : c; }, -2, 2, 0, true},
};

/// Shapes of one operand, of two, of three; every way in which kernels walk: whole, by rows, by columns, by planes.
const std::vector<std::vector<Shape>> shapes{
    {{}, {}, {}},
    {{1}, {}, {1, 1}},
    {{7}, {7}, {7}},
    {{7}, {}, {7}},
    {{}, {7}, {1}},
    {{1031}, {1031}, {}},
    {{5, 3}, {3}, {5, 1}},
    {{5, 1}, {1, 3}, {5, 3}},
    {{3}, {5, 1}, {}},
    {{11, 300}, {300}, {11, 1}},
    {{11, 1}, {11, 300}, {300}},
    {{2, 3, 4}, {3, 1}, {2, 1, 4}},
    {{2, 1, 131}, {1, 3, 1}, {2, 3, 131}},
    {{2, 3, 1, 5}, {3, 7, 5}, {2, 1, 1, 1}},
    {{2, 3, 4, 5}, {1, 3, 1, 5}, {4, 1}},
    {{0}, {0}, {1}},
    {{3, 0, 2}, {2}, {0, 1}},
};

Array value_of(const FunctionCase& function, const std::vector<Array>& inputs) {
  Shape shape;
  for (const Array& input : inputs) shape = broadcast_shapes(shape, input.shape());
  return testing::filled(shape, [&](const testing::Index& index) {
    const auto at = [&](std::size_t k) { return k < inputs.size() ? testing::element(inputs[k], index) : 0.0; };
    return function.value(at(0), at(1), at(2));
  });
}

OpCases cases_of(const FunctionCase& function) {
  const FunctionRow& meaning = row(function.function);
  OpCases table;
  for (const auto& operands : shapes) {
    testing::OpCase sample{
        concat(operands[0], operands[1], operands[2]), std::make_shared<Elementwise>(function.function), {}};
    for (int k = 0; k < meaning.arity; ++k) {
      Numbers numbers{operands[static_cast<std::size_t>(k)], function.low, function.high, function.gap};
      if (meaning.result == ResultKind::where && k == 0) numbers = {numbers.shape, 0, 2, 0, boolean};
      sample.inputs.push_back(numbers);
    }
    table.cases.push_back(std::move(sample));
  }
  table.reference = [&function](const Op&, const std::vector<Array>& inputs) { return value_of(function, inputs); };
  if (function.booleans) table.dtypes = {boolean};
  if (function.integers) table.dtypes = {float32, float64, int8, int32, int64};
  return table;
}

TEST(Elementwise, TriesEveryFunction) {
  ASSERT_EQ(functions.size(), static_cast<std::size_t>(function_count));
  for (int i = 0; i < function_count; ++i)
    EXPECT_EQ(static_cast<int>(functions[static_cast<std::size_t>(i)].function), i);
}

TEST(Elementwise, ComputesWhatTheFunctionSays) {
  for (const FunctionCase& function : functions) testing::check_forward(cases_of(function));
}

TEST(Elementwise, ComputesInHalfPrecisionAndInBytes) {
  for (const FunctionCase& function : functions) {
    if (function.booleans) continue;
    OpCases table = cases_of(function);
    table.dtypes = {float16, bfloat16};
    table.cases.resize(10);
    if (function.function != Function::pow)
      testing::check_forward(table);  // its numbers are not near enough to one another
    if (!function.integers) continue;
    table.dtypes = {uint8};
    for (testing::OpCase& sample : table.cases)
      for (Numbers& numbers : sample.inputs) numbers.low = std::max(numbers.low, 0.0);
    if (function.function != Function::neg && function.function != Function::sub) testing::check_forward(table);
  }
}

TEST(Elementwise, HasTheGradientOfEveryFunctionThatHasOne) {
  for (const FunctionCase& function : functions)
    if (!function.booleans && row(function.function).gradient != nullptr) testing::check_gradients(cases_of(function));
}

TEST(Elementwise, WrapsIntegersAround) {
  const auto binary = [](Function function, const Array& a, const Array& b) {
    return run_op(Elementwise(function), {a, b})[0];
  };
  const Array most = Array::of<std::int64_t>({std::numeric_limits<std::int64_t>::max()}),
              one = Array::of<std::int64_t>({1});
  EXPECT_EQ(binary(Function::add, most, one).at<std::int64_t>(0), std::numeric_limits<std::int64_t>::min());
  const Array least = binary(Function::add, most, one);
  EXPECT_EQ(run_op(Elementwise(Function::neg), {least})[0].at<std::int64_t>(0),
            std::numeric_limits<std::int64_t>::min());
  EXPECT_EQ(run_op(Elementwise(Function::abs), {least})[0].at<std::int64_t>(0),
            std::numeric_limits<std::int64_t>::min());
  EXPECT_EQ(binary(Function::add, Array::of<std::uint8_t>({250}), Array::of<std::uint8_t>({10})).at<std::uint8_t>(0),
            4);
  EXPECT_EQ(binary(Function::div, Array::of<std::int32_t>({-7}), Array::of<std::int32_t>({2})).at<std::int32_t>(0), -3);
  EXPECT_EQ(binary(Function::div, Array::of<std::int32_t>({7}), Array::of<std::int32_t>({0})).at<std::int32_t>(0), 0);
}

/// One number through a unary function, in both floating-point dtypes; they must agree on what is no ordinary number.
double through(Function function, double x) {
  const double wide = run_op(Elementwise(function), {Array::full({}, x, float64)})[0].item();
  const double narrow = run_op(Elementwise(function), {Array::full({}, x, float32)})[0].item();
  EXPECT_TRUE(wide == narrow || (std::isnan(wide) && std::isnan(narrow)))
      << row(function).name << "(" << x << "): " << wide << " and " << narrow;
  EXPECT_EQ(std::signbit(wide), std::signbit(narrow)) << row(function).name << "(" << x << ")";
  return wide;
}

TEST(Elementwise, TreatsNaNInfinityAndSignedZeroAsNumPy) {
  for (const FunctionCase& function : functions) {
    if (row(function.function).arity != 1 || function.booleans || function.function == Function::is_finite) continue;
    EXPECT_TRUE(std::isnan(through(function.function, nan))) << row(function.function).name;
  }
  EXPECT_EQ(through(Function::exp, infinity), infinity);
  EXPECT_EQ(through(Function::exp, -infinity), 0.0);
  EXPECT_EQ(through(Function::expm1, -infinity), -1.0);
  EXPECT_EQ(through(Function::log, 0.0), -infinity);
  EXPECT_EQ(through(Function::log, infinity), infinity);
  EXPECT_TRUE(std::isnan(through(Function::log, -1.0)));
  EXPECT_EQ(through(Function::log1p, -1.0), -infinity);
  EXPECT_EQ(through(Function::log1p, infinity), infinity);
  EXPECT_TRUE(std::isnan(through(Function::sqrt, -1.0)));
  EXPECT_EQ(through(Function::tanh, infinity), 1.0);
  EXPECT_EQ(through(Function::tanh, -infinity), -1.0);
  EXPECT_EQ(through(Function::sigmoid, infinity), 1.0);
  EXPECT_EQ(through(Function::sigmoid, -infinity), 0.0);
  EXPECT_EQ(through(Function::erf, -infinity), -1.0);
  EXPECT_EQ(through(Function::floor, -infinity), -infinity);
  EXPECT_EQ(through(Function::round, 2.5), 2.0);
  EXPECT_EQ(through(Function::round, -3.5), -4.0);
  EXPECT_EQ(through(Function::ceil, 1e30f), 1e30f);
  EXPECT_EQ(through(Function::is_finite, infinity), 0.0);
  EXPECT_EQ(through(Function::is_finite, nan), 0.0);
  for (const Function odd : {Function::tanh, Function::expm1, Function::log1p, Function::erf, Function::sin,
                             Function::floor, Function::round})
    EXPECT_TRUE(std::signbit(through(odd, -0.0))) << row(odd).name;
}

TEST(Elementwise, GivesAnElementTheSameBitsWhereverItStands) {
  for (const FunctionCase& function : functions) {
    if (row(function.function).arity != 1 || function.booleans) continue;
    for (const DType dtype : {float32, float64}) {
      const Array x = testing::draw({{37}, function.low, function.high}, dtype, 3);
      const Array all = run_op(Elementwise(function.function), {x})[0];
      for (std::int64_t i = 0; i < x.size(); ++i) {
        const Array alone = run_op(Elementwise(function.function), {x[i].copy()})[0];
        EXPECT_TRUE(testing::close(alone, all[i], 0.0)) << row(function.function).name;
      }
    }
  }
}

TEST(Elementwise, TakesTheSignOffANegativeZero) { EXPECT_FALSE(std::signbit(through(Function::abs, -0.0))); }

TEST(Elementwise, LetsNaNWinInMaxAndMin) {
  for (const DType dtype : {float32, float64})
    for (const Function function : {Function::max, Function::min}) {
      const Array a = Array::of<double>({nan, 1.0, nan}).astype(dtype),
                  b = Array::of<double>({1.0, nan, nan}).astype(dtype);
      const Array out = run_op(Elementwise(function), {a, b})[0].astype(float64);
      for (const double value : out.values<double>()) EXPECT_TRUE(std::isnan(value));
    }
}

TEST(Elementwise, HalvesTheGradientOfAMaximumBetweenEquals) {
  const Graph graph = testing::graph_of({{float64, {}}, {float64, {}}}, [](const Tensors& x) {
    return differentiate(*Trace::current(), ops::maximum(x[0], x[1]), std::vector<Tensor>{x[0], x[1]});
  });
  const auto result =
      testing::interpret(graph, {{"x0", Array::full({}, 3.0, float64)}, {"x1", Array::full({}, 3.0, float64)}});
  EXPECT_EQ(result.outputs.at("0").item(), 0.5);
  EXPECT_EQ(result.outputs.at("1").item(), 0.5);
}

TEST(Elementwise, RefusesWhatDoesNotFit) {
  const auto op = [](Function function) { return std::make_shared<Elementwise>(function); };
  OpCases table;
  table.errors = {
      {"shapes",
       op(Function::add),
       {{float32, {2, 3}}, {float32, {2}}},
       "expected shapes that broadcast, got (2, 3) and (2,)"},
      {"batches", op(Function::add), {{float32, {-1, 3}}, {float32, {-2, 3}}}, "(batch, 3) and (2*batch, 3)"},
      {"dtypes", op(Function::mul), {{float32, {2}}, {float64, {2}}}, "expected inputs of one dtype"},
      {"integers", op(Function::exp), {{int32, {2}}}, "expected floating-point numbers"},
      {"condition",
       op(Function::where),
       {{float32, {2}}, {float32, {2}}, {float32, {2}}},
       "expected a boolean condition"},
      {"branches", op(Function::where), {{boolean, {2}}, {float32, {2}}, {int32, {2}}}, "expected inputs of one dtype"},
  };
  testing::check_errors(table);
}

TEST(Cast, ConvertsBetweenAllDtypes) {
  const std::vector<DType> dtypes{float32, float64, float16, bfloat16, int8, uint8, int32, int64, boolean};
  const Array numbers =
      Array::of<double>({0.0, 1.0, -1.0, 2.5, -2.5, 126.9, 300.0, -300.0, 1e10, -1e10, 3e38, infinity, -infinity, nan});
  for (const DType from : dtypes)
    for (const DType to : dtypes) {
      const Array x = numbers.astype(from);
      const Array got = run_op(Cast(to), {x})[0], want = x.astype(to);
      EXPECT_EQ(got.dtype(), to);
      EXPECT_TRUE(testing::close(got, want, 0.0)) << "from " << from << " to " << to;
    }
}

TEST(Cast, PassesGradientsOnInTheInputsDtype) {
  const Graph graph = testing::graph_of({{float32, {3}}}, [](const Tensors& x) {
    return differentiate(*Trace::current(), ops::sum(ops::square(cast_to(x[0], float64))), std::vector<Tensor>{x[0]});
  });
  const Array gradient = testing::interpret(graph, {{"x0", Array::of<float>({1, 2, 3})}}).outputs.at("0");
  EXPECT_EQ(gradient.dtype(), float32);
  EXPECT_TRUE(testing::close(gradient, Array::of<double>({2, 4, 6}), 0.0));
}

OpCases expand_cases() {
  OpCases table;
  const std::vector<std::pair<Shape, Shape>> from_to{{{}, {}},
                                                     {{}, {3, 5}},
                                                     {{3}, {2, 3}},
                                                     {{3, 1}, {3, 300}},
                                                     {{1, 5}, {7, 5}},
                                                     {{2, 1, 4}, {2, 3, 4}},
                                                     {{1, 3, 1}, {2, 2, 3, 2}},
                                                     {{1}, {0}},
                                                     {{0, 1}, {0, 4}}};
  for (const auto& [from, to] : from_to)
    table.cases.push_back({concat(from, to), std::make_shared<Broadcast>(to), {{from}}});
  table.reference = [](const Op& op, const std::vector<Array>& inputs) {
    const Shape to = op.infer(Specs{{float64, inputs[0].shape()}})[0].shape;
    return testing::filled(to, [&](const testing::Index& index) { return testing::element(inputs[0], index); });
  };
  table.dtypes = {float32, float64, float16, int8, int32, int64, boolean};
  table.errors = {{"narrower",
                   std::make_shared<Broadcast>(Shape{1, 3}),
                   {{float32, {2, 3}}},
                   "expected a shape that broadcasts to (1, 3)"}};
  return table;
}

TEST(Expand, RepeatsTheInput) { testing::check_forward(expand_cases()); }
TEST(Expand, SumsTheGradientOverWhatWasRepeated) { testing::check_gradients(expand_cases()); }
TEST(Expand, RefusesAShapeThatTheInputDoesNotReach) { testing::check_errors(expand_cases()); }

TEST(StopGradient, IsItsInputWithoutAGradient) {
  const Graph graph = testing::graph_of({{float64, {}}}, [](const Tensors& x) {
    const Tensor y = x[0] * ops::stop_gradient(x[0]);
    return Tensors{y, differentiate(*Trace::current(), y, std::vector<Tensor>{x[0]})[0]};
  });
  const auto result = testing::interpret(graph, {{"x0", Array::full({}, 3.0, float64)}});
  EXPECT_EQ(result.outputs.at("0").item(), 9.0);
  EXPECT_EQ(result.outputs.at("1").item(), 3.0);
}

}  // namespace
}  // namespace keratin
