// Slice, Pad and Concat: copies of boxes.
#include "ops/slice.h"

#include "base/check.h"
#include "base/strided_copy.h"
#include "cpu/kernels/kernels.h"
#include "keratin/array.h"
#include "ops/concat.h"
#include "ops/pad.h"

namespace keratin::cpu {
namespace {

/// Multiples of the batch as numbers; `symbolic` is what became `bound`.
std::vector<std::int64_t> bind_offsets(std::vector<std::int64_t> offsets, const Shape& symbolic, const Shape& bound) {
  for (std::size_t i = 0; i < offsets.size(); ++i) {
    if (offsets[i] >= 0) continue;
    KERATIN_ASSERT(symbolic.extents()[i] < 0);
    offsets[i] = -offsets[i] * (bound.extents()[i] / -symbolic.extents()[i]);
  }
  return offsets;
}

/// A box in a row-major tensor: the bytes before its corner, and its elements' strides.
struct BoxIn {
  Strides strides;
  std::size_t offset = 0;

  BoxIn(const Spec& whole, const std::vector<std::int64_t>& corner) : strides(row_major_strides(whole.shape)) {
    std::int64_t elements = 0;
    for (std::size_t i = 0; i < corner.size(); ++i) elements += corner[i] * strides[i];
    offset = static_cast<std::size_t>(elements) * size_in_bytes(whole.dtype);
  }
};

/// Numbers are copied as they are, a boolean's byte whatever it is.
StridedCopy copy_of(const Shape& box, DType dtype, const BoxIn& to, const BoxIn& from) {
  const DType stored = dtype == boolean ? uint8 : dtype;
  return {box, {stored, to.strides}, {stored, from.strides}};
}

}  // namespace

KernelPlan plan_slice(const KernelRequest& request) {
  const auto& op = static_cast<const StridedSlice&>(request.op);
  const Spec &whole = request.inputs[0], &made = request.outputs[0];
  BoxIn from(whole, bind_offsets(op.starts(), op.extents(), made.shape));
  for (std::size_t i = 0; i < from.strides.size(); ++i) from.strides[i] *= op.steps()[i];
  const StridedCopy copy = copy_of(made.shape, made.dtype, BoxIn(made, {}), from);
  return make_kernel([copy, offset = from.offset](const KernelArguments& arguments) {
    copy.run(arguments.outputs[0], arguments.input<std::byte>(0) + offset);
  });
}

KernelPlan plan_pad(const KernelRequest& request) {
  const auto& op = static_cast<const Pad&>(request.op);
  const Spec &box = request.inputs[0], &made = request.outputs[0];
  const BoxIn to(made, bind_offsets(op.before(), op.to(), made.shape));
  const StridedCopy copy = copy_of(box.shape, made.dtype, to, BoxIn(box, {}));
  const StridedCopy fill(made.shape, {made.dtype, to.strides}, {made.dtype, Strides(to.strides.size(), 0)});
  const Array value = Array::full({}, op.value(), made.dtype);
  const bool covered = box.shape == made.shape;
  return make_kernel([copy, offset = to.offset, fill, value, covered](const KernelArguments& arguments) {
    if (!covered) fill.run(arguments.outputs[0], value.bytes().data());
    copy.run(arguments.output<std::byte>(0) + offset, arguments.inputs[0]);
  });
}

KernelPlan plan_concat(const KernelRequest& request) {
  const Spec& made = request.outputs[0];
  const auto axis = static_cast<std::size_t>(static_cast<const Concat&>(request.op).axis());
  struct Part {
    StridedCopy copy;
    std::size_t offset;
  };
  std::vector<Part> parts;
  std::vector<std::int64_t> corner(static_cast<std::size_t>(made.shape.rank()), 0);
  for (const Spec& from : request.inputs) {
    const BoxIn to(made, corner);
    parts.push_back({copy_of(from.shape, made.dtype, to, BoxIn(from, {})), to.offset});
    corner[axis] += from.shape.extents()[axis];
  }
  return make_kernel([parts](const KernelArguments& arguments) {
    for (std::size_t i = 0; i < parts.size(); ++i)
      parts[i].copy.run(arguments.output<std::byte>(0) + parts[i].offset, arguments.inputs[i]);
  });
}

}  // namespace keratin::cpu
