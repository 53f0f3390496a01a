#include <cmath>
#include <functional>
#include <utility>

#include "base/text.h"
#include "graph/leaves.h"
#include "graph/trace.h"
#include "keratin/ops.h"
#include "ops/functions.h"
#include "ops/gather.h"
#include "ops/matmul.h"
#include "ops/pad.h"
#include "support/integer_generator.h"
#include "support/onnx_cases.h"

namespace keratin::testing {
namespace {

using Function = std::function<Tensors(const Tensors&)>;

/// Numbers of both signs, the first of them 0, a half and two equal ones.
Array some(const std::string& stream, const Shape& shape, DType dtype, double scale = 3.0) {
  std::vector<double> values =
      IntegerGenerator(stream).uniform_values<double>(static_cast<std::size_t>(shape.size()), scale);
  const double special[] = {0.0, 2.5, -1.0, -1.0};
  for (std::size_t i = 0; i < std::min(values.size(), std::size(special)); ++i) values[i] = special[i];
  return Array(std::move(values), shape).astype(dtype);
}

Array positive(const std::string& stream, const Shape& shape, DType dtype) {
  std::vector<double> values =
      IntegerGenerator(stream).uniform_values<double>(static_cast<std::size_t>(shape.size()), 2.0);
  for (double& value : values) value = std::fabs(value) + 0.125;
  return Array(std::move(values), shape).astype(dtype);
}

class CaseList {
 public:
  explicit CaseList(DType dtype) : dtype_(dtype) {}

  void add(const std::string& name, const Function& function, std::vector<Array> arguments) {
    Specs specs;
    for (const Array& argument : arguments) specs.push_back({argument.dtype(), argument.shape()});
    add(name, function, std::move(specs), std::move(arguments), 1);
  }
  /// The arguments' leading extents are the batch's.
  void add_batched(const std::string& name, const Function& function, std::vector<Array> arguments) {
    Specs specs;
    for (const Array& argument : arguments)
      specs.push_back({argument.dtype(), Shape({unknown}) + argument.shape().from(1)});
    const std::int64_t batch = arguments[0].shape()[0];
    add(name, function, std::move(specs), std::move(arguments), batch);
  }
  void unary(const std::string& name, Tensor (*function)(const Tensor&), const Array& argument) {
    add(name, [function](const Tensors& xs) { return Tensors(function(xs[0])); }, {argument});
  }
  void binary(const std::string& name, Tensor (*function)(const Tensor&, const Tensor&), const Array& a,
              const Array& b) {
    add(name, [function](const Tensors& xs) { return Tensors(function(xs[0], xs[1])); }, {a, b});
  }
  DType dtype() const { return dtype_; }
  std::vector<OnnxOpCase> take() { return std::move(cases_); }

 private:
  void add(const std::string& name, const Function& function, Specs specs, std::vector<Array> arguments,
           std::int64_t batch) {
    cases_.push_back({concat(name, "_", dtype_), std::move(specs), function, std::move(arguments), batch});
  }

