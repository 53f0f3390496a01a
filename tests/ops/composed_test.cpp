// The functions of keratin/ops.h that are compositions, and which dtypes meet in which.
#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <limits>

#include "graph/differentiate.h"
#include "keratin/ops.h"
#include "ops/functions.h"
#include "support/approx.h"
#include "support/check_gradient.h"
#include "support/interpret.h"
#include "support/op_case.h"
#include "support/reference.h"
#include "support/throws.h"

namespace keratin {
namespace {

using testing::draw;
using Function = std::function<Tensor(const Tensors&)>;

constexpr double infinity = std::numeric_limits<double>::infinity();
constexpr double nan = std::numeric_limits<double>::quiet_NaN();

/// The numbers of a composition.
Array run(const Function& function, const std::vector<Array>& inputs) {
  Specs specs;
  testing::Feeds feeds;
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    specs.push_back({inputs[i].dtype(), inputs[i].shape()});
    feeds.emplace(concat("x", i), inputs[i]);
  }
  const Graph graph = testing::graph_of(specs, [&](const Tensors& x) { return Tensors(function(x)); });
  return testing::interpret(graph, feeds).outputs.at("0");
}

/// Value and gradient, in float64.
void check(const Function& function, const std::vector<Array>& inputs, const Array& want) {
  EXPECT_CLOSE(run(function, inputs), want, 1e-14);
  testing::check_gradient([&](const Tensors& x) { return Tensors(function(x)); }, inputs);
}

/// f of every row of a matrix.
Array by_rows(const Array& x, const std::function<double(std::span<const double>)>& f) {
  std::vector<double> out;
  for (std::int64_t i = 0; i < x.length(); ++i) out.push_back(f(std::as_const(x)[i].values<double>()));
  return Array(std::move(out), {x.length()});
}

double sum_of(std::span<const double> x, const std::function<double(double)>& f) {
  double sum = 0.0;
  for (const double value : x) sum += f(value);
  return sum;
}
double mean_of(std::span<const double> x) {
  return sum_of(x, [](double v) { return v; }) / static_cast<double>(x.size());
}
double variance_of(std::span<const double> x) {
  const double mean = mean_of(x);
  return sum_of(x, [&](double v) { return (v - mean) * (v - mean); }) / static_cast<double>(x.size());
}

TEST(Composed, ReducesToMomentsOverAxes) {
  const Array x = draw({{5, 7}}, float64, 0);
  check([](const Tensors& t) { return ops::mean(t[0], {.axis = 1}); }, {x}, by_rows(x, mean_of));
  check([](const Tensors& t) { return ops::var(t[0], {.axis = -1}); }, {x}, by_rows(x, variance_of));
  check([](const Tensors& t) { return ops::std(t[0], {.axis = 1}); }, {x},
        by_rows(x, [](auto row) { return std::sqrt(variance_of(row)); }));
  check([](const Tensors& t) { return ops::mean(t[0]); }, {x}, Array::full({}, mean_of(x.values<double>()), float64));
  EXPECT_EQ(run([](const Tensors& t) { return ops::var(t[0], {.axis = 1, .keepdims = true}); }, {x}).shape(),
            (Shape{5, 1}));
  EXPECT_EQ(run([](const Tensors& t) { return ops::mean(t[0]); }, {Array::full({}, 3.0)}).item(), 3.0);
}

TEST(Composed, TakesMeansOfIntegersAndBooleans) {
  const Array mean = run([](const Tensors& t) { return ops::mean(t[0]); }, {Array::of<std::int32_t>({1, 2})});
  EXPECT_EQ(mean.dtype(), float32);
  EXPECT_EQ(mean.item(), 1.5);
  const Array count = run([](const Tensors& t) { return ops::sum(t[0]); }, {Array::of<bool>({true, false, true})});
  EXPECT_EQ(count.dtype(), int32);
  EXPECT_EQ(count.item(), 2.0);
}

/// The ops that a function makes, in the order of their nodes.
std::vector<std::string> ops_of(const Function& function) {
  const Graph graph = testing::graph_of({{float32, {-1, 3}}}, [&](const Tensors& x) { return Tensors(function(x)); });
  std::vector<std::string> names;
  for (const Node& node : graph.nodes()) names.emplace_back(node.op->name());
  return names;
}

TEST(Composed, MakesNodesInTheOrderOfTheText) {  // whatever order the compiler evaluates arguments in
  using Names = std::vector<std::string>;
  EXPECT_EQ(ops_of([](const Tensors& x) { return ops::mean(x[0], {.axis = 0}); }),
            (Names{"Input", "ReduceSum", "Constant", "BatchSize", "Mul", "Div"}));
  EXPECT_EQ(ops_of([](const Tensors& x) { return ops::softplus(x[0]); }),
            (Names{"Input", "Constant", "Max", "Abs", "Neg", "Exp", "Log1p", "Add"}));
}

TEST(Composed, TakesLogarithmsOfSumsOfExponentials) {
  const Array x = draw({{5, 7}, -9, 9}, float64, 0);
  const auto log_sum = [](std::span<const double> row) {
    return std::log(sum_of(row, [](double v) { return std::exp(v); }));
  };
  check([](const Tensors& t) { return ops::logsumexp(t[0], {.axis = 1}); }, {x}, by_rows(x, log_sum));
  check([](const Tensors& t) { return ops::logsumexp(t[0]); }, {x},
        Array::full({}, log_sum(x.values<double>()), float64));
  const Array sums = by_rows(x, log_sum);
  check(
      [](const Tensors& t) { return ops::log_softmax(t[0]); }, {x},
      testing::filled({5, 7}, [&](const testing::Index& i) { return testing::element(x, i) - sums.at<double>(i[0]); }));
  EXPECT_EQ(run([](const Tensors& t) { return ops::logsumexp(t[0]); }, {Array::of<double>({1e4, 1e4})}).item(),
            1e4 + std::log(2.0));
}

/// The gradients of the sum of what the function makes.
std::vector<Array> gradients_of(const Function& function, const std::vector<Array>& inputs) {
  Specs specs;
  testing::Feeds feeds;
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    specs.push_back({inputs[i].dtype(), inputs[i].shape()});
    feeds.emplace(concat("x", i), inputs[i]);
  }
  const Graph graph = testing::graph_of(
      specs, [&](const Tensors& x) { return differentiate(*Trace::current(), ops::sum(function(x)), x); }, true);
  const testing::Interpreted ran = testing::interpret(graph, feeds);
  std::vector<Array> out;
  for (std::size_t i = 0; i < inputs.size(); ++i) out.push_back(ran.outputs.at(concat(i)));
  return out;
}

