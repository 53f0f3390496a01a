// The elementwise ops: one class, one row of a table for each function.
#pragma once

#include <cstdint>
#include <span>

#include "graph/op.h"

namespace KERATIN_INTERNAL_EXPORT keratin {

/// Order is that of the table in elementwise.cpp.
enum class Function : std::uint8_t {
  identity,
  neg,
  abs,
  sign,
  square,
  sqrt,
  exp,
  log,
  log1p,
  expm1,
  sin,
  cos,
  tanh,
  erf,
  floor,
  ceil,
  round,
  sigmoid,
  relu,
  is_finite,
  logical_not,
  add,
  sub,
  mul,
  div,
  max,
  min,
  pow,
  equal,
  less,
  less_equal,
  logical_and,
  logical_or,
  where,
};
inline constexpr int function_count = static_cast<int>(Function::where) + 1;

/// How the result's dtype follows from the inputs'.
enum class ResultKind : std::uint8_t {
  same,      // the inputs agree and so does the result
  floating,  // the same, floating-point only
  boolean,   // a comparison
  where,     // input 0 boolean, the others agree
};

struct FunctionRow {
  Function function;
  std::string_view name;  // ONNX's where there is one
  int arity;
  ResultKind result;
  /// One tensor per input; nullptr for functions that no gradient passes through.
  Tensors (*gradient)(std::span<const Tensor> x, const Tensor& y, const Tensor& g);
};
const FunctionRow& row(Function function);

/// y[i] = f(x0[i], x1[i], …) with NumPy's broadcasting. The inputs' dtypes agree: the functions of tensors insert
/// casts.
class Elementwise final : public Op {
 public:
  explicit Elementwise(Function function) : row_(row(function)) {}
  std::string_view name() const override { return row_.name; }
  Specs infer(std::span<const Spec> inputs) const override;
  Tensors gradient(const GradientRequest& request) const override;
  void to_onnx(OnnxNode& node) const override;
  Traits traits() const override {
    return {.gradient = row_.gradient != nullptr, .onnx = true, .elementwise = true, .function = row_.function};
  }
  Function function() const { return row_.function; }

 private:
  const FunctionRow& row_;
};

/// The values in another dtype; floating-point to integer truncates and saturates, anything to boolean asks for
/// non-zero.
class Cast final : public Op {
 public:
  explicit Cast(DType to) : to_(to) {}
  std::string_view name() const override { return "Cast"; }
  void fields(FieldWriter& write) const override { write("to", to_string(to_)); }
  Specs infer(std::span<const Spec> inputs) const override { return {{to_, inputs[0].shape}}; }
  Tensors gradient(const GradientRequest& request) const override;
  void to_onnx(OnnxNode& node) const override;
  Traits traits() const override {
    return {.gradient = true, .onnx = true, .elementwise = true, .function = Function::identity};
  }

 private:
  DType to_;
};

/// The input repeated along new leading axes and axes of extent 1.
class Broadcast final : public Op {
 public:
  explicit Broadcast(Shape to) : to_(std::move(to)) {}
  std::string_view name() const override { return "Expand"; }
  void fields(FieldWriter& write) const override { write("to", to_); }
  Specs infer(std::span<const Spec> inputs) const override;
  Tensors gradient(const GradientRequest& request) const override;
  void to_onnx(OnnxNode& node) const override;
  Traits traits() const override {
    return {.gradient = true, .onnx = true, .elementwise = true, .function = Function::identity};
  }

 private:
  Shape to_;
};

/// The input, through which no gradient flows.
class StopGradient final : public Op {
 public:
  std::string_view name() const override { return "StopGradient"; }
  Specs infer(std::span<const Spec> inputs) const override { return {inputs[0]}; }
  void to_onnx(OnnxNode& node) const override;
  Traits traits() const override { return {.view = true, .onnx = true, .elementwise = true}; }
};

}  // namespace keratin
