// Functions that take tensors apart and put them together: Tensor::at, concatenate, stack, split, take.
#include <numeric>

#include "base/check.h"
#include "base/steps.h"
#include "keratin/array.h"
#include "ops/concat.h"
#include "ops/functions.h"
#include "ops/gather.h"
#include "ops/slice.h"

namespace keratin {
namespace {

/// A part of a tensor, whole along every axis until narrowed.
class Part {
 public:
  explicit Part(const Shape& whole)
      : starts_(static_cast<std::size_t>(whole.rank()), 0),
        extents_(whole.begin(), whole.end()),
        steps_(starts_.size(), 1) {}
  void narrow(int axis, std::int64_t start, std::int64_t extent, std::int64_t step = 1) {
    const auto i = static_cast<std::size_t>(axis);
    starts_[i] = start;
    extents_[i] = extent;
    steps_[i] = extent > 1 ? step : 1;
  }
  Tensor of(const Tensor& x) const {
    const Shape extents(extents_);
    return extents == x.shape() ? x : make_op<StridedSlice>(x, starts_, extents, steps_);
  }

 private:
  std::vector<std::int64_t> starts_;
  std::vector<std::int64_t> extents_;
  std::vector<std::int64_t> steps_;
};

std::int64_t position_in(const Shape& shape, int axis, std::int64_t position) {
  const std::int64_t extent = shape[axis];
  if (extent < 0) {
    check_shape(position == 0, "at: expected position 0 or a whole batch along axis ", axis, " of ", shape,
                ", got position ", position);
    return 0;
  }
  check_shape(-extent <= position && position < extent, "at: expected a position in [", -extent, ", ", extent,
              ") along axis ", axis, " of ", shape, ", got ", position);
  return position < 0 ? position + extent : position;
}

/// The elements first, first + step, …: of a step below 0.
Tensor backwards(const Tensor& x, int axis, const Steps& steps, std::int64_t step) {
  std::vector<std::int64_t> positions;
  for (std::int64_t i = 0; i < steps.count; ++i) positions.push_back(steps.first + i * step);
  const Shape count({positions.size()});
  return make_op<Gather>({x, Tensor(Array(std::move(positions), count))}, axis);
}

bool takes_all(const Slice& slice) { return slice.start.value_or(0) == 0 && !slice.stop && slice.step == 1; }

Tensors promoted(const Tensors& xs, const char* who) {
  check_argument(!xs.empty(), who, ": expected at least one tensor, got none");
  DType dtype = xs[0].dtype();
  for (const Tensor& x : xs) dtype = promote(dtype, x.dtype());
  Tensors out;
  for (const Tensor& x : xs) out.push_back(cast_to(x, dtype));
  return out;
}

}  // namespace

Tensor Tensor::at(std::initializer_list<Index> indices) const {
  Tensor x = *this;
  const Shape whole = shape();
  Part part(whole);
  std::vector<std::int64_t> extents;  // of the result
  int axis = 0;
  for (const Index& index : indices) {
    if (index.kind() == Index::Kind::added) {
      extents.push_back(1);
      continue;
    }
    check_shape(axis < whole.rank(), "at: expected at most ", whole.rank(), " indices for the shape ", whole,
                ", got more");
    if (index.kind() == Index::Kind::position) {
      part.narrow(axis, position_in(whole, axis, index.position()), 1);
    } else if (takes_all(index.slice())) {
      extents.push_back(whole[axis]);
    } else {
      check_shape(whole[axis] >= 0, "at: expected position 0 or a whole batch along axis ", axis, " of ", whole,
                  ", got a part");
      const Steps steps = steps_of(index.slice(), whole[axis], "at");
      if (index.slice().step > 0) {
        part.narrow(axis, steps.first, steps.count, index.slice().step);
      } else {
        x = backwards(x, axis, steps, index.slice().step);
        part.narrow(axis, 0, steps.count);
      }
      extents.push_back(steps.count);
    }
    ++axis;
  }
  for (; axis < whole.rank(); ++axis) extents.push_back(whole[axis]);
  const Tensor taken = part.of(x);
  return ops::reshape(taken, Shape(std::move(extents)));
}

namespace ops {

Tensor concatenate(const Tensors& xs, OneAxisOptions options) {
  const Tensors same = promoted(xs, "concatenate");
  const int axis = normalize_axis(options.axis, same[0].shape().rank(), "concatenate");
  return same.size() == 1 ? same[0] : make_op<Concat>(same, axis);
}

Tensor stack(const Tensors& xs, FirstAxisOptions options) {
  Tensors wide;
  for (const Tensor& x : promoted(xs, "stack")) {
    check_shape(x.shape() == xs[0].shape(), "stack: expected tensors of one shape, got ", xs[0].shape(), " and ",
                x.shape());
    wide.push_back(expand_dims(x, options.axis));
  }
  return concatenate(wide, {.axis = options.axis});
}

Tensors split(const Tensor& x, Count parts, FirstAxisOptions options) {
  const int axis = normalize_axis(options.axis, x.shape().rank(), "split");
  const std::int64_t extent = x.shape()[axis], count = parts;
  check_argument(count > 0, "split: expected at least one part, got ", count);
  check_shape(extent % count == 0, "split: expected an extent along axis ", options.axis, " that ", count,
              " divides, got ", x.shape());
  Tensors out;
  for (std::int64_t i = 0; i < count; ++i) {
    Part part(x.shape());
    part.narrow(axis, i * (extent / count), extent / count);
    out.push_back(part.of(x));
  }
  return out;
}

Tensor take(const Tensor& x, const Tensor& indices, TakeOptions options) {
  const Tensor from = options.axis ? x : reshape(x, {unknown});
  const int axis = normalize_axis(options.axis.value_or(0), from.shape().rank(), "take");
  const DType dtype = indices.dtype();
  check_argument(!is_floating(dtype) && dtype != boolean, "take: expected indices of an integer dtype, got ", dtype);
  return make_op<Gather>({from, cast_to(indices, dtype == int64 ? int64 : int32)}, axis);
}

}  // namespace ops
}  // namespace keratin