TEST(Composed, TakesLogarithmsOfSumsWithInfinities) {  // the numbers are those of Keras on TensorFlow
  const Array x =
      Array::of<double>({-infinity, -infinity, -infinity, 1, infinity, 1, infinity, -infinity}).reshape({4, 2});
  const Function log_sums = [](const Tensors& t) { return ops::logsumexp(t[0], {.axis = 1}); };
  EXPECT_CLOSE(run(log_sums, {x}), Array::of<double>({-infinity, 1, infinity, infinity}), 0.0);
  EXPECT_CLOSE(gradients_of(log_sums, {x})[0], Array::of<double>({nan, nan, 0, 1, nan, 0, nan, 0}).reshape({4, 2}),
               0.0);
}

TEST(Composed, HasTheGradientOfPowersThatTensorFlowHas) {
  const Array base = Array::of<double>({0, 0, 0, 0, 0, -2, -2, 2, infinity});
  const Array exponent = Array::of<double>({0, 1, 2, -1, 0.5, 2, 0, 0, 2});
  const Function power = [](const Tensors& t) { return ops::power(t[0], t[1]); };
  EXPECT_CLOSE(run(power, {base, exponent}), Array::of<double>({1, 0, 0, infinity, 0, 4, 1, 1, infinity}), 0.0);
  const std::vector<Array> gradients = gradients_of(power, {base, exponent});
  EXPECT_CLOSE(gradients[0], Array::of<double>({nan, 1, 0, -infinity, infinity, -4, 0, 0, infinity}), 0.0);
  EXPECT_CLOSE(gradients[1], Array::of<double>({0, 0, 0, nan, 0, 0, 0, std::log(2.0), infinity}), 0.0);
}

