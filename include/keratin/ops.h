// Functions of tensors for authors of layers, losses, metrics and optimizers: keras.ops's words. None of them runs
// anything; they say what a step or a model computes. Shapes broadcast as NumPy's; numbers beside tensors are what they
// are in tensor.h's arithmetic.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "keratin/export.h"
#include "keratin/tensor.h"
#include "keratin/types.h"

namespace KERATIN_EXPORT keratin {
namespace ops {

// ---- reductions: over {.axis = …}, all axes if none is given --------------------------------------------------------
struct AxisOptions {
  Axes axis = {};
  bool keepdims = false;
};
struct OneAxisOptions {
  int axis = -1;
};
Tensor sum(const Tensor& x, AxisOptions options = {});
Tensor mean(const Tensor& x, AxisOptions options = {});  // of integers: float32
Tensor max(const Tensor& x, AxisOptions options = {});
Tensor min(const Tensor& x, AxisOptions options = {});
Tensor prod(const Tensor& x, AxisOptions options = {});
Tensor var(const Tensor& x, AxisOptions options = {});  // the population's: divided by n
Tensor std(const Tensor& x, AxisOptions options = {});
Tensor argmax(const Tensor& x, OneAxisOptions options = {});  // int32; the first of equals

// ---- elementwise, one argument --------------------------------------------------------------------------------------
Tensor abs(const Tensor& x);
Tensor sign(const Tensor& x);
Tensor square(const Tensor& x);
Tensor sqrt(const Tensor& x);
Tensor rsqrt(const Tensor& x);
Tensor exp(const Tensor& x);
Tensor expm1(const Tensor& x);
Tensor log(const Tensor& x);
Tensor log1p(const Tensor& x);
Tensor sin(const Tensor& x);
Tensor cos(const Tensor& x);
Tensor tanh(const Tensor& x);
Tensor erf(const Tensor& x);
Tensor sigmoid(const Tensor& x);
Tensor relu(const Tensor& x);
Tensor floor(const Tensor& x);
Tensor ceil(const Tensor& x);
Tensor round(const Tensor& x);     // halves to even
Tensor softplus(const Tensor& x);  // log(1 + e^x), without overflow
Tensor isfinite(const Tensor& x);
Tensor logical_not(const Tensor& x);
Tensor stop_gradient(const Tensor& x);

// ---- elementwise, several arguments ---------------------------------------------------------------------------------
Tensor power(const Tensor& x, double exponent);
Tensor power(const Tensor& x, const Tensor& exponent);
Tensor clip(const Tensor& x, double low, double high);
Tensor maximum(const Tensor& a, const Tensor& b);
Tensor maximum(const Tensor& a, double b);
Tensor minimum(const Tensor& a, const Tensor& b);
Tensor minimum(const Tensor& a, double b);
Tensor equal(const Tensor& a, const Tensor& b);
Tensor equal(const Tensor& a, double b);
Tensor not_equal(const Tensor& a, const Tensor& b);
Tensor not_equal(const Tensor& a, double b);
Tensor less(const Tensor& a, const Tensor& b);
Tensor less(const Tensor& a, double b);
Tensor less_equal(const Tensor& a, const Tensor& b);
Tensor less_equal(const Tensor& a, double b);
Tensor greater(const Tensor& a, const Tensor& b);
Tensor greater(const Tensor& a, double b);
Tensor greater_equal(const Tensor& a, const Tensor& b);
Tensor greater_equal(const Tensor& a, double b);
Tensor logical_and(const Tensor& a, const Tensor& b);
Tensor logical_or(const Tensor& a, const Tensor& b);
Tensor where(const Tensor& condition, const Tensor& a, const Tensor& b);
Tensor where(const Tensor& condition, const Tensor& a, double b);
Tensor where(const Tensor& condition, double a, const Tensor& b);
Tensor where(const Tensor& condition, double a, double b);  // float32

// ---- linear algebra and along an axis -------------------------------------------------------------------------------
/// (…, m, k) · (…, k, n) → (…, m, n). Leading axes agree, or b has rank 2.
Tensor matmul(const Tensor& a, const Tensor& b);
Tensor softmax(const Tensor& x, OneAxisOptions options = {});
Tensor log_softmax(const Tensor& x, OneAxisOptions options = {});
/// log Σ e^x, without overflow.
Tensor logsumexp(const Tensor& x, AxisOptions options = {});
/// x divided by its L2 norm along the axis (at least 1e-12, Keras's epsilon squared-root).
Tensor normalize(const Tensor& x, OneAxisOptions options = {});

// ---- images: (batch, height, width, channels) -----------------------------------------------------------------------
struct ConvOptions {
  Size2D strides = 1;
  std::string padding = "valid";  // or "same": zeros around, as many as ⌈extent / stride⌉ positions take
  Size2D dilation_rate = 1;
};
/// Cross-correlation with a kernel (height, width, channels / groups, filters) → (batch, rows, columns, filters); rows
/// are ⌈height / stride⌉ for "same", ⌊(height − reach) / stride⌋ + 1 for "valid", reach = (kernel − 1) · dilation + 1.
/// Fewer channels of the kernel make groups, each of which sees its share of the channels and makes its share of the
/// filters. Throws ShapeError for other ranks, other than floating-point numbers, channels or filters that do not
/// divide into groups, and images smaller than the reach; ValueError for strides and dilations below 1 and
/// other paddings.
Tensor conv(const Tensor& x, const Tensor& kernel, ConvOptions options = {});
/// Every channel by itself: kernel (height, width, channels, multiplier) → (batch, rows, columns, channels ·
/// multiplier). Throws as conv.
Tensor depthwise_conv(const Tensor& x, const Tensor& kernel, ConvOptions options = {});
struct PoolOptions {
  std::optional<Size2D> strides = std::nullopt;  // none: pool_size
  std::string padding = "valid";                 // or "same"; padding is never the largest, and not counted in a mean
};
/// Of each channel the largest, or the mean, under a window: (batch, height, width, channels) → (batch, rows, columns,
/// channels), rows and columns as conv's. Throws ShapeError for other ranks, other than floating-point numbers and
/// images smaller than the window; ValueError for sizes and strides below 1 and other paddings.
Tensor max_pool(const Tensor& x, Size2D pool_size, PoolOptions options = {});
Tensor average_pool(const Tensor& x, Size2D pool_size, PoolOptions options = {});

// ---- shapes ---------------------------------------------------------------------------------------------------------
/// The same elements in the same order. One extent may be -1: the rest. The batch's extent, as x.shape()[0] gives it,
/// may be handed on. Throws ShapeError unless there are as many elements.
Tensor reshape(const Tensor& x, const Shape& shape);
Tensor transpose(const Tensor& x, std::vector<int> axes = {});  // none: all axes reversed
Tensor expand_dims(const Tensor& x, int axis);
/// Without the axis. Throws ShapeError unless its extent is 1.
Tensor squeeze(const Tensor& x, int axis);
/// Axes that x lacks come first; extents of 1 are repeated. Throws ShapeError for extents that differ otherwise.
Tensor broadcast_to(const Tensor& x, const Shape& shape);

// ---- taking apart and putting together: Tensor::at too --------------------------------------------------------------
struct FirstAxisOptions {
  int axis = 0;  // Keras's default for stack and split
};
struct TakeOptions {
  std::optional<int> axis = std::nullopt;  // none: of the flattened tensor
};
/// One after another along the axis, in the dtype that all promote to. Throws ShapeError where other extents differ,
/// ValueError for no tensor.
Tensor concatenate(const Tensors& xs, OneAxisOptions options = {});
Tensor stack(const Tensors& xs, FirstAxisOptions options = {});              // along a new axis
Tensors split(const Tensor& x, Count parts, FirstAxisOptions options = {});  // equal ones
/// x's elements at the indices along the axis: (…, extent, …) and indices (i, j) → (…, i, j, …). Negative indices count
/// from the end, one outside gives NaN (0 of integers). Throws ValueError for indices of no integer dtype.
Tensor take(const Tensor& x, const Tensor& indices, TakeOptions options = {});

// ---- making and converting ------------------------------------------------------------------------------------------
Tensor cast(const Tensor& x, DType dtype);
/// (…) → (…, classes): 1 at the index, else 0. Fractions truncate; an index outside [0, classes) gives zeros. Throws
/// ValueError for classes below 0.
Tensor one_hot(const Tensor& x, Count classes, DType dtype = float32);
Tensor arange(Count stop, DType dtype = int32);
Tensor zeros(const Shape& shape, DType dtype = float32);
Tensor ones(const Shape& shape, DType dtype = float32);
Tensor full(const Shape& shape, double value, DType dtype = float32);
Tensor zeros_like(const Tensor& x);
Tensor ones_like(const Tensor& x);

}  // namespace ops
}  // namespace keratin
