// Operators of ONNX that work element by element.
#include <algorithm>
#include <cmath>

#include "base/check.h"
#include "support/onnx_numbers.h"
#include "support/onnx_operators.h"

namespace keratin::testing {
namespace {

template <double (*F)(double)> Array floating_unary(const OnnxCall& call) {
  expect_alike(call, 1);
  expect_floating(call.inputs[0]);
  return elementwise(call.inputs, call.inputs[0].dtype(), [](std::span<const double> x) { return F(x[0]); });
}

template <double (*F)(double)> Array numeric_unary(const OnnxCall& call) {
  expect_alike(call, 1);
  check_data(call.inputs[0].dtype() != boolean, "expected numbers, got booleans");
  return elementwise(call.inputs, call.inputs[0].dtype(), [](std::span<const double> x) { return F(x[0]); });
}

template <double (*F)(double, double)> Array arithmetic(const OnnxCall& call) {
  expect_alike(call, 2);
  check_data(call.inputs[0].dtype() != boolean, "expected numbers, got booleans");
  return elementwise(call.inputs, call.inputs[0].dtype(), [](std::span<const double> x) { return F(x[0], x[1]); });
}

template <double (*F)(double, double)> Array comparison(const OnnxCall& call) {
  expect_alike(call, 2);
  return elementwise(call.inputs, boolean, [](std::span<const double> x) { return F(x[0], x[1]); });
}

template <double (*F)(double, double)> Array logical(const OnnxCall& call) {
  check_data(call.inputs.at(0).dtype() == boolean, "expected booleans, got ", call.inputs[0].dtype());
  return comparison<F>(call);
}

/// For what takes signed numbers alone.
template <double (*F)(double)> Array signed_unary(const OnnxCall& call) {
  check_data(call.inputs.at(0).dtype() != uint8, "expected signed numbers, got uint8");
  return numeric_unary<F>(call);
}

double negative(double x) { return -x; }
double sign(double x) { return std::isnan(x) ? x : static_cast<double>((x > 0) - (x < 0)); }
double sigmoid(double x) { return 1.0 / (1.0 + std::exp(-x)); }
double relu(double x) { return std::isnan(x) ? x : std::max(x, 0.0); }
double sum(double a, double b) { return a + b; }
double difference(double a, double b) { return a - b; }
double product(double a, double b) { return a * b; }
double quotient(double a, double b) { return a / b; }
double larger(double a, double b) { return std::isnan(a) || std::isnan(b) ? std::nan("") : std::max(a, b); }
double smaller(double a, double b) { return std::isnan(a) || std::isnan(b) ? std::nan("") : std::min(a, b); }
double is_equal(double a, double b) { return a == b; }
double is_less(double a, double b) { return a < b; }
double is_less_or_equal(double a, double b) { return a <= b; }
double both(double a, double b) { return a != 0 && b != 0; }
double either(double a, double b) { return a != 0 || b != 0; }

Array logical_not(const OnnxCall& call) {
  check_data(call.inputs.at(0).dtype() == boolean, "expected booleans, got ", call.inputs[0].dtype());
  return elementwise(call.inputs, boolean, [](std::span<const double> x) { return x[0] == 0; });
}

Array where(const OnnxCall& call) {
  check_data(
      call.inputs.size() == 3 && call.inputs[0].dtype() == boolean && call.inputs[1].dtype() == call.inputs[2].dtype(),
      "expected a boolean condition and two inputs of one dtype");
  return elementwise(call.inputs, call.inputs[1].dtype(),
                     [](std::span<const double> x) { return x[0] != 0 ? x[1] : x[2]; });
}

Array cast(const OnnxCall& call) { return call.inputs.at(0).astype(dtype_of_onnx(call.integer("to", 0))); }

constexpr OnnxRow rows[] = {
    {"Abs", numeric_unary<std::fabs>},
    {"Add", arithmetic<sum>},
    {"And", logical<both>},
    {"Cast", cast},
    {"Ceil", floating_unary<std::ceil>},
    {"Cos", floating_unary<std::cos>},
    {"Div", arithmetic<quotient>},
    {"Equal", comparison<is_equal>},
    {"Erf", floating_unary<std::erf>},
    {"Exp", floating_unary<std::exp>},
    {"Floor", floating_unary<std::floor>},
    {"Less", comparison<is_less>},
    {"LessOrEqual", comparison<is_less_or_equal>},
    {"Log", floating_unary<std::log>},
    {"Max", arithmetic<larger>},
    {"Min", arithmetic<smaller>},
    {"Mul", arithmetic<product>},
    {"Neg", signed_unary<negative>},
    {"Not", logical_not},
    {"Or", logical<either>},
    {"Pow", arithmetic<std::pow>},
    {"Relu", signed_unary<relu>},
    {"Round", floating_unary<std::nearbyint>},
    {"Sigmoid", floating_unary<sigmoid>},
    {"Sign", numeric_unary<sign>},
    {"Sin", floating_unary<std::sin>},
    {"Sqrt", floating_unary<std::sqrt>},
    {"Sub", arithmetic<difference>},
    {"Tanh", floating_unary<std::tanh>},
    {"Where", where},
};

}  // namespace

std::span<const OnnxRow> onnx_elementwise_operators() { return rows; }

}  // namespace keratin::testing