TEST(Composed, StaysFiniteWhereFunctionsDo) {
  const Array x = Array::of<double>({-1000, -1, 0, 1, 1000});
  const Array y = run([](const Tensors& t) { return ops::softplus(t[0]); }, {x});
  EXPECT_CLOSE(y, Array::of<double>({0, std::log1p(std::exp(-1)), std::log(2.0), 1 + std::log1p(std::exp(-1)), 1000}),
               1e-15);
  testing::check_gradient([](const Tensors& t) { return Tensors(ops::softplus(t[0])); },
                          {draw({{9}, -5, 5, 0.01}, float64, 0)});
}

TEST(Composed, NormalizesRows) {
  const Array x = draw({{5, 7}}, float64, 0);
  const auto norm = [](std::span<const double> row) { return std::sqrt(sum_of(row, [](double v) { return v * v; })); };
  const Array norms = by_rows(x, norm);
  check([](const Tensors& t) { return ops::normalize(t[0]); }, {x},
        testing::filled({5, 7},
                        [&](const testing::Index& i) { return testing::element(x, i) / norms.at<double>(i[0]); }));
  EXPECT_CLOSE(run([](const Tensors& t) { return ops::normalize(t[0]); }, {Array::zeros({2, 3}, float64)}),
               Array::zeros({2, 3}), 0.0);
}

TEST(Composed, RaisesToPowers) {
  const Array x = draw({{7}, 0.5, 2}, float64, 0);
  for (const double exponent : {-1.0, 0.5, 1.0, 2.0, 3.0})
    check([exponent](const Tensors& t) { return ops::power(t[0], exponent); }, {x},
          testing::filled({7}, [&](const testing::Index& i) { return std::pow(testing::element(x, i), exponent); }));
  EXPECT_CLOSE(run([](const Tensors& t) { return ops::power(t[0], 3.0); }, {Array::of<float>({-2})}),
               Array::of<float>({-8}), 1e-7);
  check([](const Tensors& t) { return ops::rsqrt(t[0]); }, {x},
        testing::filled({7}, [&](const testing::Index& i) { return 1.0 / std::sqrt(testing::element(x, i)); }));
}

TEST(Composed, ComparesAndChooses) {
  const Array x = Array::of<float>({-2, -1, 0, 1, 2});
  const auto mask = [&](const Function& function) { return run(function, {x}); };
  EXPECT_CLOSE(mask([](const Tensors& t) { return ops::greater(t[0], 0.0); }),
               Array::of<bool>({false, false, false, true, true}), 0.0);
  EXPECT_CLOSE(mask([](const Tensors& t) { return ops::greater_equal(t[0], 0.0); }),
               Array::of<bool>({false, false, true, true, true}), 0.0);
  EXPECT_CLOSE(mask([](const Tensors& t) { return ops::less(t[0], 0.0); }),
               Array::of<bool>({true, true, false, false, false}), 0.0);
  EXPECT_CLOSE(mask([](const Tensors& t) { return ops::less_equal(t[0], 0.0); }),
               Array::of<bool>({true, true, true, false, false}), 0.0);
  EXPECT_CLOSE(mask([](const Tensors& t) { return ops::not_equal(t[0], 1.0); }),
               Array::of<bool>({true, true, true, false, true}), 0.0);
  EXPECT_CLOSE(mask([](const Tensors& t) { return ops::logical_or(ops::less(t[0], -1.0), ops::equal(t[0], 2.0)); }),
               Array::of<bool>({true, false, false, false, true}), 0.0);
  EXPECT_CLOSE(mask([](const Tensors& t) { return ops::clip(t[0], -1.0, 1.5); }), Array::of<float>({-1, -1, 0, 1, 1.5}),
               0.0);
  EXPECT_CLOSE(mask([](const Tensors& t) { return ops::where(ops::greater(t[0], 0.0), t[0], 7.0); }),
               Array::of<float>({7, 7, 7, 1, 2}), 0.0);
  EXPECT_CLOSE(mask([](const Tensors& t) { return ops::where(ops::greater(t[0], 0.0), 1.0, 0.0); }),
               Array::of<float>({0, 0, 0, 1, 1}), 0.0);
}