  DType dtype_;
  std::vector<OnnxOpCase> cases_;
};

Tensor negative(const Tensor& x) { return -x; }
Tensor sum_of(const Tensor& a, const Tensor& b) { return a + b; }
Tensor difference_of(const Tensor& a, const Tensor& b) { return a - b; }
Tensor product_of(const Tensor& a, const Tensor& b) { return a * b; }
Tensor quotient_of(const Tensor& a, const Tensor& b) { return a / b; }
using Binary = Tensor (*)(const Tensor&, const Tensor&);

void add_elementwise(CaseList& list) {
  const DType dtype = list.dtype();
  const Array x = some("onnx x", {3, 5}, dtype), y = some("onnx y", {5}, dtype),
              over = positive("onnx over", {3, 5}, dtype);
  list.unary("negative", negative, x);
  list.unary("abs", ops::abs, x);
  list.unary("sign", ops::sign, x);
  list.unary("square", ops::square, x);
  list.unary("sqrt", ops::sqrt, over);
  list.unary("rsqrt", ops::rsqrt, over);
  list.unary("exp", ops::exp, x);
  list.unary("expm1", ops::expm1, x);
  list.unary("log", ops::log, over);
  list.unary("log1p", ops::log1p, over);
  list.unary("sin", ops::sin, x);
  list.unary("cos", ops::cos, x);
  list.unary("tanh", ops::tanh, x);
  list.unary("erf", ops::erf, x);
  list.unary("floor", ops::floor, x);
  list.unary("ceil", ops::ceil, x);
  list.unary("round", ops::round, x);
  list.unary("sigmoid", ops::sigmoid, x);
  list.unary("relu", ops::relu, x);
  list.unary("softplus", ops::softplus, x);
  list.unary("stop_gradient", ops::stop_gradient, x);
  list.unary("isfinite", ops::isfinite, some("onnx infinite", {3}, dtype, INFINITY));
  list.binary("add", sum_of, x, y);
  list.binary("subtract", difference_of, y, x);
  list.binary("multiply", product_of, x, y);
  list.binary("divide", quotient_of, x, over);
  list.binary("power", static_cast<Binary>(ops::power), over, x);
  list.binary("maximum", static_cast<Binary>(ops::maximum), x, y);
  list.binary("minimum", static_cast<Binary>(ops::minimum), x, y);
  list.binary("equal", static_cast<Binary>(ops::equal), x, some("onnx x", {5}, dtype));
  list.binary("not_equal", static_cast<Binary>(ops::not_equal), x, some("onnx x", {5}, dtype));
  list.binary("less", static_cast<Binary>(ops::less), x, y);
  list.binary("less_equal", static_cast<Binary>(ops::less_equal), x, some("onnx x", {5}, dtype));
  list.binary("greater", static_cast<Binary>(ops::greater), x, y);
  list.binary("greater_equal", static_cast<Binary>(ops::greater_equal), x, y);
  list.add("logical",
           [](const Tensors& xs) {
             const Tensor a = ops::greater(xs[0], 0.0), b = ops::less(xs[1], 0.0);
             return Tensors{ops::logical_and(a, b), ops::logical_or(a, b), ops::logical_not(a)};
           },
           {x, y});
  list.add("where", [](const Tensors& xs) { return Tensors(ops::where(ops::greater(xs[0], 0.0), xs[0], xs[1])); },
           {x, y});
  list.add("clip", [](const Tensors& xs) { return Tensors(ops::clip(xs[0], -1.0, 0.5)); }, {x});
}

void add_along_axes(CaseList& list) {
  const DType dtype = list.dtype();
  const Array x = some("onnx cube", {3, 4, 5}, dtype);
  for (const ops::AxisOptions& options : {ops::AxisOptions{}, {.axis = 1}, {.axis = {0, -1}, .keepdims = true}}) {
    const std::string which =
        concat(options.axis.all() ? "all" : join(options.axis.values(), "_"), options.keepdims ? "_keepdims" : "");
    const auto reduce = [&](const char* name, Tensor (*function)(const Tensor&, ops::AxisOptions)) {
      list.add_batched(concat(name, "_", which), [=](const Tensors& xs) { return Tensors(function(xs[0], options)); },
                       {x});
    };
    reduce("sum", ops::sum);
    reduce("mean", ops::mean);
    reduce("max", ops::max);
    reduce("min", ops::min);
    reduce("prod", ops::prod);
    reduce("std", ops::std);
  }
  for (const int axis : {-1, 1}) {
    const auto along = [&](const char* name, Tensor (*function)(const Tensor&, ops::OneAxisOptions)) {
      list.add_batched(concat(name, "_", axis + 3),
                       [=](const Tensors& xs) { return Tensors(function(xs[0], {.axis = axis})); }, {x});
    };
    along("softmax", ops::softmax);
    along("log_softmax", ops::log_softmax);
    along("argmax", ops::argmax);
    along("normalize", ops::normalize);
  }
}

void add_products(CaseList& list) {
  const DType dtype = list.dtype();
  const Array a = some("onnx a", {3, 4}, dtype), b = some("onnx b", {4, 5}, dtype),
              bias = some("onnx bias", {5}, dtype);
  const Array stack = some("onnx stack", {3, 2, 4}, dtype);
  list.binary("matmul", ops::matmul, a, b);
  list.binary("matmul_of_stacks", ops::matmul, stack, some("onnx other", {3, 4, 2}, dtype));
  list.add_batched("matmul_of_a_stack", [b](const Tensors& xs) { return Tensors(ops::matmul(xs[0], b)); }, {stack});
  list.add_batched("gemm", [=](const Tensors& xs) { return Tensors(ops::matmul(xs[0], b) + bias); }, {a});
  list.add_batched("gemm_bias_first", [=](const Tensors& xs) { return Tensors(Tensor(bias) + ops::matmul(xs[0], b)); },
                   {a});
  list.add("product_shown",
           [=](const Tensors& xs) {
             const Tensor product = ops::matmul(xs[0], b);
             return Tensors{product, product + bias};
           },
           {a});
  list.add("transposed_products",
           [](const Tensors& xs) {
             return Tensors{make_op<MatMul>({xs[0], xs[1]}, true, false), make_op<MatMul>({xs[0], xs[0]}, false, true),
                            make_op<MatMul>({xs[0], xs[1]}, true, false) + xs[2]};
           },
           {a, some("onnx c", {3, 5}, dtype), bias});
  const Array rows = some("onnx rows", {5, 4}, dtype);
  list.add("transposed_gemm",
           [=](const Tensors& xs) {
             return Tensors(make_op<MatMul>({xs[0], Tensor(rows)}, false, true) + bias);
           },
           {a});
}

void add_shapes(CaseList& list) {
  const DType dtype = list.dtype();
  const Array x = some("onnx cube", {3, 4, 5}, dtype), table = some("onnx table", {6, 2}, dtype);
  list.add_batched("flatten",
                   [](const Tensors& xs) {
                     return Tensors(ops::reshape(xs[0], {xs[0].shape()[0], 20}));
                   },
                   {x});
  list.add_batched("reshape_into_the_batch",
                   [](const Tensors& xs) {
                     return Tensors(ops::reshape(xs[0], {-2, 10}));
                   },
                   {x});
  list.add("transpose",
           [](const Tensors& xs) {
             return Tensors{ops::transpose(xs[0]), ops::transpose(xs[0], {1, 0, 2})};
           },
           {x});
  list.add_batched("expand_and_squeeze",
                   [](const Tensors& xs) { return Tensors(ops::squeeze(ops::expand_dims(xs[0], 1) * 2.0, 1)); }, {x});
  list.add("broadcast", [](const Tensors& xs) { return Tensors(ops::broadcast_to(xs[0], {2, 3, 4, 5})); }, {x});
  list.add_batched("broadcast_batch",
                   [](const Tensors& xs) {
                     return Tensors(ops::broadcast_to(xs[0], {2, unknown, 4, 5}));
                   },
                   {x});
  list.add_batched("zeros_like",
                   [](const Tensors& xs) {
                     return Tensors{ops::zeros_like(xs[0]), xs[0] + ops::ones_like(xs[0])};
                   },
                   {x});
  list.add_batched("pairs",
                   [](const Tensors& xs) {
                     const Tensor distances = ops::matmul(xs[0], ops::transpose(xs[0]));
                     return Tensors(ops::reshape(distances, {distances.shape()[0], distances.shape()[1], 1}));
                   },
                   {some("onnx pairs", {3, 4}, dtype)});
  list.add_batched("concatenate",
                   [](const Tensors& xs) {
                     return Tensors(ops::concatenate({xs[0], xs[1], xs[0]}));
                   },
                   {x, some("onnx more", {3, 4, 2}, dtype)});
  list.add_batched("concatenate_batches",
                   [](const Tensors& xs) {
                     return Tensors(ops::concatenate({xs[0], xs[0]}, {.axis = 0}));
                   },
                   {x});
  list.add_batched("stack", [](const Tensors& xs) { return Tensors(ops::stack({xs[0], xs[0]}, {.axis = 1})); }, {x});
  list.add_batched("split", [](const Tensors& xs) { return ops::split(xs[0], 2, {.axis = 1}); }, {x});
  list.add_batched("slice",
                   [](const Tensors& xs) {
                     return Tensors{xs[0].at({all, 1}), xs[0].at({all, Slice{1, 4, 2}, Slice{.stop = -1}}),
                                    xs[0].at({all, all, -1})};
                   },
                   {x});
  list.add("reversed", [](const Tensors& xs) { return Tensors(xs[0].at({all, Slice{.step = -1}})); }, {x});
  list.add("take",
           [](const Tensors& xs) {
             return Tensors{ops::take(xs[0], xs[1], {.axis = 0}), ops::take(xs[0], xs[1])};
           },
           {table, Array::of<std::int32_t>({{5, 0}, {1, 1}})});
  list.add_batched("embedding", [table](const Tensors& xs) { return Tensors(ops::take(table, xs[0], {.axis = 0})); },
                   {Array::of<std::int32_t>({{5, 0}, {1, 1}, {3, 2}})});
  list.add("pad",
           [](const Tensors& xs) {
             return Tensors(make_op<Pad>(xs[0], std::vector<std::int64_t>{1, 0, 2}, Shape{5, 4, 7}, 0.5));
           },
           {x});
}

void add_casts(CaseList& list) {
  const Array x = some("onnx x", {3, 5}, list.dtype());
  for (const DType to : {float32, float64, int32, int64, boolean})
    list.add(concat("cast_to_", to), [to](const Tensors& xs) { return Tensors(ops::cast(xs[0], to)); }, {x});
  list.add_batched("from_uint8",
                   [dtype = list.dtype()](const Tensors& xs) { return Tensors(ops::cast(xs[0], dtype) / 255.0); },
                   {Array::of<std::uint8_t>({{0, 255}, {7, 128}})});
  list.add_batched("one_hot",
                   [dtype = list.dtype()](const Tensors& xs) { return Tensors(ops::one_hot(xs[0], 4, dtype)); },
                   {Array::of<std::int32_t>({0, 3, 2})});
  list.add_batched("batch_size",
                   [dtype = list.dtype()](const Tensors& xs) {
                     return Tensors{make_op<BatchSize>({}, dtype), make_op<BatchSize>({}, int32),
                                    make_op<BatchSize>({}, int64) * xs[0]};
                   },
                   {Array::of<std::int64_t>({4, 5, 6})});
  list.add_batched("an_input_and_a_constant",
                   [dtype = list.dtype()](const Tensors& xs) {
                     return Tensors{xs[0], Tensor(Array::ones({2}, dtype)), xs[0]};
                   },
                   {Array::of<std::int64_t>({4, 5, 6})});
}

}  // namespace

std::vector<OnnxOpCase> onnx_op_cases() {
  std::vector<OnnxOpCase> cases;
  for (const DType dtype : {float32, float64}) {
    CaseList list(dtype);
    add_elementwise(list);
    add_along_axes(list);
    add_products(list);
    add_shapes(list);
    add_casts(list);
    for (OnnxOpCase& made : list.take()) cases.push_back(std::move(made));
  }
  return cases;
}

}  // namespace keratin::testing
