#include "ops/elementwise.h"

#include <array>
#include <cmath>
#include <numbers>

#include "base/check.h"
#include "graph/onnx_node.h"
#include "ops/functions.h"

namespace keratin {
namespace {

using In = std::span<const Tensor>;
using T = const Tensor&;
using Out = Tensors;

Tensor to_float(T mask, T like) { return ops::cast(mask, like.dtype()); }
Tensor zero(T like) { return scalar(0.0, like.dtype()); }

/// The gradient of max and min: to the larger (smaller) one, halved where they are equal, as JAX and PyTorch do.
Out choose_gradient(T a, T b, T g, T a_wins) {
  const Tensor wins = to_float(a_wins, g), ties = to_float(ops::equal(a, b), g);
  const Tensor share = wins + 0.5 * ties;
  return {g * share, g * (1.0 - share)};
}

constexpr auto none = nullptr;
using R = ResultKind;

const std::array<FunctionRow, function_count> rows{{
    {Function::identity, "Identity", 1, R::same, [](In, T, T g) { return Out{g}; }},
    {Function::neg, "Neg", 1, R::same, [](In, T, T g) { return Out{-g}; }},
    {Function::abs, "Abs", 1, R::same, [](In x, T, T g) { return Out{g * ops::sign(x[0])}; }},
    {Function::sign, "Sign", 1, R::same, none},
    {Function::square, "Square", 1, R::same, [](In x, T, T g) { return Out{g * (x[0] * 2.0)}; }},
    {Function::sqrt, "Sqrt", 1, R::floating, [](In, T y, T g) { return Out{g * 0.5 / y}; }},
    {Function::exp, "Exp", 1, R::floating, [](In, T y, T g) { return Out{g * y}; }},
    {Function::log, "Log", 1, R::floating, [](In x, T, T g) { return Out{g / x[0]}; }},
    {Function::log1p, "Log1p", 1, R::floating, [](In x, T, T g) { return Out{g / (x[0] + 1.0)}; }},
    {Function::expm1, "Expm1", 1, R::floating, [](In, T y, T g) { return Out{g * (y + 1.0)}; }},
    {Function::sin, "Sin", 1, R::floating, [](In x, T, T g) { return Out{g * ops::cos(x[0])}; }},
    {Function::cos, "Cos", 1, R::floating, [](In x, T, T g) { return Out{-(g * ops::sin(x[0]))}; }},
    {Function::tanh, "Tanh", 1, R::floating, [](In, T y, T g) { return Out{g * (1.0 - y * y)}; }},
    {Function::erf, "Erf", 1, R::floating,
     [](In x, T, T g) { return Out{g * (ops::exp(-ops::square(x[0])) * (2.0 * std::numbers::inv_sqrtpi))}; }},
    {Function::floor, "Floor", 1, R::floating, none},
    {Function::ceil, "Ceil", 1, R::floating, none},
    {Function::round, "Round", 1, R::floating, none},
    {Function::sigmoid, "Sigmoid", 1, R::floating, [](In, T y, T g) { return Out{g * (y * (1.0 - y))}; }},
    {Function::relu, "Relu", 1, R::same,
     [](In, T y, T g) {
       const Tensor active = ops::greater(y, 0.0);
       return Out{ops::where(active, g, zero(g))};
     }},
    {Function::is_finite, "IsFinite", 1, R::boolean, none},
    {Function::logical_not, "Not", 1, R::boolean, none},
    {Function::add, "Add", 2, R::same,
     [](In, T, T g) {
       return Out{g, g};
     }},
    {Function::sub, "Sub", 2, R::same,
     [](In, T, T g) {
       return Out{g, -g};
     }},
    {Function::mul, "Mul", 2, R::same,
     [](In x, T, T g) {
       return Out{g * x[1], g * x[0]};
     }},
    {Function::div, "Div", 2, R::same,
     [](In x, T y, T g) {
       const Tensor a = g / x[1];
       return Out{a, -(a * y)};
     }},
    {Function::max, "Max", 2, R::same,
     [](In x, T, T g) { return choose_gradient(x[0], x[1], g, ops::greater(x[0], x[1])); }},
    {Function::min, "Min", 2, R::same,
     [](In x, T, T g) { return choose_gradient(x[0], x[1], g, ops::less(x[0], x[1])); }},
    {Function::pow, "Pow", 2, R::floating,
     [](In x, T y, T g) {
       const Tensor lower = ops::power(x[0], x[1] - 1.0);
       const Tensor positive = ops::greater(x[0], 0.0);
       const Tensor logarithm = ops::log(ops::where(positive, x[0], 1.0));  // d/db is 0 where a <= 0
       return Out{g * x[1] * lower, g * y * logarithm};
     }},
    {Function::equal, "Equal", 2, R::boolean, none},
    {Function::less, "Less", 2, R::boolean, none},
    {Function::less_equal, "LessOrEqual", 2, R::boolean, none},
    {Function::logical_and, "And", 2, R::boolean, none},
    {Function::logical_or, "Or", 2, R::boolean, none},
    {Function::where, "Where", 3, R::where,
     [](In x, T, T g) {
       return Out{Tensor(), ops::where(x[0], g, zero(g)), ops::where(x[0], zero(g), g)};
     }},
}};

}  // namespace

const FunctionRow& row(Function function) {
  const FunctionRow& found = rows[static_cast<std::size_t>(function)];
  KERATIN_ASSERT(found.function == function);
  return found;
}

Specs Elementwise::infer(std::span<const Spec> inputs) const {
  KERATIN_ASSERT(inputs.size() == static_cast<std::size_t>(row_.arity));
  Spec out = inputs[0];
  for (const Spec& input : inputs.subspan(1)) out.shape = broadcast_shapes(out.shape, input.shape);
  const std::span<const Spec> alike = row_.result == ResultKind::where ? inputs.subspan(1) : inputs;
  for (const Spec& input : alike)
    check_shape(input.dtype == alike[0].dtype, "expected inputs of one dtype, got ", alike[0], " and ", input);
  check_shape(row_.result != ResultKind::floating || is_floating(inputs[0].dtype),
              "expected floating-point numbers, got ", inputs[0]);
  check_shape(row_.result != ResultKind::where || inputs[0].dtype == boolean, "expected a boolean condition, got ",
              inputs[0]);
  out.dtype = row_.result == ResultKind::boolean ? boolean : alike[0].dtype;
  return {out};
}

Tensors Elementwise::gradient(const GradientRequest& r) const {
  Tensors full = row_.gradient(r.inputs, r.outputs[0], r.output_gradients[0]);
  for (std::size_t i = 0; i < full.size(); ++i)
    full[i] = full[i] && r.wanted[i] ? sum_to(full[i], r.inputs[i].shape()) : Tensor();
  return full;
}

void Elementwise::to_onnx(OnnxNode& node) const {
  switch (row_.function) {
    case Function::square: return node.emit("Mul", {node.input(0), node.input(0)}, {node.output()});
    case Function::log1p: {
      const std::string sum = node.temporary();
      node.emit("Add", {node.input(0), node.constant(Array::ones({}, node.input_spec(0).dtype))}, {sum});
      return node.emit("Log", {sum}, {node.output()});
    }
    case Function::expm1: {
      const std::string power = node.temporary();
      node.emit("Exp", {node.input(0)}, {power});
      return node.emit("Sub", {power, node.constant(Array::ones({}, node.input_spec(0).dtype))}, {node.output()});
    }
    case Function::is_finite: {  // x - x is 0 only where x is finite
      const std::string difference = node.temporary();
      node.emit("Sub", {node.input(0), node.input(0)}, {difference});
      return node.emit("Equal", {difference, node.constant(Array::zeros({}, node.input_spec(0).dtype))},
                       {node.output()});
    }
    case Function::relu:  // ONNX's knows signed numbers only; others it would leave alone
      return node.emit(node.input_spec(0).dtype == uint8 ? "Identity" : row_.name);
    default: return node.emit(row_.name);
  }
}

Tensors Cast::gradient(const GradientRequest& r) const {
  return {r.wanted[0] ? cast_to(r.output_gradients[0], r.inputs[0].dtype()) : Tensor()};
}

Specs Broadcast::infer(std::span<const Spec> inputs) const {
  check_shape(broadcast_shapes(inputs[0].shape, to_) == to_, "expected a shape that broadcasts to ", to_, ", got ",
              inputs[0].shape);
  return {{inputs[0].dtype, to_}};
}

Tensors Broadcast::gradient(const GradientRequest& r) const {
  return {sum_to(r.output_gradients[0], r.inputs[0].shape())};
}

void Cast::to_onnx(OnnxNode& node) const { node.emit("Cast", {{"to", onnx_dtype(to_)}}); }

void Broadcast::to_onnx(OnnxNode& node) const {
  // ONNX's Expand broadcasts both ways: where the batch is the input's too, 1 keeps it and the shape is a constant.
  std::vector<std::int64_t> extents(to_.begin(), to_.end());
  const Shape& from = node.input_spec(0).shape;
  const int added = to_.rank() - from.rank();
  for (int axis = added; axis < to_.rank(); ++axis)
    if (to_[axis] == from[axis - added]) extents[static_cast<std::size_t>(axis)] = 1;
  node.emit("Expand", {node.input(0), node.shape(Shape(std::move(extents)))}, {node.output()});
}

void StopGradient::to_onnx(OnnxNode& node) const { node.emit("Identity"); }

}  // namespace keratin
