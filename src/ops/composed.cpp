// The public functions of keratin/ops.h that are one op or a composition of ops, and the arithmetic of Tensor.
#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "base/check.h"
#include "graph/leaves.h"
#include "keratin/array.h"
#include "ops/arg_max.h"
#include "ops/elementwise.h"
#include "ops/functions.h"
#include "ops/matmul.h"
#include "ops/reduce.h"
#include "ops/reshape.h"
#include "ops/softmax.h"
#include "ops/transpose.h"

namespace keratin {
namespace {

Tensor unary(Function function, const Tensor& x) { return make_op<Elementwise>(x, function); }

Tensor binary(Function function, const Tensor& a, const Tensor& b) {
  const auto [x, y] = meet(a, b);
  return make_op<Elementwise>({x, y}, function);
}

/// x for functions that need floating-point numbers: integers become float32.
Tensor as_float(const Tensor& x) { return is_floating(x.dtype()) ? x : cast_to(x, float32); }

Tensor float_unary(Function function, const Tensor& x) { return unary(function, as_float(x)); }

// Here as everywhere: where two arguments make nodes, each gets a line of its own. Compilers are free in the order of
// arguments, and the order of nodes is seen in dumps and in ONNX files.
Tensor float_binary(Function function, const Tensor& a, const Tensor& b) {
  const Tensor x = as_float(a), y = as_float(b);
  return binary(function, x, y);
}

/// Whether the dtype has this very number, as far as floating point can say: its own rounding is not asked.
bool has(DType dtype, double number) {
  const auto whole = [&](double low, double end) {
    return number >= low && number < end && number == std::floor(number);
  };
  switch (dtype) {
    case DType::int8: return whole(-0x1p7, 0x1p7);
    case DType::uint8: return whole(0.0, 0x1p8);
    case DType::int32: return whole(-0x1p31, 0x1p31);
    case DType::int64: return whole(-0x1p63, 0x1p63);
    case DType::boolean: return false;
    default: return true;
  }
}

/// A number beside a tensor: of the tensor's dtype, unless that has no such number.
Tensor beside(double number, const Tensor& x) { return scalar(number, has(x.dtype(), number) ? x.dtype() : float32); }

/// A tensor, and a number that it is compared with: exactly, which for integers takes float64 where their dtype has no
/// such number. The largest of int64 round there, to a number that is out of reach: beyond the range all are infinite.
std::pair<Tensor, Tensor> comparable(const Tensor& x, double number) {
  if (x.dtype() == boolean || has(x.dtype(), number)) return {x, beside(number, x)};
  const bool beyond = std::abs(number) >= 0x1p63;
  const Tensor wide = cast_to(x, float64);
  return {wide, scalar(beyond ? std::copysign(std::numeric_limits<double>::infinity(), number) : number, float64)};
}

Tensor compare(Function function, const Tensor& a, double b) {
  const auto [x, y] = comparable(a, b);
  return binary(function, x, y);
}
Tensor compare(Function function, double a, const Tensor& b) {
  const auto [y, x] = comparable(b, a);
  return binary(function, x, y);
}

Tensor reduce(Reduction reduction, const Tensor& x, const ops::AxisOptions& options) {
  const Tensor numbers = x.dtype() == boolean ? cast_to(x, int32) : x;
  std::vector<int> axes = normalize_axes(options.axis, x.shape().rank(), "reduce");
  return axes.empty() ? numbers : make_op<Reduce>(numbers, reduction, std::move(axes), options.keepdims);
}

}  // namespace

Tensor scalar(double value, DType dtype) { return Tensor(Array::full({}, value, dtype)); }

Tensor cast_to(const Tensor& x, DType dtype) { return x.dtype() == dtype ? x : make_op<Cast>(x, dtype); }

Tensor at_least_float32(const Tensor& x) { return cast_to(x, is_16_bit_float(x.dtype()) ? float32 : x.dtype()); }

Tensor broadcast_to(const Tensor& x, const Shape& shape) {
  return x.shape() == shape ? x : make_op<Broadcast>(x, shape);
}

Tensor sum_to(const Tensor& x, const Shape& shape) {
  if (x.shape() == shape) return x;
  const int added = x.shape().rank() - shape.rank();
  std::vector<int> axes;
  for (int axis = 0; axis < x.shape().rank(); ++axis)
    if (axis < added || (shape[axis - added] == 1 && x.shape()[axis] != 1)) axes.push_back(axis);
  return ops::reshape(axes.empty() ? x : make_op<Reduce>(x, Reduction::sum, std::move(axes), false), shape);
}

Tensor element_count(const Shape& shape, DType dtype) {
  const SymbolicSize size = symbolic_size(shape.extents());
  Tensor count = scalar(static_cast<double>(size.coefficient), dtype);
  for (int i = 0; i < size.power; ++i) count = count * make_op<BatchSize>({}, dtype);
  return count;
}

std::pair<Tensor, Tensor> meet(const Tensor& a, const Tensor& b) {
  const DType dtype = promote(a.dtype(), b.dtype());
  return {cast_to(a, dtype), cast_to(b, dtype)};
}

// ---- Tensor
// ---------------------------------------------------------------------------------------------------------------

Tensor::Tensor(const Array& constant) {
  check_argument(!constant.empty(), "Tensor: expected an array of numbers, got an empty Array");
  *this = make_op<Constant>({}, constant.copy());  // programs outlive what the caller does to its array
}

Tensor operator-(const Tensor& a) { return unary(Function::neg, a); }
Tensor operator+(const Tensor& a, const Tensor& b) { return binary(Function::add, a, b); }
Tensor operator-(const Tensor& a, const Tensor& b) { return binary(Function::sub, a, b); }
Tensor operator*(const Tensor& a, const Tensor& b) { return binary(Function::mul, a, b); }
Tensor operator/(const Tensor& a, const Tensor& b) { return float_binary(Function::div, a, b); }
Tensor operator+(const Tensor& a, double b) { return a + beside(b, a); }
Tensor operator-(const Tensor& a, double b) { return a - beside(b, a); }
Tensor operator*(const Tensor& a, double b) { return a * beside(b, a); }
Tensor operator/(const Tensor& a, double b) { return as_float(a) / beside(b, as_float(a)); }
Tensor operator+(double a, const Tensor& b) { return beside(a, b) + b; }
Tensor operator-(double a, const Tensor& b) { return beside(a, b) - b; }
Tensor operator*(double a, const Tensor& b) { return beside(a, b) * b; }
Tensor operator/(double a, const Tensor& b) { return beside(a, as_float(b)) / as_float(b); }
Tensor& Tensor::operator+=(const Tensor& other) { return *this = *this + other; }
Tensor& Tensor::operator-=(const Tensor& other) { return *this = *this - other; }
Tensor& Tensor::operator*=(const Tensor& other) { return *this = *this * other; }
Tensor& Tensor::operator/=(const Tensor& other) { return *this = *this / other; }
Tensor& Tensor::operator+=(double other) { return *this = *this + other; }
Tensor& Tensor::operator-=(double other) { return *this = *this - other; }
Tensor& Tensor::operator*=(double other) { return *this = *this * other; }
Tensor& Tensor::operator/=(double other) { return *this = *this / other; }

const Tensor& Tensors::operator[](std::size_t index) const {
  check_argument(index < size(), "Tensors: expected an index below ", size(), ", got ", index);
  return tensors_[index];
}
Tensor& Tensors::operator[](std::size_t index) {
  return const_cast<Tensor&>(static_cast<const Tensors&>(*this)[index]);
}

namespace ops {

// ---- reductions
// -----------------------------------------------------------------------------------------------------------

Tensor sum(const Tensor& x, AxisOptions options) { return reduce(Reduction::sum, x, options); }
Tensor max(const Tensor& x, AxisOptions options) { return reduce(Reduction::max, x, options); }
Tensor min(const Tensor& x, AxisOptions options) { return reduce(Reduction::min, x, options); }
Tensor prod(const Tensor& x, AxisOptions options) { return reduce(Reduction::prod, x, options); }

Tensor mean(const Tensor& x, AxisOptions options) {
  const Tensor numbers = as_float(x), wide = at_least_float32(numbers);  // neither sum nor count may fit 16 bits
  std::vector<std::int64_t> reduced;
  for (const int axis : normalize_axes(options.axis, x.shape().rank(), "mean")) reduced.push_back(x.shape()[axis]);
  const Tensor total = sum(wide, options), count = element_count(Shape(std::move(reduced)), wide.dtype());
  return cast_to(total / count, numbers.dtype());
}

Tensor var(const Tensor& x, AxisOptions options) {
  const Tensor numbers = as_float(x), wide = at_least_float32(numbers);
  const Tensor centred = wide - mean(wide, {.axis = options.axis, .keepdims = true});
  return cast_to(mean(square(centred), options), numbers.dtype());
}

Tensor std(const Tensor& x, AxisOptions options) { return sqrt(var(x, options)); }

Tensor argmax(const Tensor& x, OneAxisOptions options) {
  return make_op<ArgMax>(x, normalize_axis(options.axis, x.shape().rank(), "argmax"));
}

// ---- elementwise
// ----------------------------------------------------------------------------------------------------------

Tensor abs(const Tensor& x) { return unary(Function::abs, x); }
Tensor sign(const Tensor& x) { return unary(Function::sign, x); }
Tensor square(const Tensor& x) { return unary(Function::square, x); }
Tensor sqrt(const Tensor& x) { return float_unary(Function::sqrt, x); }
Tensor rsqrt(const Tensor& x) { return 1.0 / sqrt(x); }
Tensor exp(const Tensor& x) { return float_unary(Function::exp, x); }
Tensor expm1(const Tensor& x) { return float_unary(Function::expm1, x); }
Tensor log(const Tensor& x) { return float_unary(Function::log, x); }
Tensor log1p(const Tensor& x) { return float_unary(Function::log1p, x); }
Tensor sin(const Tensor& x) { return float_unary(Function::sin, x); }
Tensor cos(const Tensor& x) { return float_unary(Function::cos, x); }
Tensor tanh(const Tensor& x) { return float_unary(Function::tanh, x); }
Tensor erf(const Tensor& x) { return float_unary(Function::erf, x); }
Tensor sigmoid(const Tensor& x) { return float_unary(Function::sigmoid, x); }
Tensor relu(const Tensor& x) { return unary(Function::relu, x); }
Tensor floor(const Tensor& x) { return float_unary(Function::floor, x); }
Tensor ceil(const Tensor& x) { return float_unary(Function::ceil, x); }
Tensor round(const Tensor& x) { return float_unary(Function::round, x); }
Tensor softplus(const Tensor& x) {
  const Tensor a = as_float(x);
  const Tensor line = maximum(a, 0.0), curve = log1p(exp(-abs(a)));
  return line + curve;  // maximum, not relu: its gradient at 0 is the 0.5 it should be
}
Tensor isfinite(const Tensor& x) { return float_unary(Function::is_finite, x); }
Tensor logical_not(const Tensor& x) { return unary(Function::logical_not, x); }
Tensor stop_gradient(const Tensor& x) { return make_op<StopGradient>(x); }

Tensor power(const Tensor& x, const Tensor& exponent) { return float_binary(Function::pow, x, exponent); }
Tensor power(const Tensor& x, double exponent) {
  if (exponent == 2.0) return square(x);
  if (exponent == 1.0) return x;
  return power(x, scalar(exponent, as_float(x).dtype()));
}
Tensor clip(const Tensor& x, double low, double high) { return minimum(maximum(x, low), high); }
Tensor maximum(const Tensor& a, const Tensor& b) { return binary(Function::max, a, b); }
Tensor maximum(const Tensor& a, double b) { return maximum(a, beside(b, a)); }
Tensor minimum(const Tensor& a, const Tensor& b) { return binary(Function::min, a, b); }
Tensor minimum(const Tensor& a, double b) { return minimum(a, beside(b, a)); }
Tensor equal(const Tensor& a, const Tensor& b) { return binary(Function::equal, a, b); }
Tensor equal(const Tensor& a, double b) { return compare(Function::equal, a, b); }
Tensor not_equal(const Tensor& a, const Tensor& b) { return logical_not(equal(a, b)); }
Tensor not_equal(const Tensor& a, double b) { return logical_not(equal(a, b)); }
Tensor less(const Tensor& a, const Tensor& b) { return binary(Function::less, a, b); }
Tensor less(const Tensor& a, double b) { return compare(Function::less, a, b); }
Tensor less_equal(const Tensor& a, const Tensor& b) { return binary(Function::less_equal, a, b); }
Tensor less_equal(const Tensor& a, double b) { return compare(Function::less_equal, a, b); }
Tensor greater(const Tensor& a, const Tensor& b) { return less(b, a); }
Tensor greater(const Tensor& a, double b) { return compare(Function::less, b, a); }
Tensor greater_equal(const Tensor& a, const Tensor& b) { return less_equal(b, a); }
Tensor greater_equal(const Tensor& a, double b) { return compare(Function::less_equal, b, a); }
Tensor logical_and(const Tensor& a, const Tensor& b) { return binary(Function::logical_and, a, b); }
Tensor logical_or(const Tensor& a, const Tensor& b) { return binary(Function::logical_or, a, b); }
Tensor where(const Tensor& condition, const Tensor& a, const Tensor& b) {
  const auto [x, y] = meet(a, b);
  return make_op<Elementwise>({cast_to(condition, boolean), x, y}, Function::where);
}
Tensor where(const Tensor& condition, const Tensor& a, double b) { return where(condition, a, beside(b, a)); }
Tensor where(const Tensor& condition, double a, const Tensor& b) { return where(condition, beside(a, b), b); }
Tensor where(const Tensor& condition, double a, double b) {
  const Tensor x = scalar(a, float32), y = scalar(b, float32);
  return where(condition, x, y);
}

// ---- linear algebra and along an axis
// -------------------------------------------------------------------------------------

Tensor matmul(const Tensor& a, const Tensor& b) {
  check_shape(a.shape().rank() >= 2 && b.shape().rank() >= 2, "matmul: expected at least two axes, got ", a.shape(),
              " and ", b.shape());
  const Tensor left = as_float(a), right = as_float(b);
  const auto [x, y] = meet(left, right);
  if (y.shape().rank() != 2 || x.shape().rank() == 2) return make_op<MatMul>({x, y});
  // A stack of matrices by one matrix is one product of all its rows.
  const std::int64_t k = x.shape().back();
  const Shape leading = x.shape().until(-1);
  const Tensor rows = reshape(x, Shape({unknown, k}));
  return reshape(make_op<MatMul>({rows, y}), leading + Shape({y.shape().back()}));
}

Tensor softmax(const Tensor& x, OneAxisOptions options) {
  return make_op<Softmax>(as_float(x), normalize_axis(options.axis, x.shape().rank(), "softmax"));
}

Tensor log_softmax(const Tensor& x, OneAxisOptions options) {
  const Tensor shifted = as_float(x) - stop_gradient(max(as_float(x), {.axis = options.axis, .keepdims = true}));
  return shifted - log(sum(exp(shifted), {.axis = options.axis, .keepdims = true}));
}

Tensor logsumexp(const Tensor& x, AxisOptions options) {
  const Tensor numbers = as_float(x);
  const Tensor largest = stop_gradient(max(numbers, {.axis = options.axis, .keepdims = true}));
  const Tensor top = where(isfinite(largest), largest, 0.0);  // infinity less itself would be NaN
  const Tensor kept = log(sum(exp(numbers - top), {.axis = options.axis, .keepdims = true})) + top;
  return options.keepdims ? kept : sum(kept, options);  // the sum of one element: drops the axes
}

Tensor normalize(const Tensor& x, OneAxisOptions options) {
  const Tensor squares = sum(square(as_float(x)), {.axis = options.axis, .keepdims = true});
  return as_float(x) / sqrt(maximum(squares, 1e-24));
}

// ---- shapes
// ---------------------------------------------------------------------------------------------------------------

Tensor reshape(const Tensor& x, const Shape& shape) {
  const Shape resolved = resolve_reshape(x.shape(), shape);
  return resolved == x.shape() ? x : make_op<Reshape>(x, resolved);
}

Tensor transpose(const Tensor& x, std::vector<int> axes) {
  const int rank = x.shape().rank();
  if (axes.empty())
    for (int axis = rank - 1; axis >= 0; --axis) axes.push_back(axis);
  for (int& axis : axes) axis = normalize_axis(axis, rank, "transpose");
  std::vector<int> sorted = axes, identity(axes.size());
  std::sort(sorted.begin(), sorted.end());
  std::iota(identity.begin(), identity.end(), 0);
  check_shape(sorted == identity && static_cast<int>(axes.size()) == rank, "transpose: expected each of ", rank,
              " axes once, got ", join(axes, ", "));
  return axes == identity ? x : make_op<Transpose>(x, std::move(axes));
}

Tensor expand_dims(const Tensor& x, int axis) {
  const int at = normalize_axis(axis, x.shape().rank() + 1, "expand_dims");
  return reshape(x, x.shape().until(at) + Shape({1}) + x.shape().from(at));
}

Tensor squeeze(const Tensor& x, int axis) {
  const int at = normalize_axis(axis, x.shape().rank(), "squeeze");
  check_shape(x.shape()[at] == 1, "squeeze: expected extent 1 along axis ", axis, ", got ", x.shape());
  return reshape(x, x.shape().until(at) + x.shape().from(at + 1));
}

Tensor broadcast_to(const Tensor& x, const Shape& shape) { return keratin::broadcast_to(x, shape); }

// ---- making and converting
// ------------------------------------------------------------------------------------------------

Tensor cast(const Tensor& x, DType dtype) { return cast_to(x, dtype); }

Tensor one_hot(const Tensor& x, Count classes, DType dtype) {
  check_argument(classes >= 0, "one_hot: expected 0 classes or more, got ", classes);
  // As Keras, 1.5 is class 1.
  const Tensor indices = cast_to(x, is_floating(x.dtype()) ? int64 : promote(int32, x.dtype()));
  const Tensor wide = expand_dims(indices, -1), all = arange(classes, indices.dtype());
  return cast_to(equal(wide, all), dtype);
}

Tensor arange(Count stop, DType dtype) {
  check_argument(stop >= 0, "arange: expected to stop at 0 or more, got ", stop);
  std::vector<std::int64_t> values(static_cast<std::size_t>(static_cast<std::int64_t>(stop)));
  std::iota(values.begin(), values.end(), 0);
  return Tensor(Array(std::move(values), Shape({stop})).astype(dtype));
}

Tensor full(const Shape& shape, double value, DType dtype) {
  return keratin::broadcast_to(scalar(value, dtype), shape);
}
Tensor zeros(const Shape& shape, DType dtype) { return full(shape, 0.0, dtype); }
Tensor ones(const Shape& shape, DType dtype) { return full(shape, 1.0, dtype); }
Tensor zeros_like(const Tensor& x) { return zeros(x.shape(), x.dtype()); }
Tensor ones_like(const Tensor& x) { return ones(x.shape(), x.dtype()); }

}  // namespace ops
}  // namespace keratin
