// What ops and gradient rules are written with beside the public functions of keratin/ops.h.
#pragma once

#include "graph/trace.h"
#include "keratin/ops.h"

namespace KERATIN_INTERNAL_EXPORT keratin {

/// A scalar constant of that dtype.
Tensor scalar(double value, DType dtype);
/// x in that dtype; x itself if it has it.
Tensor cast_to(const Tensor& x, DType dtype);
/// 16-bit numbers in float32; any others as they are.
Tensor at_least_float32(const Tensor& x);
/// x repeated to the shape; x itself if it has it.
Tensor broadcast_to(const Tensor& x, const Shape& shape);
/// The gradient of a broadcast: x summed over the axes that were repeated to get from `shape` to x's shape.
Tensor sum_to(const Tensor& x, const Shape& shape);
/// How many elements a shape has, as a scalar of that dtype; knows multiples of the batch.
Tensor element_count(const Shape& shape, DType dtype);
/// Both in the dtype where they meet.
std::pair<Tensor, Tensor> meet(const Tensor& a, const Tensor& b);

}  // namespace keratin