TEST(Composed, KeepsIntegersUntilAFractionArrives) {
  const Tensor x(Array::of<std::int32_t>({1, 2}));
  EXPECT_EQ((x + 1.0).dtype(), int32);
  EXPECT_EQ((x * 0.5).dtype(), float32);
  EXPECT_EQ((x / 2.0).dtype(), float32);
  EXPECT_EQ((2.0 / x).dtype(), float32);
  EXPECT_EQ((x / x).dtype(), float32);
  EXPECT_EQ((x + Tensor(Array::of<std::int64_t>({1, 2}))).dtype(), int64);
  EXPECT_EQ((x + Tensor(Array::of<double>({1, 2}))).dtype(), float64);
  EXPECT_EQ((Tensor(Array::zeros({}, bfloat16)) * 0.1).dtype(), bfloat16);
  EXPECT_EQ((Tensor(Array::zeros({}, boolean)) + 1.0).dtype(), float32);
  EXPECT_EQ(ops::exp(x).dtype(), float32);
  EXPECT_EQ(ops::square(x).dtype(), int32);
  EXPECT_EQ(ops::where(ops::greater(x, 0.0), x, 0.5).dtype(), float32);
  EXPECT_CLOSE(run([](const Tensors& t) { return t[0] / 2.0; }, {Array::of<std::int32_t>({1, 3})}),
               Array::of<float>({0.5f, 1.5f}), 0.0);
  EXPECT_CLOSE(run([](const Tensors& t) { return 1.0 - t[0]; }, {Array::of<std::int32_t>({1, 3})}),
               Array::of<std::int32_t>({0, -2}), 0.0);
}

TEST(Composed, MultipliesStacksByOneMatrix) {
  const Array x = draw({{2, 3, 4}}, float64, 0), w = draw({{4, 5}}, float64, 1), other = draw({{2, 4, 5}}, float64, 2);
  const auto product = [&](const Array& a, const Array& b) {
    return testing::filled({2, 3, 5}, [&](const testing::Index& i) {
      double sum = 0.0;
      for (std::int64_t k = 0; k < 4; ++k)
        sum += testing::element(a, {i[0], i[1], k}) * testing::element(b, {i[0], k, i[2]});
      return sum;
    });
  };
  check([](const Tensors& t) { return ops::matmul(t[0], t[1]); }, {x, w}, product(x, w.reshape({1, 4, 5})));
  check([](const Tensors& t) { return ops::matmul(t[0], t[1]); }, {x, other}, product(x, other));
  EXPECT_EQ(ops::matmul(Tensor(Array::zeros({2, 3}, int32)), Tensor(Array::zeros({3, 2}))).dtype(), float32);
  EXPECT_THROWS(ShapeError, ops::matmul(Tensor(Array::zeros({3})), Tensor(Array::zeros({3, 2}))),
                "matmul: expected at least two axes, got (3,) and (3, 2)");
}

TEST(Composed, MultipliesStacksOfBatches) {
  // (batch, 3, 4) · (4, 5): the rows in one product are 3·batch.
  const Graph graph = testing::graph_of({{float64, {-1, 3, 4}}, {float64, {4, 5}}},
                                        [](const Tensors& t) { return Tensors(ops::matmul(t[0], t[1])); });
  EXPECT_EQ(graph.spec(graph.outputs()[0].value), (Spec{float64, {-1, 3, 5}}));
  const Array x = Array::ones({2, 3, 4}, float64), w = Array::ones({4, 5}, float64);
  EXPECT_CLOSE(testing::interpret(graph, {{"x0", x}, {"x1", w}}, 2).outputs.at("0"), Array::full({2, 3, 5}, 4.0), 0.0);
}

TEST(Composed, AddsAndDropsAxes) {
  const Tensor x(Array::zeros({2, 3}));
  EXPECT_EQ(ops::expand_dims(x, 0).shape(), (Shape{1, 2, 3}));
  EXPECT_EQ(ops::expand_dims(x, -1).shape(), (Shape{2, 3, 1}));
  EXPECT_EQ(ops::squeeze(ops::expand_dims(x, 1), 1).shape(), (Shape{2, 3}));
  EXPECT_EQ(ops::transpose(x).shape(), (Shape{3, 2}));
  EXPECT_EQ(ops::transpose(x, {-1, 0}).shape(), (Shape{3, 2}));
  EXPECT_EQ(ops::zeros_like(x).shape(), x.shape());
  EXPECT_THROWS(ShapeError, ops::squeeze(x, 1), "squeeze: expected extent 1 along axis 1, got (2, 3)");
  EXPECT_THROWS(ShapeError, ops::transpose(x, {0, 0}), "transpose: expected each of 2 axes once, got 0, 0");
  EXPECT_THROWS(ShapeError, ops::expand_dims(x, 3), "expand_dims: expected an axis in [-3, 3), got 3");
}

TEST(Composed, MakesOneHotRows) {
  for (const DType dtype : {int8, uint8, int32, int64, float32}) {
    const Array classes = Array::of<std::int32_t>({2, 0, 5}).astype(dtype);
    const Array hot = run([](const Tensors& t) { return ops::one_hot(t[0], 3); }, {classes});
    EXPECT_CLOSE(hot, Array::of<float>({{0, 0, 1}, {1, 0, 0}, {0, 0, 0}}), 0.0);
  }
}

TEST(Composed, MakesNumbers) {
  EXPECT_CLOSE(run([](const Tensors&) { return ops::arange(4); }, {}), Array::of<std::int32_t>({0, 1, 2, 3}), 0.0);
  EXPECT_CLOSE(run(
                   [](const Tensors&) {
                     return ops::full({2, 2}, 0.5);
                   },
                   {}),
               Array::of<float>({{0.5, 0.5}, {0.5, 0.5}}), 0.0);
  EXPECT_CLOSE(
      run([](const Tensors& t) { return ops::ones_like(t[0]) + ops::zeros_like(t[0]); }, {Array::zeros({3}, int64)}),
      Array::of<std::int64_t>({1, 1, 1}), 0.0);
}

TEST(Composed, AsksWhatIsFinite) {
  const Array x = Array::of<double>({1, infinity, -infinity, std::nan("")});
  EXPECT_CLOSE(run([](const Tensors& t) { return ops::isfinite(t[0]); }, {x}),
               Array::of<bool>({true, false, false, false}), 0.0);
}

TEST(Tensors, RefuseAnIndexBeyondTheLast) {
  Tensors two{Tensor(Array::ones({1})), Tensor(Array::ones({2}))};
  EXPECT_EQ(two[1].shape(), (Shape{2}));
  EXPECT_THROWS(ValueError, two[2], "Tensors: expected an index below 2, got 2");
  EXPECT_THROWS(ValueError, std::as_const(two)[2], "expected an index below 2, got 2");
  EXPECT_THROWS(ValueError, Tensors()[0], "expected an index below 0, got 0");
}

// ---- a number beside integers
// ----------------------------------------------------------------------------------------------

struct Range {
  DType dtype;
  double low, high;  // of int64: the highest that is a double
};
const Range ranges[] = {
    {int8, -128, 127}, {uint8, 0, 255}, {int32, -0x1p31, 0x1p31 - 1}, {int64, -0x1p63, 0x1p63 - 1024}};

TEST(Number, TakesTheIntegerDtypeOnlyIfThatHasIt) {
  for (const Range& range : ranges) {
    SCOPED_TRACE(to_string(range.dtype));
    const Array x = Array::of<std::int32_t>({5, 7}).astype(range.dtype);
    const auto times = [&](double number) { return run([&](const Tensors& t) { return t[0] * number; }, {x}); };
    for (const double number : {range.low, range.high}) EXPECT_EQ(times(number).dtype(), range.dtype) << number;
    for (const double number : {range.low - 4096, range.high + 4096, 0.5, infinity, nan})
      EXPECT_EQ(times(number).dtype(), float32) << number;
    EXPECT_CLOSE(times(2.0), Array::of<std::int32_t>({10, 14}).astype(range.dtype), 0.0);
    EXPECT_CLOSE(times(1e20), Array::of<float>({5e20F, 7e20F}), 1e-7);
  }
  const Array bytes = Array::of<std::uint8_t>({5, 255});
  EXPECT_CLOSE(run([](const Tensors& t) { return t[0] * -1.0; }, {bytes}), Array::of<float>({-5, -255}), 0.0);
  EXPECT_CLOSE(run([](const Tensors& t) { return t[0] - 128.0; }, {bytes}), Array::of<std::uint8_t>({133, 127}), 0.0);
  EXPECT_CLOSE(run([](const Tensors& t) { return ops::clip(t[0], -1.0, 300.0); }, {bytes}), Array::of<float>({5, 255}),
               0.0);
}

TEST(Number, IsComparedWithIntegersExactly) {
  for (const Range& range : ranges) {
    SCOPED_TRACE(to_string(range.dtype));
    const Array ends = Array::of<double>({range.low, range.high}).astype(range.dtype);
    for (const double number : {range.low - 4096, range.low - 0.5, range.low, 2.5, range.high - 0.5, range.high,
                                range.high + 0.5, range.high + 1, range.high + 1024, 1e30, infinity, -infinity, nan}) {
      const double low = range.low, high = range.high;
      const auto want = [](bool a, bool b) { return Array::of<bool>({a, b}); };
      const auto got = [&](auto compare) {
        return run([&](const Tensors& t) { return compare(t[0], number); }, {ends});
      };
      SCOPED_TRACE(number);
      EXPECT_CLOSE(got([](Tensor x, double b) { return ops::equal(x, b); }), want(low == number, high == number), 0.0);
      EXPECT_CLOSE(got([](Tensor x, double b) { return ops::not_equal(x, b); }), want(low != number, high != number),
                   0.0);
      EXPECT_CLOSE(got([](Tensor x, double b) { return ops::less(x, b); }), want(low < number, high < number), 0.0);
      EXPECT_CLOSE(got([](Tensor x, double b) { return ops::less_equal(x, b); }), want(low <= number, high <= number),
                   0.0);
      EXPECT_CLOSE(got([](Tensor x, double b) { return ops::greater(x, b); }), want(low > number, high > number), 0.0);
      EXPECT_CLOSE(got([](Tensor x, double b) { return ops::greater_equal(x, b); }),
                   want(low >= number, high >= number), 0.0);
    }
  }
  const Array largest = Array::of<std::int64_t>({std::numeric_limits<std::int64_t>::max()});
  EXPECT_CLOSE(run([](const Tensors& t) { return ops::equal(t[0], 0x1p63); }, {largest}), Array::of<bool>({false}),
               0.0);
  const Array odd = Array::of<std::int32_t>({(1 << 24) + 1});
  EXPECT_CLOSE(run([](const Tensors& t) { return ops::greater(t[0], 0x1p24 + 0.5); }, {odd}), Array::of<bool>({true}),
               0.0);
}

TEST(Composed, TruncatesWhatIsToBeOneHotAndRefusesNegativeCounts) {
  const Array x = Array::of<float>({1.5F, 2.0F, -0.5F});
  EXPECT_CLOSE(run([](const Tensors& t) { return ops::one_hot(t[0], 3); }, {x}),
               Array::of<float>({{0, 1, 0}, {0, 0, 1}, {1, 0, 0}}), 0.0);
  EXPECT_THROWS(ValueError, ops::one_hot(Tensor(x), -1), "one_hot: expected 0 classes or more, got -1");
  EXPECT_THROWS(ValueError, ops::arange(-1), "arange: expected to stop at 0 or more, got -1");
}

TEST(Evaluate, RefusesWhatDependsOnTheBatch) {
  EXPECT_THROWS(ValueError, ops::zeros({unknown, 2}).evaluate(), "evaluate: expected known extents");
  EXPECT_THROWS(ValueError, ops::sum(ops::ones({unknown, 2})).evaluate(), "depends on the batch");
  EXPECT_THROWS(ValueError, ops::mean(ops::ones({unknown, 2})).evaluate(), "depends on the batch");
}

// As Keras 3.15 on TensorFlow: 0 times infinity.
TEST(Power, HasKerasGradientsAtZero) {
  const auto gradient = [](double exponent) {
    const Array x = Array::of<float>({0.0F, 2.0F});
    const Graph graph = testing::graph_of({{float32, {2}}}, [&](const Tensors& t) {
      return Tensors(
          differentiate(*Trace::current(), ops::sum(ops::power(t[0], exponent)), std::vector<Tensor>{t[0]})[0]);
    });
    return testing::interpret(graph, {{"x0", x}}).outputs.at("0");
  };
  EXPECT_TRUE(std::isnan(gradient(0.0).at(0)));
  EXPECT_EQ(gradient(0.0).at(1), 0.0F);
  EXPECT_EQ(gradient(0.5).at(0), infinity);
  EXPECT_EQ(gradient(3.0).at(0), 0.0F);
}

}  // namespace
}  // namespace keratin
